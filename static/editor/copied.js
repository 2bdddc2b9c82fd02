// Pure functions on copies of edits (see envo/copies.py) and the edit that they are put into. The server pastes them.

import { isSame } from '../common/same.js';
import { STRAIGHT } from '../webgl/geometry.js';
import { UNCORRECTED } from '../webgl/lens.js';
import { DEVELOPED, EMPTY, adjust, changeLayer, isMade, isOriginal, removeLayer, resetLayer } from './document.js';

const CURVES = ['rgb', 'red', 'green', 'blue'];
const TURNS = ['turns', 'flip'];
const SHAPE = ['angle', 'vertical', 'horizontal'];

/** Whether adjustments of the whole photo are as a copy sets them. */
function isAdjusted({ groups, sets, document: { layers: [{ adjustments: wanted }] } }, { adjustments }, schema) {
  const isSet = ({ id, group }) => groups.includes(group) && (sets?.includes(id) ?? true);
  return schema.adjustments.every((each) => wanted[each.id] === adjustments[each.id] || !isSet(each));
}

/** Which of its curves. @returns {string[]} */
const curvesOf = ({ groups, sets }) => CURVES.filter((name) => sets?.includes(name) ?? groups.includes('Light'));

/** Whether a copy sets all there is of a group. */
const isWhole = ({ groups, sets }, group) => !sets && groups.includes(group);

/** The layer of an edit that a masked layer of a copy became. */
function became(document, { id, mask }) {
  return document.layers.slice(1).find((each) => each.id === id && isSame(each.mask, mask)) ?? document.layers.slice(1).find((each) => isSame(each.mask, mask));
}

/** Whether an edit has all that a copy makes of it; one that makes nothing is in none. */
export function isIn(copy, document, schema) {
  const { document: made } = copy;
  if (isOriginal(made)) return false;
  const [[from, ...layers], [to]] = [made.layers, document.layers];
  const isLike = (each) => {
    const there = became(document, each);
    return there && ['adjustments', 'curves', 'lut', 'visible', 'opacity'].every((name) => isSame(there[name], each[name]));
  };
  return isAdjusted(copy, to, schema)
    && curvesOf(copy).every((name) => isSame(from.curves[name], to.curves[name]))
    && (!isWhole(copy, 'Light') || made.view === document.view)
    && (!isWhole(copy, 'Colour') || made.layers[0].lut?.id === to.lut?.id)
    && (!copy.geometry || SHAPE.every((name) => made.geometry[name] === document.geometry[name]) && !made.geometry.crop === !document.geometry.crop)
    && (!copy.turns || TURNS.every((name) => made.geometry[name] === document.geometry[name]))
    && (!copy.lens || isSame(made.lens, document.lens))
    && (!copy.development || isSame(made.development, document.development))
    && layers.every(isLike);
}

/** An edit without what a copy made of it: that is at its default again. */
export function without(copy, document, defaults) {
  const { document: made } = copy;
  const [from, ...layers] = made.layers;
  const back = Object.fromEntries(Object.keys(from.adjustments).map((name) => [name, defaults[name]]));
  const curves = Object.fromEntries(Object.entries(document.layers[0].curves).filter(([name]) => !(name in from.curves)));
  const shape = { ...(copy.geometry && { ...STRAIGHT, ...pick(document.geometry, TURNS) }), ...(copy.turns && pick(STRAIGHT, TURNS)) };
  const image = { curves, ...(from.lut && { lut: null }), ...(from.opacity < 1 && { opacity: 1 }), ...(from.visible ? {} : { visible: true }) };
  let left = changeLayer(adjust(document, 'image', back, defaults), 'image', image);
  left = { ...left, view: made.view === 'none' ? left.view : 'none', geometry: { ...document.geometry, ...shape }, ...(copy.lens && { lens: UNCORRECTED }), ...(copy.development && { development: DEVELOPED }) };
  for (const each of layers) {
    const there = became(left, each);
    if (there) left = isMade(there.id) ? removeLayer(left, there.id) : resetLayer(left, there.id);
  }
  return left;
}

/** The whole photo alone as a copy makes it, for a small picture: without layers, for their mattes are large. */
export function pictured({ document: { view, layers: [image] } }) {
  return { ...EMPTY, view, layers: [image] };
}

function pick(object, names) {
  return Object.fromEntries(names.map((name) => [name, object[name]]));
}
