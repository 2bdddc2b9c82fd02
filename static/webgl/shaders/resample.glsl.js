import { HEADER, PLACE, matrix, vector } from './common.glsl.js';

/**
 * Looks a photo up for a pixel of the target: by its mipmaps; between its pixels by Catmull and Rom's cubic (1974), as
 * envo/cubic.py does; or, where the target is coarser and its pixels no mipmap's, as a mean of finer ones.
 */
const BETWEEN = `
uniform sampler2D uSource;
uniform mat3 uToSrgb;  // what brings its linear light to the primaries of sRGB
uniform bool uIsGained;
uniform sampler2D uGain;  // log2 of what its light comes times
uniform vec3 uShift[2];  // what is added to it before, and taken from it afterwards
uniform float uLevel;  // mipmap level; -1: the cubic; below, -2 minus the level, of which the mean is taken

vec4 weights(float t) {
  return vec4(((-0.5 * t + 1.0) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1.0, ((-1.5 * t + 2.0) * t + 0.5) * t, (0.5 * t - 0.5) * t * t);
}

/** The photo's light of a base's at a place of the photo, as in envo/gaining.py. */
vec3 gained(vec3 base, vec2 at) {
  return uIsGained ? (base + uShift[0]) * exp2(textureLod(uGain, at, 0.0).rgb) - uShift[1] : base;
}

vec3 cubic(vec2 at) {
  ivec2 size = textureSize(uSource, 0);
  vec2 texel = at * vec2(size) - 0.5;
  ivec2 first = ivec2(floor(texel)) - 1;
  vec2 part = texel - floor(texel);
  vec4 across = weights(part.x);
  vec4 down = weights(part.y);
  vec3 sum = vec3(0.0);
  vec3 least = vec3(0.0); // beside an edge it goes below black, where nothing is left of it
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      ivec2 place = clamp(first + ivec2(j, i), ivec2(0), size - 1);
      vec3 texel = gained(texelFetch(uSource, place, 0).rgb, (vec2(place) + 0.5) / vec2(size));
      least = min(least, texel);
      sum += down[i] * across[j] * texel;
    }
  }
  return max(sum, least);
}

/** At a place of the photo. */
vec3 look(vec2 at) {
  return uLevel == -1.0 ? cubic(at) : gained(textureLod(uSource, at, uLevel >= 0.0 ? uLevel : -2.0 - uLevel).rgb, at);
}

/** At a place of the corrected photo. */
vec3 corrected(vec2 at) {
  if (!uBent) return look(at);
  vec4 lens = lensAt(at);
  vec3 found = look(bent(at, lens.g));
  if (lens.r != lens.g) found.r = look(bent(at, lens.r)).r;
  if (lens.b != lens.g) found.b = look(bent(at, lens.b)).b;
  return found * lens.a;
}

vec3 looked(vec2 pixel) {
  if (uLevel >= -1.0) return corrected(toStraight(pixel, vec2(0.0)));
  vec3 sum = vec3(0.0);
  for (int i = 0; i < 16; ++i) {
    vec2 within = (vec2(i % 4, i / 4) + 0.5) / 4.0 - 0.5;
    sum += corrected(toStraight(pixel, within));
  }
  return sum / 16.0;
}

/** Linear sRGB, not clamped. */
vec3 source(vec2 pixel) {
  return uToSrgb * looked(pixel);
}`;

/** Resamples the photo to the pixels of the target. */
export const RESAMPLE = `${HEADER}${PLACE}${BETWEEN}
uniform float uBare;  // 1: where the photo does not reach it stays clear, and is not repeated
out vec4 result;

void main() {
  vec2 at = toPhoto(gl_FragCoord.xy);
  bool outside = any(greaterThan(abs(at - 0.5), vec2(0.5)));
  result = uBare > 0.0 && outside ? vec4(0.0) : vec4(source(gl_FragCoord.xy), 1.0);
}`;

/**
 * What the photo's OKLab lacks without its noise, at the pixels of the target. The same in Python: `noise` of a band in
 * envo/render.py.
 * @param {object} k the schema's constants
 */
export const noiseShader = (k) => `${HEADER}${PLACE}${BETWEEN}
uniform sampler2D uPhoto;  // linear sRGB, at the target's pixels; uSource is the same without noise, as it was loaded
out vec4 result;

vec3 lab(vec3 colour) {
  vec3 cone = ${matrix(k.linear_to_cone)} * colour;
  return ${matrix(k.cone_to_oklab)} * pow(max(cone, 1e-15), vec3(1.0 / 3.0));
}

void main() {
  vec3 clear = source(gl_FragCoord.xy);
  result = vec4(lab(clear) - lab(texelFetch(uPhoto, ivec2(gl_FragCoord.xy), 0).rgb), 0.0);
}`;

/**
 * Looks a photo's maps up at the pixels of the target: how far the base of each scale lies above the photo's lightness,
 * and the transmission. The same in Python: `Maps.detail` in envo/maps.py.
 * @param {object} k the schema's constants
 */
export const detailShader = (k) => `${HEADER}${PLACE}
uniform sampler2D uPhoto;  // linear sRGB, at the target's pixels
uniform sampler2D uFine;   // a and b of a line over lightness; of the others over the finest base
uniform sampler2D uMiddle;
uniform sampler2D uCoarse;
out vec4 result;

void main() {
  vec2 at = toPhoto(gl_FragCoord.xy);
  vec3 cone = ${matrix(k.linear_to_cone)} * texelFetch(uPhoto, ivec2(gl_FragCoord.xy), 0).rgb;
  float L = dot(${vector(k.cone_to_oklab[0])}, pow(max(cone, 1e-15), vec3(1.0 / 3.0)));
  float fine = dot(textureLod(uFine, at, 0.0).rg, vec2(L, 1.0));
  vec2 line = vec2(fine, 1.0);
  float middle = dot(textureLod(uMiddle, at, 0.0).rg, line);
  float coarse = dot(textureLod(uCoarse, at, 0.0).rg, line);
  result = vec4(vec3(fine, middle, coarse) - L, 0.0);
}`;
