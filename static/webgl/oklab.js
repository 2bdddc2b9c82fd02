// OKLab, as envo/adjustments.py has it.

import { apply } from './matrix.js';

/** OKLab's (L, a, b) of a colour. @param {number[]} linear sRGB @param {object} k the schema's constants */
export function oklab(linear, k) {
  return apply(k.cone_to_oklab, apply(k.linear_to_cone, linear).map(Math.cbrt));
}
