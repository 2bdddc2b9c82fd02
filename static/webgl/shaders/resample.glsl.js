import { HEADER, float, matrix, vector } from './common.glsl.js';

/** Resamples a texture, or a slice of a texture array, to the pixels of the target. */
const resample = (sampler, coordinates) => `${HEADER}
uniform ${sampler} uSource;
uniform vec4 uMap;     // photo coordinates (0 to 1, y down) = gl_FragCoord.xy * zw + xy
uniform float uLevel;  // mipmap level
uniform float uSlice;
out vec4 result;

void main() {
  vec2 at = gl_FragCoord.xy * uMap.zw + uMap.xy;
  result = textureLod(uSource, ${coordinates}, uLevel);
}`;

export const RESAMPLE = resample('sampler2D', 'at');
export const RESAMPLE_SLICE = resample('sampler2DArray', 'vec3(at, uSlice)');

/**
 * What the photo's OKLab lacks without its noise, at the pixels of the target. The same in Python: `noise` of a band in
 * envo/render.py.
 * @param {object} k the schema's constants
 */
export const noiseShader = (k) => `${HEADER}
uniform sampler2D uPhoto;   // linear sRGB, at the target's pixels
uniform sampler2D uSource;  // the same without noise, as it was loaded
uniform vec4 uMap;          // photo coordinates (0 to 1, y down) = gl_FragCoord.xy * zw + xy
uniform float uLevel;       // mipmap level
out vec4 result;

vec3 lab(vec3 colour) {
  vec3 cone = ${matrix(k.linear_to_cone)} * colour;
  return ${matrix(k.cone_to_oklab)} * pow(max(cone, 1e-15), vec3(1.0 / 3.0));
}

void main() {
  vec3 clear = textureLod(uSource, gl_FragCoord.xy * uMap.zw + uMap.xy, uLevel).rgb;
  result = vec4(lab(clear) - lab(texelFetch(uPhoto, ivec2(gl_FragCoord.xy), 0).rgb), 0.0);
}`;

/**
 * Looks a photo's maps up at the pixels of the target: how far the base of each scale lies above the photo's lightness,
 * and the transmission. The same in Python: `Maps.detail` in envo/maps.py.
 * @param {object} k the schema's constants
 */
export const detailShader = (k) => `${HEADER}
uniform sampler2D uPhoto;  // linear sRGB, at the target's pixels
uniform sampler2D uFine;   // a and b of a line over lightness; of the others over the finest base
uniform sampler2D uMiddle;
uniform sampler2D uCoarse;
uniform vec4 uMap;         // photo coordinates (0 to 1, y down) = gl_FragCoord.xy * zw + xy
out vec4 result;

void main() {
  vec2 at = gl_FragCoord.xy * uMap.zw + uMap.xy;
  vec3 cone = ${matrix(k.linear_to_cone)} * texelFetch(uPhoto, ivec2(gl_FragCoord.xy), 0).rgb;
  float L = dot(${vector(k.cone_to_oklab[0])}, pow(max(cone, 1e-15), vec3(1.0 / 3.0)));
  float fine = dot(textureLod(uFine, at, 0.0).rg, vec2(L, 1.0));
  vec2 line = vec2(fine, 1.0);
  float middle = dot(textureLod(uMiddle, at, 0.0).rg, line);
  float coarse = dot(textureLod(uCoarse, at, 0.0).rg, line);
  result = vec4(vec3(fine, middle, coarse) - L, 0.0);
}`;
