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
 * Where in the photo a pixel of the target lies, 0 to 1: a homography, for a picture may be turned and tilted. Beyond the
 * picture's edges they are repeated.
 */
export const PLACE = `
uniform mat3 uPlace;
uniform vec4 uWithin;  // middles of the target's first and last pixel that is the picture's

vec2 toPhoto(vec2 pixel, vec2 within) {  // within the pixel, -0.5 to 0.5
  vec3 at = uPlace * vec3(clamp(pixel, uWithin.xy, uWithin.zw) + within, 1.0);
  return at.xy / at.z;
}

vec2 toPhoto(vec2 pixel) {
  return toPhoto(pixel, vec2(0.0));
}`;

/** A number as GLSL writes floats. */
export const float = (x) => (Number.isInteger(x) ? x.toFixed(1) : String(x));

/** An array of numbers as vec2, vec3 or vec4. */
export const vector = (v) => `vec${v.length}(${v.map(float).join(', ')})`;

/** A row-major 3x3 matrix as mat3, which GLSL fills column by column. */
export const matrix = (m) => `mat3(${[0, 1, 2].map((c) => m.map((row) => float(row[c])).join(', ')).join(', ')})`;
