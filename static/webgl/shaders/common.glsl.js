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

/** A number as GLSL writes floats. */
export const float = (x) => (Number.isInteger(x) ? x.toFixed(1) : String(x));

/** An array of numbers as vec2, vec3 or vec4. */
export const vector = (v) => `vec${v.length}(${v.map(float).join(', ')})`;

/** A row-major 3x3 matrix as mat3, which GLSL fills column by column. */
export const matrix = (m) => `mat3(${[0, 1, 2].map((c) => m.map((row) => float(row[c])).join(', ')).join(', ')})`;
