// Pictures of one channel as typed arrays, resampled and blurred as envo/masks.py and OpenCV do it in Python.
//
// A *window* is a part of a grid: [left, top, right, bottom] in its pixels, the last ones not in it. What is worked out
// for a window alone is what it would be in the whole, but for a margin where blurs look beyond it.

/** The whole of a grid, as a window. @param {[number, number]} size */
export const all = ([width, height]) => [0, 0, width, height];

/** A window and what is so many pixels about it, within a grid. */
export function widened([left, top, right, bottom], margin, [width, height]) {
  return [Math.max(left - margin, 0), Math.max(top - margin, 0), Math.min(right + margin, width), Math.min(bottom + margin, height)];
}

/** The window of a grid of another size that shows what a window does. */
export function moved([left, top, right, bottom], from, to) {
  const [across, down] = [to[0] / from[0], to[1] / from[1]];
  return [
    Math.max(Math.floor(left * across), 0), Math.max(Math.floor(top * down), 0),
    Math.min(Math.ceil(right * across), to[0]), Math.min(Math.ceil(bottom * down), to[1]),
  ];
}

/** What lies in either of two windows, and between. @param {?number[]} one @param {?number[]} other */
export function united(one, other) {
  if (!one || !other) return one ?? other;
  return [Math.min(one[0], other[0]), Math.min(one[1], other[1]), Math.max(one[2], other[2]), Math.max(one[3], other[3])];
}

/** What a window has inside of a grid; null for nothing. */
export function inside([left, top, right, bottom], [width, height]) {
  const within = [Math.max(left, 0), Math.max(top, 0), Math.min(right, width), Math.min(bottom, height)];
  return within[0] < within[2] && within[1] < within[3] ? within : null;
}

/** Where along an axis the pixels from `first` to `last` of a length are between those of another: indices and shares. */
function steps(from, to, first, last, begin, end) {
  const low = new Int32Array(last - first);
  const high = new Int32Array(last - first);
  const part = new Float32Array(last - first);
  for (let i = first; i < last; i++) {
    const at = Math.min(Math.max((i + 0.5) * (from / to) - 0.5, 0), from - 1);
    const whole = Math.floor(at);
    low[i - first] = Math.min(Math.max(whole, begin), end - 1) - begin;
    high[i - first] = Math.min(Math.max(Math.min(whole + 1, from - 1), begin), end - 1) - begin;
    part[i - first] = at - whole;
  }
  return { low, high, part };
}

/**
 * Resamples a channel bilinearly at pixel centres.
 * @param {Float32Array|Uint8Array} source values of the window `there` of a grid of size `from`
 * @param {number[]} [window] of the grid of size `to` that is made
 * @param {number} [scale] what values come times
 * @returns {Float32Array}
 */
export function resampled(source, from, to, window = all(to), there = all(from), scale = 1) {
  const [left, top, right, bottom] = window;
  const x = steps(from[0], to[0], left, right, there[0], there[2]);
  const y = steps(from[1], to[1], top, bottom, there[1], there[3]);
  const stride = there[2] - there[0];
  const width = right - left;
  const made = new Float32Array(width * (bottom - top));
  const row = new Float32Array(stride);
  for (let j = 0; j < bottom - top; j++) {
    const [above, below, down] = [y.low[j] * stride, y.high[j] * stride, y.part[j]];
    for (let i = 0; i < stride; i++) {
      const upper = source[above + i] * scale;
      row[i] = upper + down * (source[below + i] * scale - upper);
    }
    for (let i = 0; i < width; i++) {
      const first = row[x.low[i]];
      made[j * width + i] = first + x.part[i] * (row[x.high[i]] - first);
    }
  }
  return made;
}

/** Half a size, rounded up. */
export const halfOf = ([width, height]) => [Math.ceil(width / 2), Math.ceil(height / 2)];

/** The index that one beyond an end is mirrored to: the last pixel itself is not repeated. */
function mirrored(i, length) {
  let at = i;
  while (at < 0 || at >= length) at = at < 0 ? -at : 2 * length - 2 - at;
  return length === 1 ? 0 : at;
}

/** Means of squares of 2 `reach` + 1 pixels, which are mirrored at the edges. @returns {Float32Array} */
export function blurred(values, width, height, reach) {
  return alongColumns(alongRows(values, width, height, reach), width, height, reach);
}

function alongRows(values, width, height, reach) {
  const made = new Float32Array(values.length);
  const share = 1 / (2 * reach + 1);
  for (let y = 0; y < height; y++) {
    const at = y * width;
    let sum = 0;
    for (let i = -reach; i <= reach; i++) sum += values[at + (width === 1 ? 0 : mirrored(i, width))];
    for (let x = 0; x < width; x++) {
      made[at + x] = sum * share;
      if (width === 1) break;
      const [next, gone] = [x + reach + 1, x - reach];
      sum += values[at + (next < width ? next : mirrored(next, width))] - values[at + (gone >= 0 ? gone : mirrored(gone, width))];
    }
  }
  return made;
}

function alongColumns(values, width, height, reach) {
  const made = new Float32Array(values.length);
  const share = 1 / (2 * reach + 1);
  const sums = new Float64Array(width);
  const line = (i) => (height === 1 ? 0 : mirrored(i, height)) * width;
  for (let i = -reach; i <= reach; i++) {
    const at = line(i);
    for (let x = 0; x < width; x++) sums[x] += values[at + x];
  }
  for (let y = 0; y < height; y++) {
    const [at, next, gone] = [y * width, line(y + reach + 1), line(y - reach)];
    for (let x = 0; x < width; x++) {
      made[at + x] = sums[x] * share;
      sums[x] += values[next + x] - values[gone + x];
    }
  }
  return made;
}
