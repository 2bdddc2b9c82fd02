// What was selected in photos, kept while the window is open: undo goes on after a reload.

import { History } from '../common/history.js';
import { KeptOfPhotos } from '../common/storage.js';
import { Start } from './masks.js';

const STEPS = [40, 20, 10, 5, 1, 0]; // kept of a photo, fewer where they are large
const MOST_LETTERS = 600_000; // of one photo: browsers keep about five million in all
const kept = new KeptOfPhotos('envo:selections', 4);

/** @param {[string, History][]} histories by id of the photo, the latest last; states are selections, see `selection.js` */
export function keepSelections(histories) {
  const shortest = (history) => STEPS.reduce((text, most) => text ?? small(write(history.kept(most))), null);
  kept.keep(histories.map(([photo, history]) => [photo, shortest(history)]));
}

/** @param {string} photo id @returns {?{history: History, strokes: number}} strokes: the highest id of one */
export function keptSelection(photo) {
  const text = kept.get(photo);
  return text ? read(text) : null;
}

const small = (text) => (text.length <= MOST_LETTERS ? text : null);

/** Masks to go on from are written once, however many states have them. */
function write(history) {
  const starts = new Map();
  const states = JSON.stringify(history, (name, value) => {
    if (!(value instanceof Start)) return value;
    starts.set(value.id, { png: value.png, kind: value.kind });
    return { of: value.id };
  });
  return JSON.stringify({ states, starts: [...starts] });
}

function read(text) {
  const { states, starts } = JSON.parse(text);
  const made = new Map(starts.map(([id, { png, kind }]) => [id, Object.assign(new Start(png), kind && { kind })]));
  let strokes = 0;
  const history = JSON.parse(states, (name, value) => {
    if (name === 'start' && value) return made.get(value.of);
    if (name === 'strokes') strokes = Math.max(strokes, ...value.map(({ id }) => id));
    return value;
  });
  return { history: History.of(history), strokes };
}
