// Pure functions on edit documents (see envo/edits.py). A document is never changed, only replaced.

import { isSame } from '../common/same.js';
import { STRAIGHT, isFramed } from '../webgl/geometry.js';
import { UNCORRECTED, isCorrected } from '../webgl/lens.js';

/** @returns a layer as it is before anybody touches it; `image` is the whole photo, every other id a kind of matte */
export function newLayer(id) {
  const mask = id === 'image' ? null : { parts: [mattePart(id)], invert: false };
  return { id, name: '', mask, visible: true, opacity: 1, process: 2, adjustments: {}, curves: {}, lut: null };
}

// What the ids of layers begin with that the visitor made; the id of any other masked layer is the kind of its matte.
const MADE = 'layer-';

/** Whether a layer is of the visitor's own making: it is kept even where it changes nothing. */
export const isMade = (id) => id.startsWith(MADE);

/** @returns a layer of the visitor's own @param {string} name @param {object} part the first of its mask */
export function madeLayer(name, part) {
  const bytes = [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, '0'));
  return { ...newLayer('image'), id: `${MADE}${bytes.join('')}`, name, mask: { parts: [part], invert: false } };
}

/** The document with a layer more, above another one; above all where that is none of the visitor's own. */
export function addLayer(document, made, below = null) {
  const at = below && isMade(below) ? document.layers.findIndex(({ id }) => id === below) + 1 : document.layers.length;
  return { ...document, layers: document.layers.toSpliced(at, 0, made) };
}

/** The document with one of the visitor's layers on the other side of its neighbour. @param {number} step -1 or 1 */
export function moveLayer(document, id, step) {
  const at = document.layers.findIndex((each) => each.id === id);
  const moved = document.layers.toSpliced(at, 1);
  return { ...document, layers: moved.toSpliced(at + step, 0, document.layers[at]) };
}

/** Whether one of the visitor's layers has a neighbour that it can change places with. @param {number} step -1 or 1 */
export function canMove(document, id, step) {
  const at = document.layers.findIndex((each) => each.id === id);
  return isMade(id) && isMade(document.layers[at + step]?.id ?? '');
}

/** A part of a mask: the matte of a kind, as it is. */
export function mattePart(kind) {
  return { shape: 'matte', how: 'add', invert: false, kind, person: '', feather: 0, refine: 0 };
}

/** How a RAW is developed until something is chosen. */
export const DEVELOPED = { highlights: 'recover', demosaic: 'auto', noise: 'reduce' };

export const EMPTY = { schema: 3, view: 'none', geometry: STRAIGHT, lens: UNCORRECTED, development: DEVELOPED, layers: [newLayer('image')] };

/** How a RAW is developed, in addresses: see envo/development.py. */
export const developedAs = ({ highlights, demosaic, noise }) => `${highlights}-${demosaic}-${noise}`;

/** A document as the present schema has it; one of schemas before may have waited in the browser's own storage. */
export function upgraded(document) {
  if (!document) return document;
  if (document.schema === EMPTY.schema) return { ...EMPTY, ...document };
  const isPlain = ({ adjustments }) => document.schema === 1 && ('highlights' in adjustments || 'shadows' in adjustments);
  const maskOf = ({ kind, invert, feather }) => ({ parts: [{ ...mattePart(kind), feather }], invert });
  const layers = document.layers.map((each) => (
    { ...newLayer(each.id), ...each, mask: each.mask && maskOf(each.mask), process: isPlain(each) ? 1 : each.process ?? 2 }));
  return { ...EMPTY, view: document.view ?? 'none', layers };
}

/** What the matte of a part is called among those of a photo. @param {object} part of the shape "matte" */
export function matteKey({ kind, person }) {
  return person ? `${kind}@${person}` : kind;
}

/** The mattes that a mask is made of, as parts. @param {?object} mask */
export function mattesOf(mask) {
  return mask ? mask.parts.filter(({ shape }) => shape === 'matte') : [];
}

/**
 * The document with a layer for each matte, untouched where it has none, so that layers appear as mattes arrive
 * without an edit being made.
 * @param {string[]} kinds of the mattes at hand, in the order of their layers
 */
export function withMattes(document, kinds) {
  const [image, ...masked] = document.layers;
  const known = new Map(masked.map((each) => [each.id, each]));
  const here = kinds.map((kind) => known.get(kind) ?? newLayer(kind));
  const others = masked.filter(({ id }) => !kinds.includes(id));
  const [made, lost] = [true, false].map((own) => others.filter(({ id }) => isMade(id) === own));
  return { ...document, layers: [image, ...here, ...lost, ...made] };
}

/** Whether a kind of matte is a mask that the visitor made. */
export function isOwn(kind) {
  return kind.startsWith('own-');
}

/** The document without the layers that nobody made or touched: what is kept and sent. */
export function compact(document) {
  return { ...document, layers: document.layers.filter((each) => each.id === 'image' || isMade(each.id) || isTouched(each)) };
}

/** Points of all that was painted. */
export function paintedPoints({ layers }) {
  const strokes = layers.flatMap(({ mask }) => mask?.parts ?? []).flatMap((part) => part.strokes ?? []);
  return strokes.reduce((sum, { points }) => sum + points.length, 0);
}

/** Whether a mask is none, or one matte as it came. */
function isPlainMask(mask) {
  if (!mask) return true;
  const [{ kind, ...part }, ...more] = mask.parts;
  return !mask.invert && !more.length && Object.entries(mattePart(kind)).every(([name, value]) => name === 'kind' || part[name] === value);
}

/** Whether a document changes nothing. */
export function isOriginal({ view, geometry, lens, development, layers }) {
  return view === 'none' && !isFramed(geometry) && !isCorrected(lens) && isSame(development, DEVELOPED) && !layers.some((each) => isMade(each.id) || isTouched(each));
}

/** Whether anything about a layer is not as it came; of one that the visitor made, besides its mask. */
export function isTouched({ id, mask, visible, opacity, adjustments, curves, lut }) {
  return !visible || opacity < 1 || Boolean(lut) || !(isMade(id) || isPlainMask(mask))
    || Object.keys(adjustments).length > 0 || Object.keys(curves).length > 0;
}

export function layer(document, id) {
  return document.layers.find((each) => each.id === id);
}

/** @param {object} change properties of the layer that become others */
export function changeLayer(document, id, change) {
  return { ...document, layers: document.layers.map((each) => (each.id === id ? { ...each, ...change } : each)) };
}

export function removeLayer(document, id) {
  return { ...document, layers: document.layers.filter((each) => each.id !== id) };
}

/** The document with another layer in the place of one; above all others where it has another id. */
export function replaceLayer(document, id, changed) {
  if (changed.id === id) return { ...document, layers: document.layers.map((each) => (each.id === id ? changed : each)) };
  return { ...document, layers: [...document.layers.filter((each) => each.id !== id && each.id !== changed.id), changed] };
}

/** The document with a layer as it came, or was made. */
export function resetLayer(document, id) {
  const reset = ({ name, mask }) => (isMade(id) ? { ...newLayer('image'), id, name, mask } : newLayer(id));
  return { ...document, layers: document.layers.map((each) => (each.id === id ? reset(each) : each)) };
}

export function changeMask(document, id, change) {
  return changeLayer(document, id, { mask: { ...layer(document, id).mask, ...change } });
}

/** @param {number} index of the part of the layer's mask */
export function changePart(document, id, index, change) {
  const { parts } = layer(document, id).mask;
  return changeMask(document, id, { parts: parts.map((part, i) => (i === index ? { ...part, ...change } : part)) });
}

export function addPart(document, id, part) {
  return changeMask(document, id, { parts: [...layer(document, id).mask.parts, part] });
}

export function removePart(document, id, index) {
  return changeMask(document, id, { parts: layer(document, id).mask.parts.toSpliced(index, 1) });
}

/**
 * Sets adjustments of a layer; a value at its default is left out, as the document wants it. A layer of the first process
 * becomes one of the second when it has neither highlights nor shadows any more.
 */
export function adjust(document, id, values, defaults) {
  const adjustments = { ...layer(document, id).adjustments, ...values };
  for (const name of Object.keys(values)) if (adjustments[name] === defaults[name]) delete adjustments[name];
  const { process } = layer(document, id);
  const isPlain = process === 1 && ('highlights' in adjustments || 'shadows' in adjustments);
  return changeLayer(document, id, { adjustments, process: isPlain ? 1 : 2 });
}

/** The document up to a layer, which is changed: what the layers above do is left out. */
export function upTo(document, id, change) {
  const at = document.layers.findIndex((each) => each.id === id);
  return { ...document, layers: [...document.layers.slice(0, at), { ...document.layers[at], ...change }] };
}

/**
 * The document with a preset put on a layer, and others taken back that were.
 * @param {?{adjustments: object, curves: object}} put
 * @param {{adjustments: object, curves: object}[]} taken
 */
export function withPreset(document, id, put, taken, defaults) {
  const names = (what) => taken.flatMap((preset) => Object.keys(preset[what]));
  const back = Object.fromEntries(names('adjustments').map((name) => [name, defaults[name]]));
  const gone = names('curves');
  const left = Object.entries(layer(document, id).curves).filter(([name]) => !gone.includes(name));
  const adjusted = adjust(document, id, { ...back, ...put?.adjustments }, defaults);
  return changeLayer(adjusted, id, { curves: { ...Object.fromEntries(left), ...put?.curves } });
}

/** What was changed in a layer, in few words. */
export function summary(layer, labels) {
  const names = Object.keys(layer.adjustments).map((name) => labels[name].toLowerCase());
  if (Object.keys(layer.curves).length) names.push('curve');
  if (layer.lut) names.push(layer.lut.name);
  if (layer.mask?.invert) names.push('inverted');
  if (layer.mask?.parts.length > 1) names.push(`${layer.mask.parts.length} parts`);
  else if (!isMade(layer.id) && layer.mask?.parts[0].feather) names.push('feathered');
  if (layer.opacity < 1) names.push(`${Math.round(layer.opacity * 100)}%`);
  if (!names.length) return 'untouched';
  return names.length > 2 ? `${names.length} adjustments` : names.join(', ');
}
