// From the edit document's layers to the numbers the shader works with.

import { lightMatrix, vignetteFalloff, vignetteShape } from './light.js';
import { invert, multiply } from './matrix.js';
import { ROWS, channelTable, gradingTable, mixerTable } from './tables.js';
import { localTones } from './tone.js';

const WORDS = 52; // 32-bit words of a layer in the uniform block, std140 layout

/**
 * How much of a layer shows where, as a function of its slice's four masks: their factors, and what is added.
 * @param {?object} mask null for the whole image
 * @param {number} channel of the slice in which the mask lies
 * @param {number} opacity 0 to 1
 */
export function weighMask(mask, channel, opacity) {
  const factors = [0, 0, 0, 0];
  if (mask) factors[channel] = opacity;
  return { factors, added: mask ? 0 : opacity };
}

/** Gives an adjustment's value in a layer by its id, its default where the layer does not change it. */
export function reader(layer, schema) {
  const defaults = Object.fromEntries(schema.adjustments.map((each) => [each.id, each.default]));
  return (id) => layer.adjustments[id] ?? defaults[id];
}

/** The adjustments of a layer that change something: off their default, as what they shape is. */
export function used(layer, schema) {
  const known = new Map(schema.adjustments.map((each) => [each.id, each]));
  const changes = (id) => {
    const { default: rest, of } = known.get(id);
    return (layer.adjustments[id] ?? rest) !== rest && (!of || changes(of));
  };
  return Object.keys(layer.adjustments).filter(changes);
}

/** Whether a layer shows at all: the others cost nothing. */
export const isActive = (layer, schema) =>
  layer.visible && layer.opacity > 0
  && Boolean(layer.lut || Object.keys(layer.curves).length || used(layer, schema).length);

/**
 * The groups of steps that the shader takes for a layer; the others are left out of it.
 * @param {{maps: boolean, noise: boolean, lut: boolean, halves: boolean}} has what is there of the photo besides its
 *     pixels, whether the layer's LUT is, and whether half floats can be drawn to
 * @returns {string[]} of "haze", "shape", "detail", "noise", "sharp", "bands", "grain", "channels" and "lut"
 */
export function steps(layer, schema, has) {
  const names = used(layer, schema);
  const any = (...wanted) => names.some((name) => wanted.includes(name));
  const inSection = (...sections) => schema.adjustments.some(({ id, section }) => sections.includes(section) && names.includes(id));
  const isLocal = layer.process === 2 && any('highlights', 'shadows');
  const taken = {
    haze: has.maps && any('dehaze'),
    shape: any('vignette_midpoint', 'vignette_roundness', 'vignette_feather'),
    noise: has.noise && any(...schema.noise),
    detail: isLocal || (has.maps && any('clarity', 'texture', 'skin_smoothing')),
    sharp: has.halves && any('sharpening'),
    bands: inSection('Mixer', 'Grading') || any('skin_redness', 'monochrome'),
    grain: any('grain'),
    channels: Object.keys(layer.curves).some((name) => name !== 'rgb'),
    lut: has.lut,
  };
  return Object.keys(taken).filter((name) => taken[name]);
}

/** Whether anything beyond light is changed in a layer. */
const isPerceptual = (layer, schema) =>
  Boolean(layer.curves.rgb) || used(layer, schema).some((name) => !schema.linear.includes(name));

/** Whether a layer looks at the photo's maps. */
export const needsMaps = (layer, schema) =>
  used(layer, schema).some((name) => schema.mapped.includes(name) && (layer.process > 1 || !schema.local_tone.includes(name)));

/** Whether a layer mixes in the photo without its noise. */
export const needsDenoised = (layer, schema) => used(layer, schema).some((name) => schema.noise.includes(name));

/**
 * The uniform block of the layers drawn.
 * @param {{layer: object, channel: number, lut: ?number[]}[]} drawn layers from the bottom up, each with where its
 *     mask lies, and its LUT; the i-th layer's tone table is in row i
 * @param {object} schema of the adjustments
 * @param {number} edge the photo's long edge in pixels
 * @returns {ArrayBuffer} for `schema.max_layers` layers
 */
export function packLayers(drawn, schema, edge = 1) {
  const block = new ArrayBuffer(4 * WORDS * schema.max_layers);
  const k = schema.constants;
  const toLinear = invert(k.linear_to_cone);
  drawn.forEach(({ layer, channel, lut }, row) => {
    const value = reader(layer, schema);
    const share = (id) => value(id) / 100;
    const matrix = multiply(k.linear_to_cone, multiply(lightMatrix(value, k), toLinear));
    const turn = (value('hue') * Math.PI) / 180;
    const strength = 1 + value('saturation') / 100;
    const { factors, added } = weighMask(layer.mask, channel, layer.opacity);
    const [smallest, more] = k.grain_cell;
    const cell = Math.max(1, edge * (smallest + more * share('grain_size')));
    const dehaze = share('dehaze');

    const floats = new Float32Array(block, 4 * WORDS * row, WORDS);
    for (let c = 0; c < 3; c++) floats.set(matrix.map((line) => line[c]), 4 * c);
    floats.set([
      strength * Math.cos(turn), strength * Math.sin(turn), value('vibrance') / 100, value('sepia') / 100,
      ...factors,
      added, vignetteFalloff(value('vignette'), k), isPerceptual(layer, schema) ? 1 : 0, dehaze > 0 ? dehaze : k.mist * dehaze,
      ...localTones(value, schema), k.clarity * share('clarity'), k.texture * share('texture'),
      k.skin_smoothing * share('skin_smoothing'), share('noise_luminance'), share('noise_colour'), share('skin_redness'),
      ...vignetteShape(value), 1 - share('monochrome'),
      k.grain * share('grain'), cell, share('grain_roughness') / 2, share('lut_strength'),
      layer.opacity, k.sharpening * share('sharpening'), 0, 0,
      ...(lut ?? []),
    ], 12);
  });
  return block;
}

/** What a layer's tone table depends on, as a string to compare. */
export const toneKey = (layer, schema) => JSON.stringify([layer.process, layer.curves.rgb, schema.tone.map(reader(layer, schema))]);

/**
 * A layer's tables of the shader: its row of `ROWS`, what it depends on, and how it is made.
 * @returns {{row: number, key: string, make: () => Float32Array}[]}
 */
export function tablesOf(layer, schema) {
  const value = reader(layer, schema);
  const names = (section) => schema.adjustments.filter((each) => each.section === section).map(({ id }) => id);
  const { red, green, blue } = layer.curves;
  return [
    { row: ROWS.mixer, key: JSON.stringify(names('Mixer').map(value)), make: () => mixerTable(value, schema) },
    { row: ROWS.grading, key: JSON.stringify(names('Grading').map(value)), make: () => gradingTable(value, schema) },
    { row: ROWS.curves, key: JSON.stringify([red, green, blue]), make: () => channelTable(layer.curves, schema) },
  ];
}
