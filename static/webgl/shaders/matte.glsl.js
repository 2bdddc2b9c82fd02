import { HEADER } from './common.glsl.js';

/** Copies the red channel of a texture into every channel, resampled bilinearly to the size drawn. */
export const PLACE = `${HEADER}
uniform sampler2D uSource;
uniform vec2 uSize;  // pixels of the target
out vec4 result;

void main() {
  result = vec4(textureLod(uSource, gl_FragCoord.xy / uSize, 0.0).r);
}`;

/** A matte as far as it is not fitted to the edges of the photo. */
export const MIX = `${HEADER}
uniform sampler2D uSource;
uniform sampler2D uFitted;
uniform vec2 uSize;   // pixels of the target
uniform float uShare;
out vec4 result;

void main() {
  vec2 at = gl_FragCoord.xy / uSize;
  result = vec4(mix(textureLod(uSource, at, 0.0).r, textureLod(uFitted, at, 0.0).r, uShare));
}`;

/** Half of a Gaussian blur: along one axis, edges repeated. */
export const BLUR = `${HEADER}
uniform sampler2D uSource;
uniform ivec2 uAxis;   // (1, 0) or (0, 1)
uniform float uSigma;  // pixels
out vec4 result;

void main() {
  ivec2 last = textureSize(uSource, 0) - 1;
  int reach = int(ceil(3.0 * uSigma));
  float sum = 0.0;
  float weights = 0.0;
  for (int i = -reach; i <= reach; ++i) {
    float weight = exp(-0.5 * float(i * i) / (uSigma * uSigma));
    sum += weight * texelFetch(uSource, clamp(ivec2(gl_FragCoord.xy) + i * uAxis, ivec2(0), last), 0).r;
    weights += weight;
  }
  result = vec4(sum / weights);
}`;
