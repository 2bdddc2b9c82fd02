// Exposure and white balance as one matrix, and the vignette. The formulas are those of envo/adjustments.py, where each
// is explained with its source.

import { apply, diagonal, invert, multiply, scale } from './matrix.js';

/** (u, v) in CIE 1960 of daylight at 1e6 / mired kelvin, 4000 to 25000 K. */
function daylight(mired) {
  const t = mired / 1000;
  const x = mired > 1e6 / 7000
    ? 0.244063 + 0.09911 * t + 2.9678 * t ** 2 - 4.607 * t ** 3
    : 0.23704 + 0.24748 * t + 1.9018 * t ** 2 - 2.0064 * t ** 3;
  const y = -3 * x ** 2 + 2.87 * x - 0.275;
  const n = -2 * x + 12 * y + 3;
  return [(4 * x) / n, (6 * y) / n];
}

/** XYZ (Y = 1) of the white that the scene is taken to have; both sliders from -100 to 100. */
function white(temperature, tint, k) {
  const mired = 1e6 / 6504 - k.mired * temperature;
  const [before, at, after] = [-0.5, 0, 0.5].map((step) => daylight(mired + step));
  const [du, dv] = [after[0] - before[0], after[1] - before[1]];
  const reach = (k.duv * tint) / Math.hypot(du, dv);
  const [u, v] = [at[0] - reach * dv, at[1] + reach * du];
  return [(1.5 * u) / v, 1, (4 - u - 10 * v) / (2 * v)];
}

/**
 * Row-major 3x3 matrix on linear sRGB for a layer's exposure, temperature and tint.
 * @param {(name: string) => number} value a layer's adjustment by its id
 * @param {object} k the schema's constants
 */
export function lightMatrix(value, k) {
  const toCone = multiply(k.bradford, k.linear_to_xyz);
  const scene = apply(k.bradford, white(value('temperature'), value('tint'), k));
  const screen = apply(k.bradford, white(0, 0, k));
  const gain = diagonal(screen.map((x, i) => x / scene[i]));
  const adapted = multiply(invert(toCone), multiply(gain, toCone));
  const luminance = (m) => apply(m, [1, 1, 1])[1];
  const kept = luminance(multiply(k.linear_to_xyz, adapted)) / luminance(k.linear_to_xyz);
  return scale(adapted, 2 ** value('exposure') / kept);
}

/** Where the vignette begins, one over how far it grows from there, and its roundness -1 to 1. */
export function vignetteShape(value) {
  const low = (0.9 * value('vignette_midpoint')) / 100;
  const feather = Math.max(value('vignette_feather') / 100, 0.01);
  return [low, 1 / ((1 - low) * feather), value('vignette_roundness') / 100];
}

/** b in (1 + b c)^2, the factor on light where the cornerness is c. */
export const vignetteFalloff = (vignette, k) => 2 ** ((k.vignette * vignette) / 200) - 1;
