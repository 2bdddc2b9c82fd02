// What the brush and the eraser paint: round, with an edge that is a little soft.

const SOFT = 0.2; // of the radius
const MIN_SOFT = 1; // pixels

/** One stroke while it is painted, and when it is painted again after undo: it gives the same values each time. */
export class Painter {
  #from = null;

  /**
   * @param {Uint8Array} mask is painted on
   * @param {[number, number]} size width and height
   * @param {{adds: boolean, radius: number}} stroke
   */
  constructor(mask, size, { adds, radius }) {
    this.mask = mask;
    this.before = mask.slice();
    [this.width, this.height] = size;
    this.value = adds ? 255 : 0;
    this.radius = radius;
    this.soft = Math.max(MIN_SOFT, SOFT * radius);
    this.cover = new Uint8Array(mask.length); // so that a stroke that crosses itself is not stronger there
  }

  /**
   * Goes on to a point.
   * @returns {[number, number, number, number]} left, top, right, bottom of what may have changed
   */
  to(point) {
    const from = this.#from ?? point;
    this.#from = point;
    const reach = this.radius + this.soft;
    const clamp = (value, most) => Math.max(0, Math.min(most, value));
    const [left, right] = [Math.min(from[0], point[0]) - reach, Math.max(from[0], point[0]) + reach].map((x) => clamp(Math.round(x), this.width));
    const [top, bottom] = [Math.min(from[1], point[1]) - reach, Math.max(from[1], point[1]) + reach].map((y) => clamp(Math.round(y), this.height));
    const along = [point[0] - from[0], point[1] - from[1]];
    const length = along[0] ** 2 + along[1] ** 2;
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        const dx = x + 0.5 - from[0];
        const dy = y + 0.5 - from[1];
        const part = length ? clamp((dx * along[0] + dy * along[1]) / length, 1) : 0;
        const distance = Math.sqrt((dx - part * along[0]) ** 2 + (dy - part * along[1]) ** 2);
        const cover = 255 * clamp((this.radius - distance) / this.soft + 0.5, 1);
        const at = y * this.width + x;
        if (cover <= this.cover[at]) continue;
        this.cover[at] = cover;
        this.mask[at] = Math.round(this.before[at] + ((this.value - this.before[at]) * this.cover[at]) / 255);
      }
    }
    return [left, top, right, bottom];
  }
}

/** A mask with a stroke over it. */
export function paint(mask, size, stroke) {
  const painter = new Painter(mask.slice(), size, stroke);
  for (const point of stroke.points) painter.to(point);
  return painter.mask;
}
