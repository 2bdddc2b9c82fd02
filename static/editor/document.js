// Pure functions on edit documents (see envo/edits.py). A document is never changed, only replaced.

/** @returns a layer as it is before anybody touches it; `image` is the whole photo, every other id a kind of matte */
export function newLayer(id) {
  const mask = id === 'image' ? null : { kind: id, invert: false, feather: 0 };
  return { id, mask, visible: true, opacity: 1, adjustments: {} };
}

export const EMPTY = { schema: 1, layers: [newLayer('image')] };

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

/** Whether anything about a layer is not as it came. */
export function isTouched({ mask, visible, opacity, adjustments }) {
  return !visible || opacity < 1 || Boolean(mask?.invert || mask?.feather) || Object.keys(adjustments).length > 0;
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
