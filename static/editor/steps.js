// What the steps of an edit are called, and where they are kept, so that undo goes on after a reload.

import { History } from '../common/history.js';
import { KeptOfPhotos } from '../common/storage.js';
import { isTouched, newLayer } from './document.js';

const MOST_STEPS = 100; // kept of a photo
const kept = new KeptOfPhotos('envo:steps', 8);

/** Keeps the steps of photos. @param {[string, History][]} histories by id of the photo, the latest last */
export function keepSteps(histories) {
  kept.keep(histories.map(([photo, history]) => [photo, history.kept(MOST_STEPS)]));
}

/**
 * The steps that were kept of a photo.
 * @param {string} photo id
 * @param {object} document the edit as it is now
 * @returns {?History} null: there are none, or somebody else has changed the edit since
 */
export function keptSteps(photo, document) {
  const steps = kept.get(photo);
  return steps && isSame(steps.present, document) ? History.of(steps) : null;
}

function isSame(a, b) {
  if (typeof a !== 'object' || !a || !b) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name], b[name]));
}

/**
 * What was done from one state of the document to the next, in few words.
 * @param {(id: string) => string} nameOf a layer
 * @param {Object<string, import('../common/slider.js').Adjustment>} adjustments by id
 */
export function stepName(before, after, nameOf, adjustments) {
  if (!after.layers.some(isTouched)) return 'Reverted to original';
  const ids = [...new Set([...before.layers, ...after.layers].map(({ id }) => id))];
  const changed = ids.map((id) => [id, changes(find(before, id), find(after, id), adjustments)]).filter(([, what]) => what.length);
  const [[id, what] = ['image', []]] = changed;
  const said = what.length > 2 ? `${what.length} changes` : what.join(', ');
  return changed.length > 1 ? `${changed.length} layers changed` : id === 'image' ? said : `${nameOf(id)}: ${lower(said)}`;
}

function find({ layers }, id) {
  return layers.find((layer) => layer.id === id) ?? newLayer(id);
}

function changes(before, after, adjustments) {
  const ids = [...new Set([...Object.keys(before.adjustments), ...Object.keys(after.adjustments)])];
  const moved = ids.filter((id) => before.adjustments[id] !== after.adjustments[id]);
  return [
    ...moved.map((id) => (id in after.adjustments ? `${adjustments[id].label} ${signed(after.adjustments[id], adjustments[id])}` : `${adjustments[id].label} reset`)),
    ...(before.visible === after.visible ? [] : [after.visible ? 'Shown' : 'Hidden']),
    ...(before.opacity === after.opacity ? [] : [`Opacity ${Math.round(after.opacity * 100)}%`]),
    ...(Boolean(before.mask?.invert) === Boolean(after.mask?.invert) ? [] : ['Mask inverted']),
    ...((before.mask?.feather ?? 0) === (after.mask?.feather ?? 0) ? [] : [`Feather ${Math.round(after.mask.feather)}%`]),
  ];
}

function signed(value, { digits, minimum }) {
  return `${value > 0 && minimum < 0 ? '+' : ''}${value.toFixed(digits)}`.replace('-', '−');
}

function lower(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Whether an edit changes nothing. */
export function isOriginal(document) {
  return !document.layers.some(isTouched);
}
