// Where the photo lies on the canvas: zoom and pan by wheel, drag and pinch.

const MAX_SCALE = 16; // device pixels for a photo pixel
const WHEEL = 0.0015; // zoom for a pixel of wheel travel, in powers of e

/** All lengths are device pixels unless named otherwise. Fires `onChange(view)` after each move. */
export class Viewport {
  #pointers = new Map();
  #size = [1, 1];
  view = { scale: 1, x: 0, y: 0 };
  fitted = true;

  /**
   * @param {HTMLCanvasElement} canvas fills its parent, which is watched for its size
   * @param {(view: {scale: number, x: number, y: number}) => void} onChange
   * @param {?(event: PointerEvent) => boolean} pans whether a press takes hold of the photo; where none is given the
   *     main button does, and a double click zooms. Two fingers always zoom.
   */
  constructor(canvas, onChange, pans = null) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.pans = pans ?? (({ button }) => button === 0);
    new ResizeObserver(() => this.#resize()).observe(canvas.parentElement);
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    if (!pans) canvas.addEventListener('dblclick', (event) => this.toggle(event));
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, (event) => this.#up(event));
  }

  /** Shows another photo, fitted. */
  setPhoto(width, height) {
    this.#size = [width, height];
    this.fit();
  }

  /** Goes on with another size of what is shown, fitted where it was. */
  setSize(width, height) {
    this.#size = [width, height];
    if (this.fitted) this.fit();
    else this.#set(this.view.scale, this.view.x, this.view.y);
  }

  /** Shows a photo just as another viewport of the same place does. @param {Viewport} other */
  follow(other, [width, height]) {
    this.#size = [width, height];
    this.#resize();
    this.fitted = other.fitted;
    if (other.fitted) this.fit();
    else this.#set(other.view.scale, other.view.x, other.view.y);
  }

  get ratio() {
    return globalThis.devicePixelRatio || 1;
  }

  get fitScale() {
    return this.#scaleOf(this.#size);
  }

  /** The view that shows the whole of another picture. @param {[number, number]} size of it */
  fitting([width, height]) {
    const scale = this.#scaleOf([width, height]);
    return { scale, x: (this.canvas.width - width * scale) / 2, y: (this.canvas.height - height * scale) / 2 };
  }

  #scaleOf([width, height]) {
    const margin = 2 * Number.parseFloat(getComputedStyle(this.canvas).getPropertyValue('--margin')) * this.ratio;
    return Math.max(Math.min((this.canvas.width - margin) / width, (this.canvas.height - margin) / height), 1e-3);
  }

  fit() {
    this.fitted = true;
    this.#set(this.fitScale, 0, 0);
  }

  /** Zooms so that what is under (x, y), the middle of the canvas by default, stays there or comes to `to`. */
  zoom(scale, x = this.canvas.width / 2, y = this.canvas.height / 2, to = [x, y]) {
    const before = this.view;
    const next = Math.max(Math.min(scale, MAX_SCALE), Math.min(this.fitScale, 1));
    const grown = next / before.scale;
    this.fitted = false;
    this.#set(next, to[0] - (x - before.x) * grown, to[1] - (y - before.y) * grown);
  }

  /** Between the whole photo and its true pixels, one for one. */
  toggle(event) {
    if (!this.fitted) this.fit();
    else this.zoom(1, ...this.#at(event));
  }

  #set(scale, x, y) {
    const place = (at, photo, canvas) => {
      const length = photo * scale;
      return length <= canvas ? (canvas - length) / 2 : Math.max(canvas - length, Math.min(0, at));
    };
    this.view = {
      scale,
      x: Math.round(place(x, this.#size[0], this.canvas.width)),
      y: Math.round(place(y, this.#size[1], this.canvas.height)),
    };
    this.onChange(this.view);
  }

  #resize() {
    const { clientWidth, clientHeight } = this.canvas.parentElement;
    if (clientWidth === 0) return; // in a tab that is not seen
    const [width, height] = [clientWidth, clientHeight].map((length) => Math.max(1, Math.round(length * this.ratio)));
    if (width === this.canvas.width && height === this.canvas.height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    if (this.fitted) this.fit();
    else this.#set(this.view.scale, this.view.x, this.view.y);
  }

  /** How many fingers are on the canvas. */
  get touches() {
    return this.#pointers.size;
  }

  /** How many pixels of the photo one of the page is wide. */
  get pixel() {
    return this.ratio / this.view.scale;
  }

  /** Where in the photo an event is, in its pixels. */
  locate(event) {
    const [x, y] = this.#at(event);
    return [(x - this.view.x) / this.view.scale, (y - this.view.y) / this.view.scale];
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * this.ratio, (event.clientY - box.top) * this.ratio];
  }

  #wheel(event) {
    event.preventDefault();
    const travel = event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 4 : 1);
    this.zoom(this.view.scale * Math.exp(-travel * WHEEL), ...this.#at(event));
  }

  #down(event) {
    const pans = this.pans(event);
    if (event.pointerType !== 'touch' && !pans) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, { at: this.#at(event), pans });
  }

  #move(event) {
    const pointer = this.#pointers.get(event.pointerId);
    if (!pointer) return;
    const from = pointer.at;
    const to = this.#at(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1].at;
    if (other) {
      const spread = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
      const middle = (point) => [(point[0] + other[0]) / 2, (point[1] + other[1]) / 2];
      this.zoom((this.view.scale * spread(to)) / Math.max(spread(from), 1), ...middle(from), middle(to));
    } else if (pointer.pans && !this.fitted) {
      this.#set(this.view.scale, this.view.x + to[0] - from[0], this.view.y + to[1] - from[1]);
    }
    pointer.at = to;
  }

  #up(event) {
    this.#pointers.delete(event.pointerId);
  }
}
