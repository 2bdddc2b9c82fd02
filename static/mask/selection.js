// What is selected, as a value that is never changed, only replaced: undo is a step back to the value before.

/**
 * @typedef {object} Stroke of the brush or the eraser, in pixels of the masks
 * @property {number} id
 * @property {boolean} adds
 * @property {number} radius
 * @property {[number, number][]} points
 *
 * @typedef {object} Thing one of the objects that are selected. Its mask is what the engine answers to the clicks and
 *     the box, going on from `start`, and over it the strokes.
 * @property {number} id
 * @property {string} name
 * @property {?import('./masks.js').Start} start
 * @property {[number, number, boolean][]} clicks (x, y, whether it adds), in pixels of the photo
 * @property {?[number, number, number, number]} box left, top, right, bottom
 * @property {number} choice which of the candidates for the first gesture is meant
 * @property {Stroke[]} strokes
 *
 * @typedef {object} Selection
 * @property {Thing[]} things never empty
 * @property {number} active id of the one that gestures go to
 * @property {number} count of all that were ever made, for their names
 * @property {?string} picture id of the result that is selected in; null for the photo itself
 */

/** @param {?string} picture id of the result to select in @returns {Selection} */
export function nothing(picture = null) {
  return { things: [blank(1)], active: 1, count: 1, picture };
}

function blank(id) {
  return { id, name: `Object ${id}`, start: null, clicks: [], box: null, choice: 0, strokes: [] };
}

/** @returns {Thing} */
export function active(selection) {
  return selection.things.find(({ id }) => id === selection.active);
}

export function isBlank({ start, clicks, box, strokes }) {
  return !start && !box && clicks.length === 0 && strokes.length === 0;
}

/** Whether an engine has to answer for it. */
export function isAsked({ clicks, box }) {
  return clicks.length > 0 || box !== null;
}

/** Where the last gesture was that an engine answers; null if there was none. */
export function place({ clicks, box }) {
  if (clicks.length) return clicks.at(-1).slice(0, 2);
  return box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}

/** What is not blank. */
export function filled(selection) {
  return selection.things.filter((thing) => !isBlank(thing));
}

/** @param {object} values properties of the active object that become others */
export function change(selection, values) {
  return { ...selection, things: selection.things.map((thing) => (thing.id === selection.active ? { ...thing, ...values } : thing)) };
}

/** Adds an object and makes it the active one; a blank one takes it up. */
export function add(selection, values = {}) {
  if (isBlank(active(selection))) return change(selection, values);
  const id = selection.count + 1;
  return { ...selection, things: [...selection.things, { ...blank(id), ...values }], active: id, count: id };
}

/** Takes an object away; the last one leaves a blank one. */
export function remove(selection, id) {
  const at = selection.things.findIndex((thing) => thing.id === id);
  const things = selection.things.filter((thing) => thing.id !== id);
  if (things.length === 0) return nothing(selection.picture);
  const next = id === selection.active ? things[Math.min(at, things.length - 1)].id : selection.active;
  return { ...selection, things, active: next };
}

export function choose(selection, id) {
  return { ...selection, active: id };
}

/** Makes a mask all that an object is. */
export function bake(selection, start) {
  return change(selection, { start, clicks: [], box: null, choice: 0, strokes: [] });
}
