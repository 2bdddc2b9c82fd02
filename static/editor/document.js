// Pure functions on edit documents (see envo/edits.py). A document is never changed, only replaced.

import { STRAIGHT, isFramed } from '../webgl/geometry.js';

/** @returns a layer as it is before anybody touches it; `image` is the whole photo, every other id a kind of matte */
export function newLayer(id) {
  const mask = id === 'image' ? null : { parts: [mattePart(id)], invert: false };
  return { id, name: '', mask, visible: true, opacity: 1, process: 2, adjustments: {}, curves: {}, lut: null };
}

/** A part of a mask: the matte of a kind, as it is. */
export function mattePart(kind) {
  return { shape: 'matte', how: 'add', invert: false, kind, person: '', feather: 0, refine: 0 };
}

export const EMPTY = { schema: 3, view: 'none', geometry: STRAIGHT, layers: [newLayer('image')] };

/** A document as the present schema has it; one of schemas before may have waited in the browser's own storage. */
export function upgraded(document) {
  if (!document || document.schema === EMPTY.schema) return document;
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
  return { ...document, layers: [image, ...here, ...others] };
}

/** Whether a kind of matte is a mask that the visitor made. */
export function isOwn(kind) {
  return kind.startsWith('own-');
}

/** The document without the layers that change nothing: what is kept and sent. */
export function compact(document) {
  return { ...document, layers: document.layers.filter((each) => each.id === 'image' || isTouched(each)) };
}

/** Whether a mask is none, or one matte as it came. */
function isPlainMask(mask) {
  if (!mask) return true;
  const [{ kind, ...part }, ...more] = mask.parts;
  return !mask.invert && !more.length && Object.entries(mattePart(kind)).every(([name, value]) => name === 'kind' || part[name] === value);
}

/** Whether a document changes nothing. */
export function isOriginal({ view, geometry, layers }) {
  return view === 'none' && !isFramed(geometry) && !layers.some(isTouched);
}

/** Whether anything about a layer is not as it came. */
export function isTouched({ mask, visible, opacity, adjustments, curves, lut }) {
  return !visible || opacity < 1 || Boolean(lut) || !isPlainMask(mask)
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

/** The document with a layer as it came. */
export function resetLayer(document, id) {
  return { ...document, layers: document.layers.map((each) => (each.id === id ? newLayer(id) : each)) };
}

export function changeMask(document, id, change) {
  return changeLayer(document, id, { mask: { ...layer(document, id).mask, ...change } });
}

/** @param {number} index of the part of the layer's mask */
export function changePart(document, id, index, change) {
  const { parts } = layer(document, id).mask;
  return changeMask(document, id, { parts: parts.map((part, i) => (i === index ? { ...part, ...change } : part)) });
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
  else if (layer.mask?.parts[0].feather) names.push('feathered');
  if (layer.opacity < 1) names.push(`${Math.round(layer.opacity * 100)}%`);
  if (!names.length) return 'untouched';
  return names.length > 2 ? `${names.length} adjustments` : names.join(', ');
}
