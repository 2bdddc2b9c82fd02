// What sharpening adds, step by step; the formulas are those of `sharpness` in envo/passes.py.

import { HEADER, float, matrix, vector } from './common.glsl.js';

const SCALE = 256; // of squares, which would be too small for half floats

/** OKLab's lightness, and what is added to it. */
const lightness = (k, uniforms, added) => `${HEADER}
uniform sampler2D uPhoto;
${uniforms}
out vec4 result;

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec3 cone = ${matrix(k.linear_to_cone)} * texelFetch(uPhoto, pixel, 0).rgb;
  result = vec4(dot(${vector(k.cone_to_oklab[0])}, pow(max(cone, 1e-15), vec3(1.0 / 3.0))) + ${added});
}`;

/** The shaders, by their names. */
export const sharpenShaders = (k) => ({
  lightness: lightness(k, '', '0.0'),
  /** Without so much of the noise as the layer takes away. */
  cleared: lightness(k, 'uniform sampler2D uNoise;\nuniform float uAmount;', 'uAmount * texelFetch(uNoise, pixel, 0).r'),

  /** What a Gaussian took away, and its square. */
  fine: `${HEADER}
uniform sampler2D uSharp;
uniform sampler2D uSoft;
out vec4 result;

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  float fine = texelFetch(uSharp, pixel, 0).r - texelFetch(uSoft, pixel, 0).r;
  result = vec4(fine, ${float(SCALE)} * fine * fine, 0.0, 0.0);
}`,

  /** At the target's pixels: what is added, and how far masking lets it be. */
  sharpened: `${HEADER}
uniform sampler2D uFine;
uniform sampler2D uBusy;
uniform vec4 uMap;     // of the target
uniform vec4 uGrid;    // of the grid, the other way: its pixels = photo coordinates * zw + xy
uniform float uLimit;  // variance at which half is added; 0 without masking
out vec4 result;

void main() {
  vec2 at = ((gl_FragCoord.xy * uMap.zw + uMap.xy) * uGrid.zw + uGrid.xy) / vec2(textureSize(uFine, 0));
  float busy = textureLod(uBusy, at, 0.0).y / ${float(SCALE)};
  float mask = uLimit > 0.0 ? busy / (busy + uLimit) : 1.0;
  result = vec4(textureLod(uFine, at, 0.0).x * mask, mask, 0.0, 0.0);
}`,

  /** Where a layer is sharpened: white. */
  masking: `${HEADER}
uniform sampler2DArray uSharp;
uniform int uSlice;
out vec4 result;

void main() {
  result = vec4(vec3(texelFetch(uSharp, ivec3(gl_FragCoord.xy, uSlice), 0).y), 1.0);
}`,
});
