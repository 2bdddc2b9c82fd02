// Pure functions on edit documents (see envo/edits.py). A document is never changed, only replaced.

const ORDER = ['image', 'background', 'person'];
const LABELS = { image: 'Image', background: 'Background', person: 'Person' };

/** @returns a layer as it is before anybody touches it; `image` is the whole photo */
export function newLayer(id) {
  const mask = id === 'image' ? null : { kind: id, invert: false, feather: 0 };
  return { id, mask, visible: true, opacity: 1, adjustments: {} };
}

export const EMPTY = { schema: 1, layers: [newLayer('image')] };

/**
 * The document with an untouched layer for each matte that has none, so that layers appear as mattes arrive
 * without an edit being made.
 * @param {Iterable<string>} kinds of the mattes at hand
 */
export function withMattes(document, kinds) {
  const missing = [...kinds].filter((kind) => !document.layers.some((layer) => layer.mask?.kind === kind));
  if (!missing.length) return document;
  missing.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  return { ...document, layers: [...document.layers, ...missing.map(newLayer)] };
}

export function layer(document, id) {
  return document.layers.find((each) => each.id === id);
}

export function labelOf(layer) {
  return LABELS[layer.id] ?? layer.id;
}

/** @param {object} change properties of the layer that become others */
export function changeLayer(document, id, change) {
  return { ...document, layers: document.layers.map((each) => (each.id === id ? { ...each, ...change } : each)) };
}

export function changeMask(document, id, change) {
  return changeLayer(document, id, { mask: { ...layer(document, id).mask, ...change } });
}

/** Sets adjustments of a layer; a value at its default is left out, as the document wants it. */
export function adjust(document, id, values, defaults) {
  const adjustments = { ...layer(document, id).adjustments, ...values };
  for (const name of Object.keys(values)) if (adjustments[name] === defaults[name]) delete adjustments[name];
  return changeLayer(document, id, { adjustments });
}

/** What was changed in a layer, in few words. */
export function summary(layer, labels) {
  const names = Object.keys(layer.adjustments).map((name) => labels[name].toLowerCase());
  if (layer.mask?.invert) names.push('inverted');
  if (layer.mask?.feather) names.push('feathered');
  if (layer.opacity < 1) names.push(`${Math.round(layer.opacity * 100)}%`);
  if (!names.length) return 'untouched';
  return names.length > 2 ? `${names.length} adjustments` : names.join(', ');
}
