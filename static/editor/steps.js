// What the steps of an edit are called, and where they are kept, so that undo goes on after a reload.

import { History } from '../common/history.js';
import { isSame } from '../common/same.js';
import { KeptOfPhotos } from '../common/storage.js';
import { isFramed } from '../webgl/geometry.js';
import { isCorrected } from '../webgl/lens.js';
import { followedBy } from './bindings.js';
import { isIn } from './copied.js';
import { isMade, isOriginal, newLayer, upgraded } from './document.js';
import { HOWS, SLIDERS, namesOf } from './masktools/parts.js';
import { isOn } from './presets.js';

const PARTS = ['hue', 'saturation', 'lightness']; // of a band of the mixer
const TINTS = ['hue', 'strength']; // of a wheel of grading
const CURVES = { rgb: 'Curve', red: 'Red curve', green: 'Green curve', blue: 'Blue curve' };

const CHOSEN = { highlights: 'RAW highlights', demosaic: 'Demosaicing', noise: 'Colour noise' };
const DONE = { add: 'added', subtract: 'subtracted', intersect: 'intersected' };

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
  if (!steps) return null;
  const { past, present, future } = steps;
  const upgrade = (step) => ({ ...step, state: upgraded(step.state) });
  const now = { past: past.map(upgrade), present: upgraded(present), future: future.map(upgrade) };
  return isSame(now.present, document) ? History.of(now) : null;
}

/**
 * What was done from one state of the document to the next, in few words.
 * @param {(id: string, layer?: object) => string} nameOf a layer, which may be there no more, or a matte by its key
 * @param {object} schema see envo/adjustments.py
 * @param {object[]} presets see envo/presets.py
 * @param {import('./ownpresets.js').OwnPreset[]} own the visitor's presets
 */
export function stepName(before, after, nameOf, schema, presets, own) {
  if (isOriginal(after)) return 'Reverted to original';
  const framed = geometryStep(before.geometry, after.geometry);
  const corrected = lensStep(before.lens, after.lens);
  const viewed = before.view === after.view ? null : `View: ${schema.views[after.view]}`;
  if (!isSame(before.development, after.development)) return developedAs(before.development, after.development, schema);
  const ids = [...new Set([...before.layers, ...after.layers].map(({ id }) => id))];
  const changed = ids.map((id) => [id, pressed(find(before, id), find(after, id), presets) ?? changes(find(before, id), find(after, id), schema, nameOf)]).filter(([, what]) => what.length);
  const moves = [...[framed, corrected, viewed].filter(Boolean), ...changed.flatMap(([, what]) => what)];
  // What is one move may be a preset's by chance.
  const put = moves.length > 1 && own.find(({ copy }) => isIn(copy, after, schema) && !isIn(copy, before, schema));
  if (put || framed || corrected || viewed) return put ? `Preset ${put.name}` : framed ?? corrected ?? viewed;
  const made = [before, after].map(({ layers }) => layers.filter(({ id }) => isMade(id)));
  const [gone, come] = [made, made.toReversed()].map(([some, others]) => some.find(({ id }) => !others.some((each) => each.id === id)));
  if (come) return followedBy(come.mask) && !come.name ? `Follow: ${nameOf(come.id, come)}` : `New layer ${come.name}`;
  if (gone) return `${gone.name || nameOf(gone.id, gone)} ${before.layers.length > after.layers.length ? 'deleted' : 'no longer followed'}`;
  if (String(made[0].map(({ id }) => id)) !== String(made[1].map(({ id }) => id))) return 'Layers reordered';
  const [[id, what] = ['image', []]] = changed;
  const said = what.length > 2 ? `${what.length} changes` : what.join(', ');
  const name = find(after, id).name || nameOf(id);
  return changed.length > 1 ? `${changed.length} layers changed` : id === 'image' ? said : `${name}: ${lower(said)}`;
}

/** What was chosen of how a RAW is developed. */
function developedAs(before, after, { development: { default: rest, ...choices } }) {
  if (isSame(after, rest)) return 'RAW reset';
  const [name] = Object.keys(choices).filter((each) => before[each] !== after[each]);
  return `${CHOSEN[name]}: ${choices[name][after[name]]}`;
}

/** What became of what is taken back of the lens; null: nothing. */
function lensStep(before, after) {
  const is = (name) => before[name] !== after[name];
  if (is('maker') || is('model')) return after.model ? `Lens: ${after.model}` : 'Lens as the photo tells';
  if (is('on')) return isCorrected(after) ? 'Lens corrections' : 'Lens corrections off';
  if (is('distortion')) return 'Distortion';
  if (is('vignetting')) return 'Vignetting';
  return is('colour') ? 'Lateral colour' : null;
}

/** What became of the geometry; null: nothing. */
function geometryStep(before, after) {
  const is = (name) => String(before[name]) !== String(after[name]);
  if (!isFramed(after) && isFramed(before)) return 'Crop reset';
  if (is('turns') && !is('flip')) return 'Turned';
  if (is('flip')) return 'Flipped';
  if (is('vertical') || is('horizontal')) return 'Perspective';
  if (is('angle')) return after.angle ? `Straightened ${after.angle > 0 ? '+' : '−'}${Math.abs(after.angle).toFixed(1)}°` : 'Straightening reset';
  if (is('crop')) return 'Cropped';
  return is('ratio') ? `Ratio ${after.ratio}` : null;
}

function find({ layers }, id) {
  return layers.find((layer) => layer.id === id) ?? newLayer(id);
}

/** The preset that was put on a layer, or taken back; null: neither. */
function pressed(before, after, presets) {
  const kind = before.id.replace(/-\d+$/, '');
  const mine = presets.filter((preset) => preset.kind === kind && isOn(preset, before) !== isOn(preset, after));
  const put = mine.find((preset) => isOn(preset, after));
  if (put) return [`Preset ${put.label}`];
  const taken = mine.find(({ adjustments }) => !Object.keys(adjustments).some((name) => name in after.adjustments));
  return taken ? [`Preset ${taken.label} taken back`] : null;
}

function changes(before, after, schema, nameOf) {
  return [
    ...moves(before.adjustments, after.adjustments, schema),
    ...Object.keys(CURVES).filter((name) => String(before.curves[name]) !== String(after.curves[name]))
      .map((name) => (name in after.curves ? CURVES[name] : `${CURVES[name]} reset`)),
    ...(before.lut?.id === after.lut?.id ? [] : [after.lut ? `LUT ${after.lut.name}` : 'LUT removed']),
    ...(before.visible === after.visible ? [] : [after.visible ? 'Shown' : 'Hidden']),
    ...(before.opacity === after.opacity ? [] : [`Opacity ${Math.round(after.opacity * 100)}%`]),
    ...(Boolean(before.mask?.invert) === Boolean(after.mask?.invert) ? [] : ['Mask inverted']),
    ...(before.name === after.name ? [] : [`Renamed from ${before.name}`]),
    ...maskMoves(before.mask, after.mask, nameOf),
  ];
}

/** What became of the parts of a mask: one that came or went, or what of one is another. */
function maskMoves(before, after, nameOf) {
  const [old, now] = [before, after].map((mask) => mask?.parts ?? []);
  const [was, is] = [old, now].map((parts) => parts.map((part) => JSON.stringify(part)));
  if (String(was) === String(is)) return [];
  const [oldNames, names] = [old, now].map((parts) => namesOf(parts, nameOf));
  if (now.length > old.length) return [`${names.at(-1)} ${DONE[now.at(-1).how]}`];
  if (now.length < old.length) return [`${oldNames[was.findIndex((part, at) => part !== is[at])]} removed`];
  const at = is.findIndex((part, index) => part !== was[index]);
  const what = partMove(old[at], now[at]);
  return [now.length > 1 ? `${names[at]} ${lower(what)}` : what];
}

function partMove(before, after) {
  const slider = Object.keys(SLIDERS).find((name) => before[name] !== after[name]);
  if (before.how !== after.how) return HOWS[after.how].label;
  if (before.invert !== after.invert) return 'Inverted';
  if (slider) return `${SLIDERS[slider].label} ${Math.round(after[slider])}%`;
  if (after.strokes && after.strokes.length > (before.strokes?.length ?? 0)) return after.strokes.at(-1).erase ? 'Erased' : 'Painted';
  if (before.low !== after.low || before.high !== after.high) return `Range ${Math.round(100 * after.low)} to ${Math.round(100 * after.high)}`;
  return String(before.colour) === String(after.colour) ? 'Shape changed' : 'Colour picked';
}

/** What became of adjustments, each wheel's tint in one. */
function moves(before, after, { adjustments, bands, wheels }) {
  const said = new Set();
  for (const adjustment of adjustments) {
    const { id, label } = adjustment;
    if (before[id] === after[id]) continue;
    const [name, part] = id.split('_');
    if (name in wheels && TINTS.includes(part)) said.add(`${wheels[name]} ${`${name}_strength` in after ? 'tinted' : 'no longer tinted'}`);
    else if (!(id in after)) said.add(`${label} reset`);
    else if (name in bands && PARTS.includes(part)) said.add(`${label.split(' ')[0]} ${signed(after[id], adjustment)} ${part}`);
    else said.add(`${label} ${signed(after[id], adjustment)}`);
  }
  return [...said];
}

function signed(value, { digits, minimum }) {
  return `${value > 0 && minimum < 0 ? '+' : ''}${value.toFixed(digits)}`.replace('-', '−');
}

function lower(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
