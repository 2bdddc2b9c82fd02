// The tone curve of a layer, tabulated for the shader. The formulas are those of envo/adjustments.py (`tone_curve`),
// where each is explained; tests compare the two renderers.

/**
 * New OKLab lightness for the lightness `x` >= 0.
 * @param {number} x lightness: 0 is black, 1 is white, more in RAW photos and after exposure
 * @param {Object<string, number>} way each tone slider's value from -1 to 1; gamma as it is
 * @param {object} k the schema's constants
 */
function toneCurve(x, way, k) {
  const b = k.brightness * way.brightness;
  x = x < 1 ? x + b * x * (1 - x) : 1 + (x - 1) * (1 - b);

  const s = 2 ** (k.contrast * way.contrast);
  const p = k.mid_grey;
  if (x >= 1) x = 1 + (x - 1) / s;
  else if (x < p) x = (p * x) / (x + s * (p - x) + 1e-12);
  else x = 1 + ((1 - p) * (x - 1)) / (1 - x - s * (p - x) + 1e-12);

  const h = k.highlights * way.highlights;
  x = x < 1 ? x + h * x ** 3 * (1 - x) : 1 + (x - 1) * (1 - Math.abs(h));

  const d = k.shadows * way.shadows;
  x = x < 1 ? x + d * x * (1 - x) ** 3 : x;

  const w = k.whites * way.whites;
  x = x < 1 ? x + w * x ** 3 : 1 + w + (x - 1) * (1 + 3 * w);

  x = x < 1 ? Math.max(x + k.blacks * way.blacks * (1 - x) ** 3, 0) : x;

  const g = 1 / way.gamma;
  return x < 1 ? x ** g : 1 + (x - 1) * g;
}

/**
 * The curve at L = table_top * (i / table_size)^2, each entry with the next one beside it, so that the shader
 * interpolates after a single fetch.
 * @param {(name: string) => number} value a layer's adjustment by its id
 * @param {object} schema of the adjustments
 * @returns {Float32Array} 2 * table_size numbers
 */
export function toneTable(value, { tone, constants }) {
  const way = Object.fromEntries(tone.map((name) => [name, value(name) / 100]));
  way.gamma = value('gamma');
  const size = constants.table_size;
  const table = new Float32Array(2 * size);
  for (let i = 0; i <= size; i++) {
    const y = toneCurve(constants.table_top * (i / size) ** 2, way, constants);
    if (i < size) table[2 * i] = y;
    if (i > 0) table[2 * i - 1] = y;
  }
  return table;
}
