import { HEADER } from './common.glsl.js';

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
