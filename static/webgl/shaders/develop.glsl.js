// The picture: one pass over the photo that develops every layer. Written to be the same as envo/render.py.

import { invert } from '../matrix.js';
import { STEPS } from '../shoulder.js';
import { ROWS } from '../tables.js';
import { passCode } from './blur.glsl.js';
import { HEADER, PLACE, float, matrix, vector } from './common.glsl.js';
import { LUT } from './lut.glsl.js';

/** Whether any layer takes one of some steps. */
const asks = (drawn, ...names) => drawn.some(({ steps }) => names.some((name) => steps.includes(name)));

/**
 * The functions of layer i, with the steps that it takes alone.
 * @param {Set<string>} steps see `steps` in layers.js
 * @param {number} sharp its slice of uSharp
 */
const layerShader = (k, i, steps, sharp) => `
/** Cone responses after what layer ${i} does beyond light. */
vec3 grade${i}(vec3 cone, vec2 at, vec3 detail, float original, vec3 noise) {
  vec3 lab = CONE_TO_OKLAB * cubeRoot(cone);
  vec4 p = layers[${i}].colour;
  float before = max(lab.x, 0.0);
${['detail', 'noise', 'sharp'].some((name) => steps.has(name)) ? `
  // What the original has of each is carried over to what became of it.
  float carried = (before + ${float(k.carry)}) / (original + ${float(k.carry)});` : ''}
${steps.has('noise') ? `
  noise *= carried;
  before = max(before + layers[${i}].clean.y * noise.x, 0.0);
  lab.yz += layers[${i}].clean.z * noise.yz;` : ''}
  float moved = before;
${steps.has('detail') ? `
  vec4 strengths = layers[${i}].detail;
  vec3 away = carried * detail;
  float base = max(moved + away.y, 0.0);
  float x = min(base, 1.0);
  x += strengths.x * x * x * x * (1.0 - x);
  float dark = 1.0 - x;
  x += strengths.y * x * dark * dark * dark;
  x += max(base - 1.0, 0.0) * (1.0 - min(abs(strengths.x), ${float(k.highlights)}));
  moved += x - base + strengths.z * (away.x - away.z) - strengths.w * away.x;
  moved = max(moved - layers[${i}].clean.x * (away.x - away.y), 0.0);` : ''}
${steps.has('sharp') ? `
  moved = max(moved + layers[${i}].more.y * carried * texelFetch(uSharp, ivec3(gl_FragCoord.xy, ${sharp}), 0).x, 0.0);` : ''}
  float L = tone(moved, ${i});
  vec2 ab = lab.yz * ((L + ${float(k.chroma_floor)}) / (before + ${float(k.chroma_floor)}));

  // vibrance: faint colours most; the skin's hue is spared by the eighth power of the cosine of the angle to it
  float square = dot(ab, ab);
  float along = max(dot(ab, ${vector(k.skin)}), 0.0);
  float skin = along * along / (square + 1e-12);
  skin *= skin;
  skin *= skin;
  ab *= 1.0 + p.z * (1.0 - ${float(k.skin_spared)} * skin) / (1.0 + square * ${float(k.vibrance_chroma ** -2)});

  ab = vec2(p.x * ab.x - p.y * ab.y, p.y * ab.x + p.x * ab.y);
${steps.has('bands') ? `
  // mixer: by hue, as a place around the square |a| + |b| = 1; grey noise has too little chroma for it
  float side = ab.x / (abs(ab.x) + abs(ab.y) + 1e-9);
  vec3 band = between(0.25 * (ab.y >= 0.0 ? 1.0 - side : 3.0 + side), ${i}, ${ROWS.mixer});
  square = dot(ab, ab);
  float gate = square / (square + ${float(k.mixer_chroma ** 2)});
  vec2 turned = vec2(1.0 + gate * (band.x - 1.0), gate * band.y);
  ab = vec2(turned.x * ab.x - turned.y * ab.y, turned.y * ab.x + turned.x * ab.y);
  L = max(L + gate * band.z * max(L * (1.0 - L), 0.0), 0.0);

  // redness: what is redder than skin is brought towards its hue
  along = max(dot(ab, ${vector(k.skin)}), 0.0);
  float across = max(dot(ab, ${vector([k.skin[1], -k.skin[0]])}), 0.0);
  ab -= layers[${i}].clean.w * along * along / (dot(ab, ab) + 1e-12) * across * ${vector([k.skin[1], -k.skin[0]])};
  ab *= layers[${i}].shape.w;

  // grading: later, so that black and white can be tinted
  vec3 graded = between(min(L, 1.0), ${i}, ${ROWS.grading});
  ab += graded.xy;
  L = max(L + graded.z, 0.0);` : ''}
  // sepia: the tint of an old print is strongest in the middle tones
  ab = mix(ab, ${vector(k.sepia)} * max(4.0 * L * (1.0 - L), 0.0), p.w);
${steps.has('grain') ? `
  L = max(L + layers[${i}].grain.x * max(4.0 * L * (1.0 - L), 0.0) * grain(at * uSize, layers[${i}].grain), 0.0);` : ''}
  vec3 root = OKLAB_TO_CONE * vec3(L, ab);
  return root * root * root;
}

/** Cone responses after layer ${i}. \`corner\` is 0 at the photo's centre and 1 in its corners. */
vec3 develop${i}(vec3 cone, vec2 at, float corner, vec3 detail, float original, vec3 noise) {
${steps.has('haze') ? `
  vec3 airlight = LINEAR_TO_CONE * uAirlight;
  // Not brought to the target's pixels before: half floats would be too coarse to divide by.
  float clear = clamp(dot(textureLod(uHaze, at, 0.0).rg, vec2(original, 1.0)), ${float(k.haze_kept)}, 1.0);
  float amount = layers[${i}].rest.w;
  float through = amount > 0.0
    ? 1.0 / (1.0 + amount * (max(clear, ${float(k.clearest)}) - 1.0))
    : 1.0 + amount * (1.0 - ${float(k.mist_spared)} * clear);
  cone = max((cone - airlight) * through + airlight, 0.0);` : ''}
${steps.has('shape') ? `
  corner = shapedCorner(layers[${i}].shape.xyz);` : ''}
  float falloff = 1.0 + layers[${i}].rest.y * corner;
  cone = layers[${i}].light * (falloff * falloff * cone);
  if (layers[${i}].rest.z != 0.0) cone = grade${i}(cone, at, detail, original, noise);
${steps.has('channels') || steps.has('lut') ? `
  vec3 colour = CONE_TO_LINEAR * cone;
  vec3 inside = clamp(colour, 0.0, 1.0);
  vec3 encoded = exactEncode(inside);` : ''}
${steps.has('channels') ? `
  encoded = vec3(between(encoded.r, ${i}, ${ROWS.curves}).r, between(encoded.g, ${i}, ${ROWS.curves}).g, between(encoded.b, ${i}, ${ROWS.curves}).b);` : ''}
${steps.has('lut') ? `
  encoded = mix(encoded, lookUp(encoded, layers[${i}].lutLow, layers[${i}].lutScale), layers[${i}].grain.w);` : ''}
${steps.has('channels') || steps.has('lut') ? `
  cone = LINEAR_TO_CONE * (exactDecode(encoded) + colour - inside);` : ''}
  return cone;
}
`;

/** What brings light beyond white to the screen: log-logistic, between matrices that draw colours in for AgX. */
const viewShader = (k, view) => {
  const contrast = k.view_contrast[view];
  const inset = view === 'agx' ? k.view_inset : [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  return `
vec3 toView(vec3 colour) {
  vec3 light = pow(max(${matrix(inset)} * colour, 0.0), vec3(${float(contrast)}));
  return ${matrix(invert(inset))} * (light / (light + ${float((k.view_grey ** contrast * (1 - k.view_grey)) / k.view_grey)}));
}
`;
};

/**
 * The fragment shader for a stack of layers. It is written out layer by layer, since a loop with indices that are not
 * constant costs several times as much where the GPU is emulated and gains nothing where it is real.
 * @param {object} k the schema's constants
 * @param {number} maxLayers length of the uniform block
 * @param {{slice: number, steps: string[], sharp: number, passes: ?object}[]} drawn each layer from the bottom up: the slice its matte
 *     lies in, -1 without a mask; its steps, see `steps` in layers.js; its slice of uSharp; its slices of uPasses, null
 *     without
 * @param {{maps: boolean, view: string, isLinear: boolean, gamut: object, isBright?: boolean}} photo whether its maps are
 *     there, the view transform, whether linear sRGB is drawn as it is, for layers above to look at; else the gamut that
 *     it is drawn in, and whether its light reaches over white
 */
export const developShader = (k, maxLayers, drawn, { maps, view, isLinear, gamut, isBright = false }) => `${HEADER}${PLACE}
struct Layer {
  mat3 light;     // exposure and white balance, on cone responses
  vec4 colour;    // saturation * (cos, sin) of the hue's turn, vibrance -1 to 1, sepia 0 to 1
  vec4 matte;     // factors of the four mattes of a slice in the layer's weight: opacity and inversion included
  vec4 rest;      // what is added to the weight; vignette; 1 if perceptual: more than light is changed; dehaze
  vec4 detail;    // highlights, shadows, clarity, texture
  vec4 clean;     // skin smoothing, noise of luminance and of colour, redness
  vec4 shape;     // where the vignette begins, one over how far it grows, its roundness; what black and white leaves
  vec4 grain;     // strength, size in pixels of the photo, roughness; strength of the LUT
  vec4 more;      // opacity, sharpening
  vec4 lutLow;    // where the layer's LUT is: see lut.glsl.js
  vec4 lutScale;
};
layout(std140) uniform Layers { Layer layers[${maxLayers}]; };
uniform sampler2D uPhoto;        // linear sRGB, at the target's pixels
uniform sampler2DArray uMattes;  // 0 to 1, four layers to a slice, at the target's pixels
uniform sampler2D uTone;         // a row for each layer
uniform sampler2D uTables;       // ${Object.keys(ROWS).length} rows for each layer, see tables.js
uniform sampler2D uDetail;       // how far the base of each scale lies above the lightness
uniform sampler2D uHaze;         // a and b of transmission as a line over lightness
uniform sampler2D uNoise;        // what OKLab lacks without noise
uniform sampler2DArray uSharp;   // what sharpening adds to lightness, a slice for each layer that sharpens
uniform sampler2DArray uPasses;  // what blurs and glow come to, see passes.js
uniform vec3 uAirlight;          // linear sRGB
uniform vec2 uSize;              // pixels of the photo
uniform float uScale;            // pixels of the target for one of the photo
uniform vec4 uMap;               // picture coordinates (0 to 1, y down) = gl_FragCoord.xy * zw + xy
uniform vec4 uCrop;              // coordinates within the crop, likewise
uniform float uAspect;           // width of the crop by its height
uniform float uMost;             // where its shoulder ends, white being 1
uniform float uFactors[${STEPS + 1}];  // of the shoulder
uniform float uSplit;            // left of this picture coordinate the photo is shown as it came
out vec4 result;

// Layers work on the cone responses of OKLab, linear like sRGB: mixing is the same in both, and OKLab is one root away.
const mat3 LINEAR_TO_CONE = ${matrix(k.linear_to_cone)};
const mat3 CONE_TO_OKLAB = ${matrix(k.cone_to_oklab)};
const vec3 CONE_TO_OKLAB_L = ${vector(k.cone_to_oklab[0])};
const mat3 OKLAB_TO_CONE = ${matrix(invert(k.cone_to_oklab))};
const mat3 CONE_TO_LINEAR = ${matrix(invert(k.linear_to_cone))};

/** Cube root of values >= 0: a third of the exponent, then one step of Halley's method (3e-5 relative). */
vec3 cubeRoot(vec3 v) {
  v = max(v, 1e-15);
  vec3 root = intBitsToFloat(ivec3(vec3(floatBitsToInt(v)) * (1.0 / 3.0)) + 709921077);
  vec3 cube = root * root * root;
  return root * (cube + 2.0 * v) / (2.0 * cube + v);
}

/** The sRGB transfer function for 0 to 1, and its inverse. */
vec3 exactEncode(vec3 v) {
  return mix(1.055 * pow(max(v, 0.0031308), vec3(1.0 / 2.4)) - 0.055, 12.92 * v, lessThanEqual(v, vec3(0.0031308)));
}

vec3 exactDecode(vec3 v) {
  return mix(pow((max(v, 0.04045) + 0.055) / 1.055, vec3(2.4)), v / 12.92, lessThanEqual(v, vec3(0.04045)));
}

/** How far in the corners a place is: the vignette begins at shape.x; see \`cornerness\` in envo/adjustments.py. */
float shapedCorner(vec3 shape) {
  vec2 centred = 2.0 * (gl_FragCoord.xy * uCrop.zw + uCrop.xy) - 1.0;
  vec2 square = centred * centred;
  float reach = 0.5 * (square.x + square.y);
  float aspect = uAspect * uAspect;
  reach = mix(reach, (aspect * square.x + square.y) / (aspect + 1.0), max(shape.z, 0.0));
  reach = mix(reach, max(square.x, square.y), max(-shape.z, 0.0));
  reach = clamp((reach - shape.x) * shape.y, 0.0, 1.0);
  return reach * reach * (3.0 - 2.0 * reach);
}

/** Whole places hashed to -1 to 1; see envo/grain.py. */
float random(uvec2 place) {
  uint hashed = place.x * 0x9E3779B1u ^ place.y * 0x85EBCA77u;
  hashed ^= hashed >> 16;
  hashed *= 0x7FEB352Du;
  hashed ^= hashed >> 15;
  hashed *= 0x846CA68Bu;
  hashed ^= hashed >> 16;
  return float(hashed >> 8) * exp2(-23.0) - 1.0;
}

float valueNoise(vec2 place) {
  vec2 whole = floor(place);
  vec2 part = place - whole;
  uvec2 corner = uvec2(whole);
  return mix(
    mix(random(corner), random(corner + uvec2(1, 0)), part.x),
    mix(random(corner + uvec2(0, 1)), random(corner + uvec2(1, 1)), part.x), part.y);
}

float grain(vec2 pixel, vec4 p) {
  float fine = valueNoise(pixel / p.y);
  return mix(fine, valueNoise(pixel / (p.y * ${float(k.grain_coarse)})), p.z) * min(1.0, p.y * uScale);
}

/** Between the entries of a table of layer \`row\`, at 0 to 1. */
vec3 between(float place, int row, const int which) {
  float at = clamp(place, 0.0, 1.0) * ${float(k.steps)};
  int i = min(int(at), ${k.steps - 1});
  int line = ${Object.keys(ROWS).length} * row + which;
  return mix(texelFetch(uTables, ivec2(i, line), 0).rgb, texelFetch(uTables, ivec2(i + 1, line), 0).rgb, at - float(i));
}

/** The tone curve of one layer at lightness L >= 0. */
float tone(float L, int row) {
  float at = min(sqrt(L * ${float(1 / k.table_top)}) * ${float(k.table_size)}, ${float(k.table_size)});
  int i = min(int(at), ${k.table_size - 1});
  vec2 pair = texelFetch(uTone, ivec2(i, row), 0).xy;
  return mix(pair.x, pair.y, at - float(i));
}

${asks(drawn, 'lut') ? LUT : ''}
${drawn.map(({ steps, sharp }, i) => layerShader(k, i, new Set(steps), sharp)).join('')}
${isBright ? `
/** Light above white is drawn in below it, as envo/shoulder.py tells. */
vec3 drawIn(vec3 colour) {
  float brightest = max(max(colour.r, colour.g), max(colour.b, 1e-6));
  float at = min(sqrt(brightest / uMost), 1.0) * ${float(STEPS)};
  int i = min(int(at), ${STEPS - 1});
  return colour * mix(uFactors[i], uFactors[i + 1], at - float(i)) * min(1.0, uMost / brightest);
}` : ''}
/** Display transform: outside the screen's gamut towards the grey of the same luminance, which keeps the hue. */
vec3 fitGamut(vec3 colour) {
  float luminance = clamp(dot(colour, ${vector(gamut.luminance)}), 0.0, 1.0);
  vec3 away = colour - luminance;
  float above = max(max(away.r, away.g), max(away.b, 1e-9));
  float below = max(max(-away.r, -away.g), max(-away.b, 1e-9));
  return luminance + away * min(1.0, min((1.0 - luminance) / above, luminance / below));
}

${view === 'none' ? '' : viewShader(k, view)}
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
${asks(drawn, 'haze', 'grain') ? '  vec2 at = toPhoto(gl_FragCoord.xy);' : '  const vec2 at = vec2(0.0);'}
  vec4 photo = texelFetch(uPhoto, pixel, 0);
  vec3 cone = LINEAR_TO_CONE * photo.rgb;
  vec2 centred = 2.0 * (gl_FragCoord.xy * uCrop.zw + uCrop.xy) - 1.0;
  float reach = 0.5 * dot(centred, centred);
  float corner = reach * reach * (3.0 - 2.0 * reach);
  float edited = gl_FragCoord.x * uMap.z + uMap.x < uSplit ? 0.0 : 1.0;
  float weight;
${drawn.some(({ passes }) => passes) ? '  vec3 passed, root;\n  vec4 pass;' : ''}
${asks(drawn, 'haze', 'detail', 'noise', 'sharp') ? '  float original = max(dot(CONE_TO_OKLAB_L, cubeRoot(cone)), 0.0);' : '  const float original = 0.0;'}
${asks(drawn, 'detail') && maps ? '  vec3 detail = texelFetch(uDetail, pixel, 0).rgb;' : '  const vec3 detail = vec3(0.0);'}
${asks(drawn, 'noise') ? '  vec3 noise = texelFetch(uNoise, pixel, 0).rgb;' : '  const vec3 noise = vec3(0.0);'}
${[...new Set(drawn.map(({ slice }) => slice))].filter((slice) => slice >= 0).map((slice) => `
  vec4 mattes${slice} = texelFetch(uMattes, ivec3(pixel, ${slice}), 0);`).join('')}
${drawn.map(({ slice, passes }, i) => `
  weight = edited * (layers[${i}].rest.x${slice < 0 ? '' : ` + dot(mattes${slice}, layers[${i}].matte)`});${passes ? `
  if (weight > 0.0) {${passCode(passes)}
    cone += edited * layers[${i}].more.x * (passed - cone) + weight * (develop${i}(passed, at, corner, detail, original, noise) - passed);
  }` : `
  if (weight > 0.0) cone = mix(cone, develop${i}(cone, at, corner, detail, original, noise), weight);`}`).join('')}

  vec3 colour = CONE_TO_LINEAR * cone;
${view === 'none' ? '' : '  if (edited > 0.0) colour = toView(colour);'}
${isBright ? `  ${view === 'none' ? '' : 'else '}colour = drawIn(colour);` : ''}
${isLinear ? '  result = vec4(colour, 1.0);' : `
${gamut.id === 'srgb' ? '' : `  colour = ${matrix(gamut.from_srgb)} * colour;`}
  if (any(greaterThan(abs(colour - 0.5), vec3(0.5)))) colour = fitGamut(colour);
  result = vec4(encode(colour), 1.0) * photo.a;`}
}`;

/** How a mask can be seen over the picture. */
export const VIEWS = ['red', 'white', 'outline'];

/** The mask of a layer, to blend over the picture, as one of `VIEWS`. */
export const OVERLAY = `${HEADER}
uniform sampler2DArray uMattes;
uniform int uSlice;
uniform int uChannel;
uniform int uView;
out vec4 result;

float maskAt(ivec2 pixel) {
  return texelFetch(uMattes, ivec3(clamp(pixel, ivec2(0), textureSize(uMattes, 0).xy - 1), uSlice), 0)[uChannel];
}

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  float mask = maskAt(pixel);
  result = uView == 1 ? vec4(vec3(mask), 1.0) : vec4(0.9, 0.15, 0.12, 0.6 * mask);
  if (uView != 2) return;
  // A line of dashes where the mask is a half.
  float most = mask;
  float least = mask;
  for (int i = 0; i < 9; ++i) {
    float near = maskAt(pixel + ivec2(i % 3, i / 3) - 1);
    most = max(most, near);
    least = min(least, near);
  }
  bool isEdge = least < 0.5 && most >= 0.5;
  result = vec4(vec3((pixel.x + pixel.y) % 12 < 6 ? 1.0 : 0.0), isEdge ? 1.0 : 0.0);
}`;
