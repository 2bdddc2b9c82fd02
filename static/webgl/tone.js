// The tone curve of a layer, tabulated for the shader. The formulas are those of envo/adjustments.py (`tone_curve`),
// where each is explained; tests compare the two renderers.

import { curve } from './curve.js';
import { toEncoded, toLinear } from './srgb.js';

/** Strengths of highlights and shadows where they leave local contrast alone; see `local_tones`. */
export function localTones(value, { constants: k }) {
  const [highlights, shadows] = [value('highlights') / 100, value('shadows') / 100];
  const reach = (goes) => (goes ? k.local_reach : 1);
  return [k.highlights * highlights * reach(highlights < 0), k.shadows * shadows * reach(shadows > 0)];
}

/**
 * New OKLab lightness for the lightness `x` >= 0.
 * @param {number} x lightness: 0 is black, 1 is white, more in RAW photos and after exposure
 * @param {Object<string, number>} way each tone slider's value from -1 to 1; gamma as it is
 * @param {boolean} plain whether highlights and shadows are among them
 * @param {?(x: number) => number} drawn the curve over lightness, on encoded values
 * @param {object} k the schema's constants
 */
function toneCurve(x, way, plain, drawn, k) {
  const b = k.brightness * way.brightness;
  x = x < 1 ? x + b * x * (1 - x) : 1 + (x - 1) * (1 - b);

  const s = 2 ** (k.contrast * way.contrast);
  const p = k.mid_grey;
  if (x >= 1) x = 1 + (x - 1) / s;
  else if (x < p) x = (p * x) / (x + s * (p - x) + 1e-12);
  else x = 1 + ((1 - p) * (x - 1)) / (1 - x - s * (p - x) + 1e-12);

  if (plain) {
    const h = k.highlights * way.highlights;
    x = x < 1 ? x + h * x ** 3 * (1 - x) : 1 + (x - 1) * (1 - Math.abs(h));

    const d = k.shadows * way.shadows;
    x = x < 1 ? x + d * x * (1 - x) ** 3 : x;
  }

  const w = k.whites * way.whites;
  x = x < 1 ? x + w * x ** 3 : 1 + w + (x - 1) * (1 + 3 * w);

  x = x < 1 ? Math.max(x + k.blacks * way.blacks * (1 - x) ** 3, 0) : x;

  const g = 1 / way.gamma;
  x = x < 1 ? x ** g : 1 + (x - 1) * g;

  if (drawn) x = Math.cbrt(toLinear(drawn(toEncoded(Math.min(x, 1) ** 3)))) * Math.max(x, 1);

  return x < 1 ? x + k.fade * way.fade * (1 - x) ** 3 : x;
}

/**
 * The curve at L = table_top * (i / table_size)^2, each entry with the next one beside it, so that the shader
 * interpolates after a single fetch.
 * @param {object} layer of the document
 * @param {(name: string) => number} value its adjustment by its id
 * @param {object} schema of the adjustments
 * @returns {Float32Array} 2 * table_size numbers
 */
export function toneTable({ process, curves }, value, { tone, constants }) {
  const way = Object.fromEntries(tone.map((name) => [name, value(name) / 100]));
  way.gamma = value('gamma');
  const drawn = curves.rgb && curve(curves.rgb);
  const size = constants.table_size;
  const table = new Float32Array(2 * size);
  for (let i = 0; i <= size; i++) {
    const y = toneCurve(constants.table_top * (i / size) ** 2, way, process === 1, drawn, constants);
    if (i < size) table[2 * i] = y;
    if (i > 0) table[2 * i - 1] = y;
  }
  return table;
}
