// The guide of a photo: a small picture of it by which masks keep to its edges and colours. What comes of it is the same in
// envo/guide.py, where it is explained.

import { all, blurred, halfOf, moved, resampled, widened } from './grid.js';

export class Guide {
  #k;
  #lab = null;
  #half = null;

  /**
   * @param {Uint8Array} pixels RGBA, rows from the top
   * @param {[number, number]} size
   * @param {object} k the schema's constants
   */
  constructor(pixels, size, k) {
    this.pixels = pixels;
    this.size = size;
    this.#k = k;
  }

  /** OKLab of each pixel, one after another. */
  get lab() {
    this.#lab ??= this.#toLab();
    return this.#lab;
  }

  /** Red, green and blue of the guide at half its size, 0 to 1. */
  get half() {
    const { pixels, size } = this;
    this.#half ??= [0, 1, 2].map((channel) => {
      const plane = new Float32Array(size[0] * size[1]);
      for (let i = 0; i < plane.length; i++) plane[i] = pixels[4 * i + channel] / 255;
      return resampled(plane, size, halfOf(size));
    });
    return this.#half;
  }

  /**
   * How much each pixel has the colours about a point of the photo, 0 to 1.
   * @param {[number, number]} point in photo coordinates, 0 to 1
   * @param {number} radius that of the brush, as a share of the photo's long edge
   * @returns {Float32Array}
   */
  alike(point, radius) {
    const { lab, size: [width, height] } = this;
    const { aware_share: share, aware_reach: [low, high], colour_lightness: weight } = this.#k;
    const [x, y] = point.map((at, i) => Math.min(Math.max(at * this.size[i] - 0.5, 0), this.size[i] - 1));
    const near = Math.max(1.5, share * radius * Math.max(width, height));
    const about = [0, 0, 0];
    let count = 0;
    for (let j = Math.max(Math.ceil(y - near), 0); j < Math.min(Math.floor(y + near) + 1, height); j++) {
      for (let i = Math.max(Math.ceil(x - near), 0); i < Math.min(Math.floor(x + near) + 1, width); i++) {
        if ((i - x) ** 2 + (j - y) ** 2 > near ** 2) continue;
        for (let c = 0; c < 3; c++) about[c] += lab[3 * (j * width + i) + c];
        count += 1;
      }
    }
    const [l, a, b] = about.map((sum) => sum / count);
    const made = new Float32Array(width * height);
    for (let i = 0; i < made.length; i++) {
      const dl = weight * (lab[3 * i] - l);
      const da = lab[3 * i + 1] - a;
      const db = lab[3 * i + 2] - b;
      const t = Math.min(Math.max((Math.sqrt(dl * dl + da * da + db * db) - low) / (high - low), 0), 1);
      made[i] = 1 - t * t * (3 - 2 * t);
    }
    return made;
  }

  /**
   * Fits a matte to the edges of the photo.
   * @param {Uint8Array} matte
   * @param {[number, number]} size of the matte
   * @param {Float32Array} fitted of the guide's size, what is written into, 0 to 1
   * @param {number[]} [changed] the window of the matte that changed since; all of it
   * @returns {number[]} the window of the guide that was written
   */
  fit(matte, size, fitted, changed = all(size)) {
    const half = halfOf(this.size);
    const reach = Math.max(1, Math.round(this.#k.fit_reach * Math.max(...half)));
    const wanted = widened(moved(changed, size, half), 6 * reach + 2, half);
    const window = widened(wanted, 6 * reach + 2, half);
    const small = this.#reduced(matte, size, half, window);
    const slopes = this.#slopes(small, window, half, reach);
    const written = moved(wanted, half, this.size);
    this.#write(slopes, window, half, written, fitted);
    return written;
  }

  #toLab() {
    const { linear_to_cone: toCone, cone_to_oklab: toLab } = this.#k;
    const linear = Float32Array.from({ length: 256 }, (_, i) => (i <= 10.31475 ? i / 255 / 12.92 : ((i / 255 + 0.055) / 1.055) ** 2.4));
    const made = new Float32Array(3 * this.size[0] * this.size[1]);
    const [[m0, m1, m2], [m3, m4, m5], [m6, m7, m8]] = toCone;
    const [[n0, n1, n2], [n3, n4, n5], [n6, n7, n8]] = toLab;
    for (let i = 0, at = 0; i < made.length; i += 3, at += 4) {
      const r = linear[this.pixels[at]];
      const g = linear[this.pixels[at + 1]];
      const b = linear[this.pixels[at + 2]];
      const l = Math.cbrt(m0 * r + m1 * g + m2 * b);
      const m = Math.cbrt(m3 * r + m4 * g + m5 * b);
      const s = Math.cbrt(m6 * r + m7 * g + m8 * b);
      made[i] = n0 * l + n1 * m + n2 * s;
      made[i + 1] = n3 * l + n4 * m + n5 * s;
      made[i + 2] = n6 * l + n7 * m + n8 * s;
    }
    return made;
  }

  /** A window of a matte on the grid of half the guide's size, 0 to 1. */
  #reduced(matte, size, half, window) {
    const levels = [size];
    while (levels.at(-1)[0] > 2 * half[0] || levels.at(-1)[1] > 2 * half[1]) levels.push(halfOf(levels.at(-1)));
    levels.push(half);
    const windows = levels.map((level) => widened(moved(window, half, level), 2, level));
    windows[windows.length - 1] = window;
    let values = matte;
    let there = all(size);
    for (let i = 1; i < levels.length; i++) {
      values = resampled(values, levels[i - 1], levels[i], windows[i], there, i === 1 ? 1 / 255 : 1);
      there = windows[i];
    }
    return values;
  }

  /** Slopes of alpha for red, green and blue, and its offset, in a window of the grid: `masks.linear_alpha` in Python. */
  #slopes(small, window, half, reach) {
    const { refine_doubt: doubt, refine_noise: noise } = this.#k;
    const [left, top, right, bottom] = window;
    const [width, height] = [right - left, bottom - top];
    const count = width * height;
    const blur = (values, by) => blurred(values, width, height, by);
    const coarse = blur(blur(small, reach), reach);
    const guide = this.half.map((plane) => {
      const cut = new Float32Array(count);
      for (let y = 0; y < height; y++) cut.set(plane.subarray((top + y) * half[0] + left, (top + y) * half[0] + right), y * width);
      return cut;
    });
    const weight = coarse.map((a) => (2 * a - 1) ** 2 + doubt);
    const total = blur(weight, 2 * reach);
    const mean = (of) => {
      const weighed = new Float32Array(count);
      for (let i = 0; i < count; i++) weighed[i] = of(i) * weight[i];
      const means = blur(weighed, 2 * reach);
      for (let i = 0; i < count; i++) means[i] /= total[i];
      return means;
    };
    const [red, green, blue] = guide;
    const [r, g, b] = guide.map((plane) => mean((i) => plane[i]));
    const a = mean((i) => small[i]);
    const [rr, gg, bb] = guide.map((plane) => mean((i) => plane[i] * plane[i]));
    const [rg, rb, gb] = [[red, green], [red, blue], [green, blue]].map(([one, two]) => mean((i) => one[i] * two[i]));
    const [ra, ga, ba] = guide.map((plane) => mean((i) => plane[i] * small[i]));
    const slopes = [0, 1, 2, 3].map(() => new Float32Array(count));
    for (let i = 0; i < count; i++) {
      const vrr = rr[i] - r[i] * r[i] + noise;
      const vgg = gg[i] - g[i] * g[i] + noise;
      const vbb = bb[i] - b[i] * b[i] + noise;
      const vrg = rg[i] - r[i] * g[i];
      const vrb = rb[i] - r[i] * b[i];
      const vgb = gb[i] - g[i] * b[i];
      const vra = ra[i] - r[i] * a[i];
      const vga = ga[i] - g[i] * a[i];
      const vba = ba[i] - b[i] * a[i];
      const c00 = vgg * vbb - vgb * vgb;
      const c01 = vrb * vgb - vrg * vbb;
      const c02 = vrg * vgb - vrb * vgg;
      const c11 = vrr * vbb - vrb * vrb;
      const c12 = vrb * vrg - vrr * vgb;
      const c22 = vrr * vgg - vrg * vrg;
      const determinant = vrr * c00 + vrg * c01 + vrb * c02;
      const s0 = (c00 * vra + c01 * vga + c02 * vba) / determinant;
      const s1 = (c01 * vra + c11 * vga + c12 * vba) / determinant;
      const s2 = (c02 * vra + c12 * vga + c22 * vba) / determinant;
      slopes[0][i] = s0;
      slopes[1][i] = s1;
      slopes[2][i] = s2;
      slopes[3][i] = a[i] - s0 * r[i] - s1 * g[i] - s2 * b[i];
    }
    return slopes.map((plane) => mean((i) => plane[i]));
  }

  /** What the slopes make of the guide: `masks.alpha_of` in Python. */
  #write(slopes, window, half, written, fitted) {
    const { refine_contrast: contrast } = this.#k;
    const [left, top, right, bottom] = written;
    const [red, green, blue, offset] = slopes.map((plane) => resampled(plane, half, this.size, written, window));
    for (let y = top, i = 0; y < bottom; y++) {
      for (let x = left; x < right; x++, i++) {
        const at = y * this.size[0] + x;
        const alpha = offset[i] + (red[i] * this.pixels[4 * at] + green[i] * this.pixels[4 * at + 1] + blue[i] * this.pixels[4 * at + 2]) / 255;
        fitted[at] = Math.min(Math.max((alpha - 0.5) * contrast + 0.5, 0), 1);
      }
    }
  }
}
