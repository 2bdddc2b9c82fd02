import { REACH, STEPS } from '../lens.js';

/** A number as GLSL writes floats. */
export const float = (x) => (Number.isInteger(x) ? x.toFixed(1) : String(x));

/** Covers the viewport with one triangle; no vertex buffer is needed. */
export const COVER = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

/** First lines of every fragment shader. */
export const HEADER = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
`;

/**
 * Where in the photo a pixel of the target lies, 0 to 1: a homography, for a picture may be turned and tilted, and behind
 * it what the lens did. Beyond the picture's edges they are repeated.
 */
export const PLACE = `
uniform mat3 uPlace;
uniform vec4 uWithin;  // middles of the target's first and last pixel that is the picture's
uniform bool uBent;    // whether a lens is corrected, as lens.js has it:
uniform vec4 uCentre;  // its centre, and what photo coordinates come times, to be distances
uniform sampler2D uLens;

/** Where it lies in the corrected photo. */
vec2 toStraight(vec2 pixel, vec2 within) {  // within the pixel, -0.5 to 0.5
  vec3 at = uPlace * vec3(clamp(pixel, uWithin.xy, uWithin.zw) + within, 1.0);
  return at.xy / at.z;
}

/** By what red, green and blue are farther from the centre in the photo, and what light there comes times. */
vec4 lensAt(vec2 at) {
  float place = min(length((at - uCentre.xy) * uCentre.zw) * ${float((STEPS - 1) / REACH)}, ${float(STEPS - 1)});
  int first = min(int(place), ${STEPS - 2});
  return mix(texelFetch(uLens, ivec2(first, 0), 0), texelFetch(uLens, ivec2(first + 1, 0), 0), place - float(first));
}

vec2 bent(vec2 at, float factor) {
  return uCentre.xy + (at - uCentre.xy) * factor;
}

vec2 toPhoto(vec2 pixel, vec2 within) {
  vec2 at = toStraight(pixel, within);
  return uBent ? bent(at, lensAt(at).g) : at;
}

vec2 toPhoto(vec2 pixel) {
  return toPhoto(pixel, vec2(0.0));
}`;

/** An array of numbers as vec2, vec3 or vec4. */
export const vector = (v) => `vec${v.length}(${v.map(float).join(', ')})`;

/** A row-major 3x3 matrix as mat3, which GLSL fills column by column. */
export const matrix = (m) => `mat3(${[0, 1, 2].map((c) => m.map((row) => float(row[c])).join(', ')).join(', ')})`;
