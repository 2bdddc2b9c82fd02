// What was painted with brush and eraser, as a raster over the photo: the same as in envo/brush.py, where it is explained.

import { all, inside, united } from './grid.js';

/** Size of the raster of a photo: that of its mattes. @param {[number, number]} full @param {object} k constants */
export function workingSize(full, k) {
  const scale = Math.min(1, k.working_edge / Math.max(...full));
  return full.map((edge) => Math.max(1, evenly(edge * scale)));
}

/** Rounds as Python does: halves to the even number. */
function evenly(x) {
  const whole = Math.floor(x);
  return x - whole === 0.5 ? whole + (whole % 2) : Math.round(x);
}

/**
 * The raster of one brush. While a stroke goes on, each point of it costs no more than what lies about it; the last
 * stroke can be taken back at no cost.
 */
export class BrushRaster {
  #size;
  #guide = null;
  #strokes = [];
  #last = null; // the stroke that is open
  #before; // what was there before the last stroke, 0 to 1
  #covered; // how much the last stroke covers, without its flow
  #alike = null; // how much that keeps to the colours that it began on, on the guide's grid
  #box = null; // about the last stroke
  #isOpen = false; // whether the last stroke is not yet part of `#before`

  /** @param {[number, number]} size */
  constructor(size) {
    this.#size = size;
    this.#clear();
  }

  /** Width and height. */
  get size() {
    return this.#size;
  }

  /**
   * Brings the raster, `values` of 8 bits, up to date.
   * @param {object[]} strokes of the brush in the edit document
   * @param {?Guide} guide what strokes that are aware look at
   * @returns {?number[]} the window in which anything changed; null for none
   */
  paint(strokes, guide) {
    const old = this.#strokes;
    this.#strokes = strokes;
    const isGuided = guide === this.#guide || ![...old, ...strokes].some(({ aware }) => aware);
    this.#guide = guide;
    let same = 0;
    while (same < old.length && same < strokes.length && isSame(old[same], strokes[same])) same += 1;
    if (isGuided && same === old.length) return this.#draw(strokes, same);
    if (isGuided && this.#isOpen && same === old.length - 1) {
      const longer = strokes[same];
      if (longer && isBegun(old[same], longer)) {
        const changed = this.#extend(longer, old[same].points.length);
        return united(changed, this.#draw(strokes, same + 1));
      }
      return united(this.#takeBack(), this.#draw(strokes, same));
    }
    this.#clear();
    this.#draw(strokes, 0);
    return all(this.#size);
  }

  #clear() {
    const count = this.#size[0] * this.#size[1];
    this.values = new Uint8Array(count);
    this.#before = new Float32Array(count);
    this.#covered = new Float32Array(count);
    this.#isOpen = false;
    this.#box = null;
  }

  #draw(strokes, from) {
    let changed = null;
    for (const stroke of strokes.slice(from)) {
      this.#settle(true);
      this.#isOpen = true;
      this.#alike = stroke.aware && this.#guide ? this.#guide.alike(stroke.points[0], stroke.size / 2) : null;
      changed = united(changed, this.#extend(stroke, 0));
    }
    return changed;
  }

  /** Takes the last stroke back. */
  #takeBack() {
    const box = this.#box;
    this.#settle(false);
    return box;
  }

  /** Ends the last stroke: it becomes part of what was there before, or not. */
  #settle(stays) {
    if (this.#isOpen && this.#box) {
      const [left, top, right, bottom] = this.#box;
      const stroke = this.#last;
      for (let y = top; y < bottom; y++) {
        for (let x = left, at = y * this.#size[0] + left; x < right; x++, at++) {
          if (!this.#covered[at]) continue;
          if (stays) this.#before[at] = this.#value(stroke, at, x, y);
          else this.values[at] = Math.round(255 * this.#before[at]);
          this.#covered[at] = 0;
        }
      }
    }
    this.#isOpen = false;
    this.#box = null;
  }

  /** Goes on with a stroke from one of its points on. */
  #extend(stroke, from) {
    this.#last = stroke;
    const [width, height] = this.#size;
    const at = stroke.points.map(([x, y]) => [x * width - 0.5, y * height - 0.5]);
    const radius = (stroke.size / 2) * Math.max(width, height);
    const outer = radius + 0.5;
    const inner = Math.min((stroke.hardness / 100) * radius, radius - 0.5);
    let changed = null;
    for (let i = Math.max(from - 1, 0); i < Math.max(at.length - 1, 1); i++) {
      changed = united(changed, this.#piece(stroke, at[i], at[Math.min(i + 1, at.length - 1)], inner, outer));
    }
    this.#box = united(this.#box, changed);
    return changed;
  }

  /** Covers what is about a piece of a line. */
  #piece(stroke, [x0, y0], [x1, y1], inner, outer) {
    const [width] = this.#size;
    const box = inside([
      Math.floor(Math.min(x0, x1) - outer), Math.floor(Math.min(y0, y1) - outer),
      Math.ceil(Math.max(x0, x1) + outer) + 1, Math.ceil(Math.max(y0, y1) + outer) + 1,
    ], this.#size);
    if (!box) return null;
    const [left, top, right, bottom] = box;
    const [u, v] = [x1 - x0, y1 - y0];
    const length = u * u + v * v;
    const beyond = outer * outer;
    const soft = 1 / (outer - inner);
    const covered = this.#covered;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        let t = length === 0 ? 0 : ((x - x0) * u + (y - y0) * v) / length;
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        const dx = x - x0 - t * u;
        const dy = y - y0 - t * v;
        const away = dx * dx + dy * dy;
        if (away >= beyond) continue;
        let s = (Math.sqrt(away) - inner) * soft;
        s = s < 0 ? 0 : s;
        const cover = 1 - s * s * (3 - 2 * s);
        const at = y * width + x;
        if (cover <= covered[at]) continue;
        covered[at] = cover;
        this.values[at] = Math.round(255 * this.#value(stroke, at, x, y));
      }
    }
    return box;
  }

  /** What a stroke makes of a pixel, 0 to 1. */
  #value(stroke, at, x, y) {
    let cover = this.#covered[at] * (stroke.flow / 100);
    if (this.#alike) cover *= this.#alikeAt(x, y);
    const before = this.#before[at];
    return stroke.erase ? before * (1 - cover) : 1 - (1 - before) * (1 - cover);
  }

  #alikeAt(x, y) {
    const [width, height] = this.#guide.size;
    const u = Math.min(Math.max(((x + 0.5) * width) / this.#size[0] - 0.5, 0), width - 1);
    const v = Math.min(Math.max(((y + 0.5) * height) / this.#size[1] - 0.5, 0), height - 1);
    const [left, above] = [Math.floor(u), Math.floor(v)];
    const right = Math.min(left + 1, width - 1);
    const below = Math.min(above + 1, height - 1) * width;
    const line = above * width;
    const alike = this.#alike;
    const upper = alike[line + left] + (u - left) * (alike[line + right] - alike[line + left]);
    const lower = alike[below + left] + (u - left) * (alike[below + right] - alike[below + left]);
    return upper + (v - above) * (lower - upper);
  }
}

const SETTINGS = ['size', 'hardness', 'flow', 'erase', 'aware'];

/** Whether one stroke is the beginning of another. */
function isBegun(one, other) {
  return SETTINGS.every((name) => one[name] === other[name]) && one.points.length <= other.points.length
    && one.points.every(([x, y], i) => x === other.points[i][0] && y === other.points[i][1]);
}

const isSame = (one, other) => one === other || (one.points.length === other.points.length && isBegun(one, other));
