// Masks put together of parts, at the pixels of a target. The formulas are those of envo/expressions.py, where they are
// explained.

import { HEADER, PLACE, matrix, vector } from './common.glsl.js';

/** Vectors of four that a part has in `uParts`. */
export const VECTORS = 3;

/** What of each shape stands for its value, by the vectors p, q and r of `uParts`. */
const SHAPES = {
  nothing: '0.0',
  raster: 'dot(textureLod(uRasters, vec3(photo, q.x), 0.0), p)',
  linear: '1.0 - rise(dot(at - p.xy, p.zw), q.x, q.y)',
  radial: '1.0 - rise(length(vec2(dot(at - p.xy, p.zw), dot(at - p.xy, q.xy))), q.z, q.w)',
  luminance: 'rise(clamp(lab.x, 0.0, 1.0), p.x, p.y) * (1.0 - rise(clamp(lab.x, 0.0, 1.0), p.z, p.y))',
  colour: '1.0 - rise(length((lab - p.xyz) * LIGHTNESS), p.w, q.x)',
};

/** How a part goes together with the parts before it. */
const HOWS = { add: 'min(m + v, 1.0)', subtract: 'max(m - v, 0.0)', intersect: 'm * v' };

/**
 * The shader for the masks of up to four layers, each in a channel.
 * @param {object} k the schema's constants
 * @param {{shape: string, how: string}[][]} masks the parts of each
 */
export function expressionShader(k, masks) {
  const parts = masks.flat();
  const asks = (...shapes) => parts.some(({ shape }) => shapes.includes(shape));
  let next = 0;
  const lines = masks.map((mask, channel) => [
    `  m = ${mask[0].how === 'add' ? '0.0' : '1.0'};`,
    ...mask.map(({ shape, how }) => {
      const first = VECTORS * next++;
      return `  p = uParts[${first}];
  q = uParts[${first + 1}];
  r = uParts[${first + 2}];
  v = r.y + r.x * (${SHAPES[shape]});
  m = ${HOWS[how]};`;
    }),
    `  result[${channel}] = uWhole[${channel}].y + uWhole[${channel}].x * m;`,
  ].join('\n'));
  return `${HEADER}${PLACE}
uniform sampler2DArray uRasters;  // mattes and what was painted, over the photo
uniform sampler2D uPhoto;         // linear sRGB as it came, at the target's pixels
uniform vec2 uEdges;              // what photo coordinates come times, to be shares of the photo's long edge
uniform vec4 uParts[${Math.max(parts.length, 1) * VECTORS}];
uniform vec2 uWhole[4];           // of each mask: what it comes times, and what is added to that
out vec4 result;

const vec3 LIGHTNESS = ${vector([k.colour_lightness, 1, 1])};

/** A smoothstep: 0 up to \`low\`, 1 from \`low\` + 1 / \`slope\` on. */
float rise(float x, float low, float slope) {
  float t = clamp((x - low) * slope, 0.0, 1.0);
  return t * t * (3.0 - 2.0 * t);
}

void main() {
  vec2 photo = toPhoto(gl_FragCoord.xy);
  vec2 at = photo * uEdges;
${asks('luminance', 'colour') ? `
  vec3 cone = ${matrix(k.linear_to_cone)} * texelFetch(uPhoto, ivec2(gl_FragCoord.xy), 0).rgb;
  vec3 lab = ${matrix(k.cone_to_oklab)} * pow(max(cone, 1e-15), vec3(1.0 / 3.0));` : ''}
  vec4 p, q, r;
  float m, v;
  result = vec4(0.0);
${lines.join('\n')}
}`;
}
