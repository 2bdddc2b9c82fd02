// The picture: one pass over the photo that develops every layer. Written to be the same as envo/render.py.

import { invert } from '../matrix.js';
import { HEADER, float, matrix, vector } from './common.glsl.js';

/**
 * The fragment shader for a stack of layers. It is written out layer by layer, since a loop with indices that are not
 * constant costs several times as much where the GPU is emulated and gains nothing where it is real.
 * @param {object} k the schema's constants
 * @param {number} maxLayers length of the uniform block
 * @param {number[]} slices for each layer drawn, from the bottom up: the slice its matte lies in, -1 without a mask
 */
export const developShader = (k, maxLayers, slices) => `${HEADER}
struct Layer {
  mat3 light;   // exposure and white balance, on cone responses
  vec4 colour;  // saturation * (cos, sin) of the hue's turn, vibrance -1 to 1, sepia 0 to 1
  vec4 matte;   // factors of the four mattes of a slice in the layer's weight: opacity and inversion included
  vec3 rest;    // what is added to the weight; vignette; 1 if perceptual: more than light is changed
};
layout(std140) uniform Layers { Layer layers[${maxLayers}]; };
uniform sampler2D uPhoto;        // linear sRGB, at the target's pixels
uniform sampler2DArray uMattes;  // 0 to 1, four layers to a slice, at the target's pixels
uniform sampler2D uTone;         // a row for each layer
uniform vec4 uMap;               // photo coordinates (0 to 1, y down) = gl_FragCoord.xy * zw + xy
uniform float uSplit;            // left of this photo coordinate the photo is shown as it came
out vec4 result;

// Layers work on the cone responses of OKLab, linear like sRGB: mixing is the same in both, and OKLab is one root away.
const mat3 LINEAR_TO_CONE = ${matrix(k.linear_to_cone)};
const mat3 CONE_TO_OKLAB = ${matrix(k.cone_to_oklab)};
const mat3 OKLAB_TO_CONE = ${matrix(invert(k.cone_to_oklab))};
const mat3 CONE_TO_LINEAR = ${matrix(invert(k.linear_to_cone))};
const vec3 LUMINANCE = ${vector(k.linear_to_xyz[1])};

/** Cube root of values >= 0: a third of the exponent, then one step of Halley's method (3e-5 relative). */
vec3 cubeRoot(vec3 v) {
  v = max(v, 1e-15);
  vec3 root = intBitsToFloat(ivec3(vec3(floatBitsToInt(v)) * (1.0 / 3.0)) + 709921077);
  vec3 cube = root * root * root;
  return root * (cube + 2.0 * v) / (2.0 * cube + v);
}

/** The tone curve of one layer at lightness L >= 0. */
float tone(float L, int row) {
  float at = min(sqrt(L * ${float(1 / k.table_top)}) * ${float(k.table_size)}, ${float(k.table_size)});
  int i = min(int(at), ${k.table_size - 1});
  vec2 pair = texelFetch(uTone, ivec2(i, row), 0).xy;
  return mix(pair.x, pair.y, at - float(i));
}

/** Cone responses after what layer i does beyond light. */
vec3 grade(vec3 cone, const int i) {
  vec3 lab = CONE_TO_OKLAB * cubeRoot(cone);
  vec4 p = layers[i].colour;
  float before = max(lab.x, 0.0);
  float L = tone(before, i);
  vec2 ab = lab.yz * ((L + ${float(k.chroma_floor)}) / (before + ${float(k.chroma_floor)}));

  // vibrance: faint colours most; the skin's hue is spared by the eighth power of the cosine of the angle to it
  float square = dot(ab, ab);
  float along = max(dot(ab, ${vector(k.skin)}), 0.0);
  float skin = along * along / (square + 1e-12);
  skin *= skin;
  skin *= skin;
  ab *= 1.0 + p.z * (1.0 - ${float(k.skin_spared)} * skin) / (1.0 + square * ${float(k.vibrance_chroma ** -2)});

  // saturation and hue, then sepia: the tint of an old print is strongest in the middle tones
  ab = vec2(p.x * ab.x - p.y * ab.y, p.y * ab.x + p.x * ab.y);
  ab = mix(ab, ${vector(k.sepia)} * max(4.0 * L * (1.0 - L), 0.0), p.w);
  vec3 root = OKLAB_TO_CONE * vec3(L, ab);
  return root * root * root;
}

/** Cone responses after layer i. \`corner\` is 0 at the photo's centre and 1 in its corners. */
vec3 develop(vec3 cone, const int i, float corner) {
  float falloff = 1.0 + layers[i].rest.y * corner;
  cone = layers[i].light * (falloff * falloff * cone);
  if (layers[i].rest.z != 0.0) cone = grade(cone, i);
  return cone;
}

/** Display transform: outside the screen's gamut towards the grey of the same luminance, which keeps the hue. */
vec3 fitGamut(vec3 colour) {
  float luminance = clamp(dot(colour, LUMINANCE), 0.0, 1.0);
  vec3 away = colour - luminance;
  float above = max(max(away.r, away.g), max(away.b, 1e-9));
  float below = max(max(-away.r, -away.g), max(-away.b, 1e-9));
  return luminance + away * min(1.0, min((1.0 - luminance) / above, luminance / below));
}

/** The sRGB transfer function for 0 to 1; roots instead of pow: within 0.012/255 (least maximum error fit). */
vec3 encode(vec3 colour) {
  colour = clamp(colour, 0.0, 1.0);
  vec3 root2 = sqrt(colour);
  vec3 root4 = sqrt(root2);
  vec3 root8 = sqrt(root4);
  vec3 curve = 0.64236624 * root2 + 0.71210978 * root4 - 0.33686974 * root8 - 0.01756334 * colour;
  return mix(curve, 12.92 * colour, lessThan(colour, vec3(0.0031308)));
}

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec2 at = gl_FragCoord.xy * uMap.zw + uMap.xy;
  vec3 cone = LINEAR_TO_CONE * texelFetch(uPhoto, pixel, 0).rgb;
  vec2 centred = 2.0 * at - 1.0;
  float reach = 0.5 * dot(centred, centred);
  float corner = reach * reach * (3.0 - 2.0 * reach);
  float edited = at.x < uSplit ? 0.0 : 1.0;
  float weight;
${[...new Set(slices)].filter((slice) => slice >= 0).map((slice) => `
  vec4 mattes${slice} = texelFetch(uMattes, ivec3(pixel, ${slice}), 0);`).join('')}
${slices.map((slice, i) => `
  weight = edited * (layers[${i}].rest.x${slice < 0 ? '' : ` + dot(mattes${slice}, layers[${i}].matte)`});
  if (weight > 0.0) cone = mix(cone, develop(cone, ${i}, corner), weight);`).join('')}

  vec3 colour = CONE_TO_LINEAR * cone;
  if (any(greaterThan(abs(colour - 0.5), vec3(0.5)))) colour = fitGamut(colour);
  result = vec4(encode(colour), 1.0);
}`;

/** The mask of a layer, in red, to blend over the picture. */
export const OVERLAY = `${HEADER}
uniform sampler2DArray uMattes;
uniform int uSlice;
uniform vec4 uMatte;   // factors of the four mattes of the slice
uniform float uAdded;  // what is added to their sum
out vec4 result;

void main() {
  float mask = dot(texelFetch(uMattes, ivec3(gl_FragCoord.xy, uSlice), 0), uMatte) + uAdded;
  result = vec4(0.9, 0.15, 0.12, 0.6 * mask);
}`;
