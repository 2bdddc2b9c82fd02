// From the edit document's layers to the numbers the shader works with.

import { lightMatrix, vignetteFalloff } from './light.js';
import { invert, multiply } from './matrix.js';

const WORDS = 24; // 32-bit words of a layer in the uniform block, std140 layout

/**
 * How much of a layer shows where, as a function of its slice's four mattes: their factors, and what is added.
 * @param {?{invert: boolean}} mask null for the whole image
 * @param {number} channel of the slice in which the matte lies
 * @param {number} opacity 0 to 1
 */
export function weighMask(mask, channel, opacity) {
  const factors = [0, 0, 0, 0];
  if (mask) factors[channel] = mask.invert ? -opacity : opacity;
  return { factors, added: !mask || mask.invert ? opacity : 0 };
}

/** Gives an adjustment's value in a layer by its id, its default where the layer does not change it. */
export function reader(layer, schema) {
  const defaults = Object.fromEntries(schema.adjustments.map((each) => [each.id, each.default]));
  return (id) => layer.adjustments[id] ?? defaults[id];
}

/** Whether any of the adjustments named is off its default. */
const changes = (names, value, schema) =>
  schema.adjustments.some(({ id, default: rest }) => names.includes(id) && value(id) !== rest);

/** Whether a layer shows at all: the others cost nothing. */
export const isActive = (layer, schema) =>
  layer.visible && layer.opacity > 0
  && changes(schema.adjustments.map((each) => each.id), reader(layer, schema), schema);

/** Whether a layer looks at the photo's maps. */
export const needsMaps = (layer, schema) =>
  changes(schema.mapped.filter((name) => layer.process > 1 || !schema.local_tone.includes(name)), reader(layer, schema), schema);

/**
 * The uniform block of the layers drawn.
 * @param {{layer: object, channel: number}[]} drawn layers from the bottom up, each with where its
 *     matte lies; the i-th layer's tone table is in row i
 * @param {object} schema of the adjustments
 * @returns {ArrayBuffer} for `schema.max_layers` layers
 */
export function packLayers(drawn, schema) {
  const block = new ArrayBuffer(4 * WORDS * schema.max_layers);
  const k = schema.constants;
  const toLinear = invert(k.linear_to_cone);
  drawn.forEach(({ layer, channel }, row) => {
    const value = reader(layer, schema);
    const perceptual = changes([...schema.tone, ...schema.colour], value, schema);
    const matrix = multiply(k.linear_to_cone, multiply(lightMatrix(value, k), toLinear));
    const turn = (value('hue') * Math.PI) / 180;
    const strength = 1 + value('saturation') / 100;
    const { factors, added } = weighMask(layer.mask, channel, layer.opacity);

    const floats = new Float32Array(block, 4 * WORDS * row, WORDS);
    for (let c = 0; c < 3; c++) floats.set(matrix.map((line) => line[c]), 4 * c);
    floats.set([strength * Math.cos(turn), strength * Math.sin(turn), value('vibrance') / 100, value('sepia') / 100], 12);
    floats.set([...factors, added, vignetteFalloff(value('vignette'), k), perceptual ? 1 : 0], 16);
  });
  return block;
}

/** What a layer's tone table depends on, as a string to compare. */
export const toneKey = (layer, schema) => JSON.stringify(schema.tone.map(reader(layer, schema)));
