// What gestures of the crop tool make of a geometry: pure functions. What frames, crops and pictures are is explained in
// envo/geometry.py.

import { fitted, frameSize, isFilled } from '../webgl/geometry.js';

/** Sides of the crop that a handle moves: -1 left or top, 1 right or bottom, 0 neither. */
export const HANDLES = {
  'top left': [-1, -1], top: [0, -1], 'top right': [1, -1], right: [1, 0], 'bottom right': [1, 1], bottom: [0, 1], 'bottom left': [-1, 1], left: [-1, 0],
};

const LEAST = 8; // pixels of the photo that a crop is wide or high at least
const STEPS = 30; // of a search, each of which halves what is in doubt

/** The crop as it shows. */
export const cropOf = (geometry, { size, k, lens }) => geometry.crop ?? fitted(geometry, size, k, lens);

/** Width to height that a geometry keeps its crop to, in pixels; null: any. @param {[number, number]} frame its size */
export function ratioOf({ ratio }, frame) {
  if (ratio === 'free') return null;
  if (ratio === 'original') return frame[0] / frame[1];
  const [width, height] = ratio.split(':').map(Number);
  return width / height;
}

/** A ratio as the document writes it: whole numbers without a common divisor. @returns {?string} null for none */
export function ratioName(width, height) {
  const [a, b] = [width, height].map((each) => Math.round(each * 100));
  if (!(a > 0 && b > 0)) return null;
  const by = divisor(a, b);
  const name = [a / by, b / by];
  return Math.max(...name) > 99999 ? null : name.join(':');
}

const divisor = (a, b) => (b ? divisor(b, a % b) : a);

/** The same ratio of what is turned by a quarter. */
export const acrossRatio = (ratio) => (ratio.includes(':') ? ratio.split(':').reverse().join(':') : ratio);

/** @param {number} t 0: the first crop, 1: the second */
const between = (from, to, t) => from.map((each, i) => each + (to[i] - each) * t);

/** The largest number from 0 to 1 of which something is true, which is true of 0 and of all below it. */
function most(isTrue) {
  if (isTrue(1)) return 1;
  let [least, end] = [0, 1];
  for (let i = 0; i < STEPS; i++) {
    const half = (least + end) / 2;
    if (isTrue(half)) least = half;
    else end = half;
  }
  return least;
}

const isInFrame = (crop) => crop.every((each) => each >= -1e-12 && each <= 1 + 1e-12);

const holds = (geometry, crop, { size, k, lens }) => isInFrame(crop) && isFilled(geometry, size, crop, k, lens);

/** As near to a crop as can be on the way from another that the photo fills. */
const towards = (geometry, from, to, photo) => between(from, to, most((t) => holds(geometry, between(from, to, t), photo)));

/**
 * The geometry with another crop, which the photo fills; the largest there is is none of one's own.
 * @param {{size: [number, number], k: object, lens: ?object}} photo its size, the schema's constants, and the correction
 *     of its lens
 */
export function cropped(geometry, crop, photo) {
  const inside = crop.map((each) => Math.min(1, Math.max(0, Number(each.toFixed(6)))));
  const all = fitted({ ...geometry, crop: null }, photo.size, photo.k, photo.lens);
  return { ...geometry, crop: inside.every((each, i) => Math.abs(each - all[i]) < 1e-5) ? null : inside };
}

/**
 * The crop moved as a whole, along the edges that it comes to.
 * @param {number[]} from the crop when the gesture began
 * @param {[number, number]} by in shares of the frame
 */
export function moved(geometry, from, [dx, dy], photo) {
  const across = (crop) => towards(geometry, crop, [from[0] + dx, crop[1], from[2] + dx, crop[3]], photo);
  const down = (crop) => towards(geometry, crop, [crop[0], from[1] + dy, crop[2], from[3] + dy], photo);
  return cropped(geometry, across(down(across(from))), photo);
}

/**
 * The crop with a handle moved; where the geometry has a ratio, that stays.
 * @param {[number, number]} handle of `HANDLES`
 */
export function pulled(geometry, from, handle, by, photo) {
  const frame = frameSize(geometry, photo.size);
  const ratio = ratioOf(geometry, frame);
  const least = frame.map((each) => Math.min(LEAST / each, 1));
  if (ratio === null) {
    const crop = [0, 1].reduce((each, axis) => {
      if (!handle[axis]) return each;
      const side = handle[axis] < 0 ? axis : axis + 2;
      const other = each[handle[axis] < 0 ? axis + 2 : axis];
      const to = [...each];
      to[side] = handle[axis] < 0 ? Math.min(from[side] + by[axis], other - least[axis]) : Math.max(from[side] + by[axis], other + least[axis]);
      return towards(geometry, each, to, photo);
    }, from);
    return cropped(geometry, crop, photo);
  }
  const shape = ratio * (frame[1] / frame[0]); // width to height in shares of the frame
  const [width, height] = [from[2] - from[0], from[3] - from[1]];
  const sizes = [width + handle[0] * by[0], (height + handle[1] * by[1]) * shape];
  const wished = handle[0] && handle[1] ? (sizes[0] + sizes[1]) / 2 : sizes[handle[0] ? 0 : 1];
  const wide = Math.max(wished, least[0], least[1] * shape);
  return cropped(geometry, towards(geometry, ...grown(from, handle, [wide, wide / shape], photo, geometry), photo), photo);
}

/** The start and the end of a crop's growth from the side that a handle leaves in its place. */
function grown(from, handle, size, photo, geometry) {
  const place = [0, 1].map((axis) => (handle[axis] < 0 ? from[axis + 2] : handle[axis] > 0 ? from[axis] : (from[axis] + from[axis + 2]) / 2));
  const at = (lengths) => {
    const first = [0, 1].map((axis) => (handle[axis] < 0 ? place[axis] - lengths[axis] : handle[axis] > 0 ? place[axis] : place[axis] - lengths[axis] / 2));
    return [...first, first[0] + lengths[0], first[1] + lengths[1]];
  };
  const small = [0, 1].map((axis) => size[axis] * 1e-3);
  return [holds(geometry, at(small), photo) ? at(small) : from, at(size)];
}

/** The geometry with a ratio: its crop keeps its middle, and about its area where the photo has room for that. */
export function withRatio(geometry, ratio, photo) {
  const wished = { ...geometry, ratio };
  const frame = frameSize(wished, photo.size);
  const value = ratioOf(wished, frame);
  if (value === null) return wished;
  const isWhole = geometry.crop === null;
  const from = cropOf(geometry, photo);
  const shape = value * (frame[1] / frame[0]);
  const area = isWhole ? 4 : (from[2] - from[0]) * (from[3] - from[1]);
  return cropped(wished, within(wished, middle(from), [Math.sqrt(area * shape), Math.sqrt(area / shape)], photo), photo);
}

/** Width and height change places: of the ratio, and of the crop. */
export function swapped(geometry, photo) {
  const frame = frameSize(geometry, photo.size);
  if (geometry.ratio !== 'free') return withRatio(geometry, acrossRatio(geometry.ratio === 'original' ? ratioName(...frame) : geometry.ratio), photo);
  const crop = cropOf(geometry, photo);
  const lengths = [((crop[3] - crop[1]) * frame[1]) / frame[0], ((crop[2] - crop[0]) * frame[0]) / frame[1]];
  return cropped(geometry, within(geometry, middle(crop), lengths, photo), photo);
}

const middle = (crop) => [(crop[0] + crop[2]) / 2, (crop[1] + crop[3]) / 2];

const about = ([x, y], [width, height]) => [x - width / 2, y - height / 2, x + width / 2, y + height / 2];

/** The largest crop of some proportions that the photo fills, no larger than wished, about a place or as near as can be. */
function within(geometry, place, lengths, photo) {
  const tiny = lengths.map((each) => each * 1e-4);
  const at = between([0.5, 0.5], place, most((t) => holds(geometry, about(between([0.5, 0.5], place, t), tiny), photo)));
  const share = most((t) => holds(geometry, about(at, lengths.map((each) => each * Math.max(t, 1e-4))), photo));
  return about(at, lengths.map((each) => each * Math.max(share, 1e-4)));
}

/**
 * The geometry turned and tilted in another way: a crop of one's own becomes no larger than it was, and stays within the
 * photo.
 * @param {{angle?: number, vertical?: number, horizontal?: number}} change
 * @param {?number[]} crop of one's own when the gesture began
 */
export function warped(geometry, change, crop, photo) {
  const changed = { ...geometry, ...change, crop: null };
  if (crop === null) return ratioOf(changed, frameSize(changed, photo.size)) === null || changed.ratio === 'original' ? changed : withRatio(changed, changed.ratio, photo);
  return cropped(changed, within(changed, middle(crop), [crop[2] - crop[0], crop[3] - crop[1]], photo), photo);
}

/** What is seen, turned by quarters clockwise. */
export function turned(geometry, quarters = 1) {
  if (quarters % 4 === 0) return geometry;
  const { crop, vertical, horizontal, turns, ratio } = geometry;
  const once = {
    ...geometry,
    turns: (turns + 1) % 4,
    vertical: horizontal,
    horizontal: vertical ? -vertical : 0,
    crop: crop && [1 - crop[3], crop[0], 1 - crop[1], crop[2]].map(short),
    ratio: acrossRatio(ratio),
  };
  return turned(once, quarters - 1);
}

/** What is seen, mirrored left to right. */
export function mirrored(geometry) {
  const { crop, angle, horizontal, turns, flip } = geometry;
  return {
    ...geometry,
    flip: !flip,
    turns: (4 - turns) % 4,
    angle: angle ? -angle : 0,
    horizontal: horizontal ? -horizontal : 0,
    crop: crop && [1 - crop[2], crop[1], 1 - crop[0], crop[3]].map(short),
  };
}

/** What is seen, mirrored top to bottom. */
export const upended = (geometry) => turned(mirrored(geometry), 2);

const short = (value) => Number(value.toFixed(6));

/**
 * By how many degrees a line is off level or upright, whichever is nearer; clockwise above 0.
 * @param {[number, number]} from @param {[number, number]} to in pixels
 */
export function slope([x0, y0], [x1, y1]) {
  const angle = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
  return angle - 90 * Math.round(angle / 90);
}

/** An angle as the document takes it, to a tenth. */
export const degrees = (angle) => Math.max(-45, Math.min(45, Math.round(angle * 10) / 10)) || 0;
