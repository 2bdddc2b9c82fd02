// What a layer's blurs and glow are made of, step by step on a grid over the picture. The steps and their formulas are those
// of envo/passes.py, where they are explained.

import { HEADER, float, matrix, vector } from './common.glsl.js';

/** Near to encoded values, as which mattes take colours for mixed. */
const ROOT = `
vec3 toRoot(vec3 light) {
  return sqrt(max(light, 0.0));
}`;

/** The mask of a layer at a pixel of the target. */
const MATTE = `
uniform sampler2DArray uMasks;  // at the target's pixels
uniform int uSlice;
uniform vec4 uChannel;          // 1 for the channel of the slice in which it lies

float matteAt(ivec2 pixel) {
  return dot(texelFetch(uMasks, ivec3(pixel, uSlice), 0), uChannel);
}`;

/** That of a layer without a mask. */
const WHOLE = `
float matteAt(ivec2 pixel) {
  return 1.0;
}`;

/** Looks a grid up at picture coordinates; beyond the picture's edges they are repeated. */
const GRID = `
vec4 gridAt(sampler2D grid, vec4 place, vec2 at) {  // place: pixels of the whole grid; where in it the texture begins
  vec2 pixel = clamp(at * place.xy, vec2(0.5), place.xy - 0.5) - place.zw;
  return textureLod(grid, pixel / vec2(textureSize(grid, 0)), 0.0);
}`;

/** What brings a grid to the target's pixels. */
const PLACED = `${GRID}
uniform sampler2D uSource;
uniform vec4 uSourcePlace;
uniform vec4 uMap;
out vec4 result;
`;

/** At the target's pixels: what is blurred, times the matte, and the matte. */
const placeBlur = (matte) => `${HEADER}${matte}${PLACED}

void main() {
  vec2 at = gl_FragCoord.xy * uMap.zw + uMap.xy;
  float m = matteAt(ivec2(gl_FragCoord.xy));
  result = vec4(m * gridAt(uSource, uSourcePlace, at).rgb, m);
}`;

/** At the target's pixels: the glow's cone responses, and how much of what is there it veils. */
const placeGlow = (k, matte) => `${HEADER}${matte}${PLACED}
const mat3 LINEAR_TO_CONE = ${matrix(k.linear_to_cone)};
const vec3 LUMINANCE = ${vector(k.linear_to_xyz[1])};

void main() {
  vec2 at = gl_FragCoord.xy * uMap.zw + uMap.xy;
  vec3 glow = matteAt(ivec2(gl_FragCoord.xy)) * gridAt(uSource, uSourcePlace, at).rgb;
  result = vec4(LINEAR_TO_CONE * glow, clamp(dot(glow, LUMINANCE), 0.0, 1.0));
}`;

/** The shaders, by their names. */
export const passShaders = (k) => ({
  /** Mean and least of a mask within each pixel: it lies there in finer ones. */
  masked: `${HEADER}${MATTE}
uniform int uFine;  // of which there are so many within a pixel, each way
out vec4 result;

void main() {
  float sum = 0.0;
  float least = 1.0;
  for (int i = 0; i < uFine * uFine; ++i) {
    float m = matteAt(uFine * ivec2(gl_FragCoord.xy) + ivec2(i % uFine, i / uFine));
    sum += m;
    least = min(least, m);
  }
  result = vec4(sum / float(uFine * uFine), least, 0.0, 0.0);
}`,

  /** Roots of colours on one side of a mask, times how surely they lie there, and that. */
  side: `${HEADER}${ROOT}
uniform sampler2D uBelow;
uniform sampler2D uMask;
uniform ivec4 uPhoto;   // first and last pixel that is the photo's, where the mask begins and ends
uniform float uInside;  // 1 for within the mask, 0 for outside
out vec4 result;

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  float m = texelFetch(uMask, pixel - uPhoto.xy, 0).x;
  float share = mix(1.0 - m, m, uInside);
  share = ${float(k.pass_floor)} + share * share * share * share;
  result = vec4(toRoot(texelFetch(uBelow, pixel, 0).rgb) * share, share);
}`,

  /** The layer's own light, freed of what shines through, bright spots brightened; times its share, and that. */
  own: `${HEADER}${ROOT}${GRID}
uniform sampler2D uBelow;
uniform sampler2D uMask;
uniform sampler2D uOutside;
uniform sampler2D uInside;
uniform vec4 uOutsidePlace;
uniform vec4 uInsidePlace;
uniform vec4 uMap;
uniform ivec4 uPhoto;   // as above
uniform float uMasked;  // 0 where there is no mask
uniform float uBloom;
out vec4 result;

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec3 light = texelFetch(uBelow, pixel, 0).rgb;
  float share = 1.0;
  if (uMasked > 0.0) {
    vec2 at = gl_FragCoord.xy * uMap.zw + uMap.xy;
    float m = texelFetch(uMask, pixel - uPhoto.xy, 0).x;
    if (m > 0.0 && m < 1.0) {
      vec3 outside = gridAt(uOutside, uOutsidePlace, at).rgb;
      vec3 inside = gridAt(uInside, uInsidePlace, at).rgb;
      vec3 root = max(inside + m * (toRoot(light) - m * inside - (1.0 - m) * outside), 0.0);
      light = root * root;
    }
    float least = 1.0;
    for (int i = 0; i < 9; ++i) {
      ivec2 near = clamp(pixel + ivec2(i % 3, i / 3) - 1, uPhoto.xy, uPhoto.zw);
      least = min(least, texelFetch(uMask, near - uPhoto.xy, 0).y);
    }
    share = ${float(k.pass_floor)} + least * least * least * least;
  }
  light /= 1.0 - uBloom * clamp(max(max(light.r, light.g), light.b), 0.0, 1.0);
  result = vec4(light * share, share);
}`,

  /** The light of what is bright. */
  bright: `${HEADER}
uniform sampler2D uBelow;
uniform sampler2D uMask;
uniform ivec4 uPhoto;
uniform float uMasked;
out vec4 result;

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec3 light = max(texelFetch(uBelow, pixel, 0).rgb, 0.0);
  float most = min(max(max(light.r, light.g), light.b), 1.0);
  result = vec4(light * (most * most * (uMasked > 0.0 ? texelFetch(uMask, pixel - uPhoto.xy, 0).x : 1.0)), 1.0);
}`,

  /** A kernel, as looks between the pixels. */
  blur: `${HEADER}
uniform sampler2D uSource;
uniform sampler2D uLooks;  // x, y, weight
uniform int uCount;
out vec4 result;

void main() {
  vec2 size = vec2(textureSize(uSource, 0));
  vec4 sum = vec4(0.0);
  for (int i = 0; i < uCount; ++i) {
    vec3 look = texelFetch(uLooks, ivec2(i, 0), 0).xyz;
    sum += look.z * textureLod(uSource, (gl_FragCoord.xy + look.xy) / size, 0.0);
  }
  result = sum;
}`,

  /** Colours without their shares: as they are, or bright spots as they were, as roots; times a strength. */
  divided: `${HEADER}${ROOT}
uniform sampler2D uSource;
uniform float uRooted;  // 1 for roots of light
uniform float uBloom;
uniform float uStrength;
out vec4 result;

void main() {
  vec4 planes = texelFetch(uSource, ivec2(gl_FragCoord.xy), 0);
  vec3 colour = planes.rgb / max(planes.a, 1e-6);
  if (uRooted > 0.0) {
    float most = max(max(max(colour.r, colour.g), colour.b), 0.0);
    colour = toRoot(colour / min(1.0 + uBloom * most, 1.0 / (1.0 - uBloom)));
  }
  result = vec4(uStrength * colour, 1.0);
}`,

  /** At the target's pixels: what of the colours in front does not hang on the pixel's own. */
  placeFront: `${HEADER}${MATTE}${GRID}
uniform sampler2D uOutside;
uniform sampler2D uInside;
uniform vec4 uOutsidePlace;
uniform vec4 uInsidePlace;
uniform vec4 uMap;
out vec4 result;

void main() {
  vec2 at = gl_FragCoord.xy * uMap.zw + uMap.xy;
  float m = matteAt(ivec2(gl_FragCoord.xy));
  float rest = 1.0 - m;
  vec3 outside = gridAt(uOutside, uOutsidePlace, at).rgb;
  vec3 inside = gridAt(uInside, uInsidePlace, at).rgb;
  result = vec4((1.0 - rest * rest) * outside - rest * m * inside, 0.0);
}`,

  placeBlur: placeBlur(MATTE),
  placeBlurWhole: placeBlur(WHOLE),
  placeGlow: placeGlow(k, MATTE),
  placeGlowWhole: placeGlow(k, WHOLE),
});

/**
 * Lines of the develop shader that make \`passed\`, cone responses, of \`cone\`: what a layer's blurs and glow do.
 * @param {{blur: number, front: number, glow: number}} slices of uPasses, -1 where there is none
 */
export const passCode = ({ blur, front, glow }) => {
  const slice = (number) => `texelFetch(uPasses, ivec3(pixel, ${number}), 0)`;
  return `
  passed = cone;${blur < 0 ? '' : `
  pass = ${slice(blur)};
  root = pass.rgb;${front < 0 ? '' : `
  if (pass.a < 1.0) {
    root += (1.0 - pass.a) * max((1.0 - pass.a) * sqrt(max(CONE_TO_LINEAR * cone, 0.0)) + ${slice(front)}.rgb, 0.0);
  }`}
  passed = LINEAR_TO_CONE * (root * root);`}${glow < 0 ? '' : `
  pass = ${slice(glow)};
  passed = passed * (1.0 - pass.a) + pass.rgb;`}`;
};
