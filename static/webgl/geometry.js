// Crop, straightening, turns and perspective: where in the photo each pixel of the edited picture lies. What frames and
// coordinates there are is explained in envo/geometry.py, which computes the same.

import { bentBy, rim, straightBy } from './lens.js';
import { invert, multiply, transpose } from './matrix.js';

export const STRAIGHT = { turns: 0, flip: false, angle: 0, vertical: 0, horizontal: 0, crop: null, ratio: 'free' };

const IDENTITY = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
const QUARTER = [[0, 1, 0], [-1, 0, 1], [0, 0, 1]];
const MIRRORED = [[-1, 0, 1], [0, 1, 0], [0, 0, 1]];

/** Whether a geometry changes anything. */
export const isFramed = (geometry) =>
  Object.keys(STRAIGHT).some((name) => name !== 'ratio' && String(geometry[name]) !== String(STRAIGHT[name]));

/** Whether pixels come to lie between those of the photo. */
export const isWarped = ({ angle, vertical, horizontal }) => Boolean(angle || vertical || horizontal);

/** Size of the frame of a photo. @param {[number, number]} size of the photo */
export const frameSize = ({ turns }, size) => (turns % 2 ? [size[1], size[0]] : size);

/** A homography applied to a point. @param {number[][]} matrix @param {[number, number]} point */
export function project(matrix, [x, y]) {
  const [a, b, w] = matrix.map((row) => row[0] * x + row[1] * y + row[2]);
  return [a / w, b / w];
}

/** The map from frame coordinates to those of the photo, or the corrected photo. @param {object} k the schema's constants */
export function toPhoto(geometry, size, k) {
  const { turns, flip, angle, vertical, horizontal } = geometry;
  const [width, height] = frameSize(geometry, size);
  const edge = Math.max(width, height);
  const centred = [[width / edge, 0, (-0.5 * width) / edge], [0, height / edge, (-0.5 * height) / edge], [0, 0, 1]];
  const turn = (angle * Math.PI) / 180;
  const turned = [[Math.cos(turn), Math.sin(turn), 0], [-Math.sin(turn), Math.cos(turn), 0], [0, 0, 1]];
  const most = k.perspective / 100;
  const tilted = [[1, 0, 0], [0, 1, 0], [-most * horizontal, -most * vertical, 1]];
  const warped = isWarped(geometry) ? [invert(centred), tilted, turned, centred].reduce(multiply) : IDENTITY;
  const back = Array(turns).fill(QUARTER).reduce(multiply, IDENTITY);
  return multiply(flip ? multiply(MIRRORED, back) : back, warped);
}

/**
 * Whether the photo fills a crop.
 * @param {number[]} crop left, top, right, bottom within the frame
 * @param {?object} lens the correction of the photo's lens, see lens.js
 */
export function isFilled(geometry, size, crop, k, lens) {
  const to = toPhoto(geometry, size, k);
  const slack = 1e-9;
  const [left, top, right, bottom] = crop;
  const edges = lens ? rim(crop) : [[left, top], [right, top], [right, bottom], [left, bottom]];
  return edges.every((place) => bentBy(lens, project(to, place)).every((each) => each >= -slack && each <= 1 + slack));
}

/** The largest crop about the middle, of the frame's proportions, that the photo fills. */
export function fitted(geometry, size, k, lens) {
  if (!isWarped(geometry)) return [0, 0, 1, 1];
  let [least, most] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const half = (least + most) / 2;
    const crop = [0.5 - half / 2, 0.5 - half / 2, 0.5 + half / 2, 0.5 + half / 2];
    if (isFilled(geometry, size, crop, k, lens)) least = half;
    else most = half;
  }
  return [0.5 - least / 2, 0.5 - least / 2, 0.5 + least / 2, 0.5 + least / 2];
}

/**
 * Where a picture lies in its photo.
 * @param {object} geometry of the edit document
 * @param {[number, number]} size of the photo in pixels
 * @param {object} k the schema's constants
 * @param {?object} lens the correction of the photo's lens, see lens.js
 * @param {boolean} [uncropped] whether all of the frame is the picture, whatever the crop
 * @returns {{size: [number, number], matrix: number[][], crop: number[], full: [number, number], exact: boolean, whole: boolean, lens: ?object}}
 *     the picture's size in pixels of the photo; the map from picture coordinates, 0 to 1, to those of the photo, or with
 *     a lens, of the corrected photo; where the crop lies in the picture: left, top, right, bottom; the photo's size;
 *     whether each pixel is one of the photo's; whether it is the photo as it came, or only turned and flipped; the lens
 */
export function framing(geometry, size, k, lens, uncropped = false) {
  const frame = frameSize(geometry, size);
  const [left, top, right, bottom] = geometry.crop ?? fitted(geometry, size, k, lens);
  const first = [left, top].map((each, i) => Math.min(Math.round(each * frame[i]), frame[i] - 1));
  const last = [right, bottom].map((each, i) => Math.max(first[i] + 1, Math.round(each * frame[i])));
  const cut = [...first, ...last].map((each, i) => each / frame[i % 2]);
  const exact = !lens && !isWarped(geometry);
  const matrix = toPhoto(geometry, size, k);
  if (uncropped) return { size: frame, matrix, crop: cut, full: size, exact, whole: exact, lens };
  const picture = [last[0] - first[0], last[1] - first[1]];
  const toFrame = [[picture[0] / frame[0], 0, cut[0]], [0, picture[1] / frame[1], cut[1]], [0, 0, 1]];
  return { size: picture, matrix: multiply(matrix, toFrame), crop: [0, 0, 1, 1], full: size, exact, whole: exact && String(picture) === String(frame), lens };
}

/**
 * Where the pixels of a target lie in the photo, as the shaders' uniforms: see PLACE in shaders/common.glsl.js.
 * @param {number[]} map from the target's pixels to picture coordinates, see the shaders
 * @returns {{place: number[], within: number[], lens: ?object}} the matrix column by column
 */
export function placing({ matrix, lens }, [x, y, across, down]) {
  const rows = multiply(matrix, [[across, 0, x], [0, down, y], [0, 0, 1]]);
  const ends = [[-x / across, (1 - x) / across], [-y / down, (1 - y) / down]].map((each) => each.sort((a, b) => a - b));
  const [[left, right], [top, bottom]] = ends.map(([first, last]) => [first + 0.5, Math.max(first, last - 1) + 0.5]);
  return { place: transpose(rows).flat(), within: [left, top, right, bottom], lens };
}

/** Picture coordinates as photo coordinates, both in pixels. */
export function atPhoto({ matrix, size, full, lens }, [x, y]) {
  return bentBy(lens, project(matrix, [x / size[0], y / size[1]])).map((each, i) => each * full[i]);
}

/** Photo coordinates as picture coordinates, both in pixels. */
export function atPicture({ matrix, size, full, lens }, [x, y]) {
  return project(invert(matrix), straightBy(lens, [x / full[0], y / full[1]])).map((each, i) => each * size[i]);
}
