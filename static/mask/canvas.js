// The photo with a mask over it: two canvases that share a view, and the small marks of what was done.

import { h } from '../common/dom.js';
import { drawPicture } from '../common/pictures.js';
import { Viewport } from '../common/viewport.js';
import { Waiting } from '../common/waiting.js';
import { BrushCursor } from './brush.js';
import { Overlay } from './overlay.js';

const SAME_SHAPE = 0.01; // so much may the proportions of a photo and a preview of it differ
const MARK = 6; // radius of a click's mark, in pixels of the page

export class MaskCanvas {
  #bitmap = null;
  #preview = null;
  #size = [1, 1];
  #marks = { clicks: [], box: null };
  #rubber = null;
  #asked = false;

  /** @param {{onView: () => void, pans: (event: PointerEvent) => boolean}} options pans: see Viewport */
  constructor({ onView, pans }) {
    this.onView = onView;
    this.photo = h('canvas', { 'aria-hidden': 'true' });
    this.surface = h('canvas', { tabindex: 0, 'aria-label': 'The photo, to click on' });
    this.pulse = h('div.pulse', { hidden: true });
    this.brush = new BrushCursor();
    this.wait = new Waiting();
    this.element = h('div.picture', {}, this.photo, this.surface, this.pulse, this.brush.element, this.wait.element);
    this.overlay = new Overlay();
    this.foreseen = new Overlay(true); // what a click would select
    this.viewport = new Viewport(this.surface, () => this.#moved(), pans);
  }

  /**
   * Shows a photo.
   * @param {ImageBitmap} bitmap
   * @param {import('../library/store.js').Photo} photo
   */
  open(bitmap, { width, height, working }) {
    this.close();
    this.#bitmap = bitmap;
    this.#size = [width, height];
    this.overlay.setSize(...working);
    this.foreseen.setSize(...working);
    this.viewport.setPhoto(width, height);
  }

  /** Shows another picture of the same photo; all else stays. */
  replace(bitmap) {
    this.#bitmap.close();
    this.#bitmap = bitmap;
    this.photoStale = true;
    this.requestDraw();
  }

  /**
   * Shows what there is of a result so far, in the place of photo and mask; null takes it off. One of other proportions
   * than the photo's is shown whole, however the photo is zoomed.
   * @param {?ImageBitmap} bitmap is closed here
   */
  preview(bitmap) {
    this.#preview?.close();
    this.#preview = bitmap;
    this.photoStale = true;
    this.requestDraw();
  }

  close() {
    this.#bitmap?.close();
    this.#bitmap = null;
    this.preview(null);
    this.#marks = { clicks: [], box: null };
    this.#rubber = null;
    this.waitAt(null);
    this.foreseen.show(null);
    this.#moved();
  }

  get isOpen() {
    return this.#bitmap !== null;
  }

  /** What is shown of the photo; null while there is none. @returns {?ImageBitmap} not to be closed */
  get bitmap() {
    return this.#bitmap;
  }

  /** Where an event is, in pixels of the photo; null outside of it. */
  inPhoto(event) {
    const [x, y] = this.viewport.locate(event);
    return x >= 0 && y >= 0 && x < this.#size[0] && y < this.#size[1] ? [x, y] : null;
  }

  /** A place in the photo, in pixels of its masks. */
  toMask([x, y]) {
    const { width, height } = this.overlay.canvas;
    return [(x * width) / this.#size[0], (y * height) / this.#size[1]];
  }

  /** How many pixels of the masks a length on the page spans. */
  maskLength(length) {
    const { scale } = this.viewport.view;
    return (length * this.viewport.ratio * this.overlay.canvas.width) / (scale * this.#size[0]);
  }

  /** Shows what a click would select. @param {?Uint8Array} mask null: nothing */
  foresee(mask) {
    this.foreseen.show(mask);
    this.surface.dataset.foreseen = mask !== null;
    this.requestDraw();
  }

  /** Whether a place in the photo is in a mask. */
  isOver(mask, point) {
    const [x, y] = this.toMask(point).map(Math.floor);
    return mask[y * this.overlay.canvas.width + x] > 127;
  }

  /** Shows where was clicked, and the box. */
  mark(marks) {
    this.#marks = marks;
    this.requestDraw();
  }

  /** Shows the rectangle that is being drawn, in pixels of the photo; null takes it off. */
  stretch(rubber) {
    this.#rubber = rubber;
    this.requestDraw();
  }

  /** Pulses at a place of the photo while an answer is awaited; null stops. */
  waitAt(point) {
    this.waiting = point;
    this.#placePulse();
  }

  requestDraw() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #moved() {
    this.photoStale = true;
    this.#placePulse();
    this.requestDraw();
    this.onView();
  }

  #placePulse() {
    this.pulse.hidden = !this.waiting;
    if (!this.waiting) return;
    const { scale, x, y } = this.viewport.view;
    const [left, top] = [x + this.waiting[0] * scale, y + this.waiting[1] * scale].map((length) => length / this.viewport.ratio);
    this.pulse.style.transform = `translate(${left}px, ${top}px)`;
  }

  #draw() {
    const { width, height } = this.surface;
    if (this.photoStale) this.#drawPhoto(width, height);
    this.photoStale = false;
    const context = this.surface.getContext('2d');
    context.clearRect(0, 0, width, height);
    if (!this.#bitmap || this.#preview) return;
    for (const overlay of [this.overlay, this.foreseen]) overlay.draw(context, this.viewport.view, this.#size, this.viewport.ratio);
    this.#drawMarks(context);
  }

  #drawPhoto(width, height) {
    if (this.photo.width !== width) this.photo.width = width;
    if (this.photo.height !== height) this.photo.height = height;
    const context = this.photo.getContext('2d', { alpha: false });
    context.resetTransform();
    context.fillStyle = getComputedStyle(this.photo).getPropertyValue('--bg');
    context.fillRect(0, 0, width, height);
    if (!this.#preview && this.#bitmap) drawPicture(context, this.#bitmap, this.viewport.view, this.#size);
    else if (this.#preview) this.#drawPreview(context, this.#preview);
  }

  #drawPreview(context, preview) {
    const size = [preview.width, preview.height];
    const shape = (size[0] * this.#size[1]) / (size[1] * this.#size[0]);
    if (Math.abs(shape - 1) < SAME_SHAPE) drawPicture(context, preview, this.viewport.view, this.#size, true);
    else drawPicture(context, preview, this.viewport.fitting(size), size, true);
  }

  #drawMarks(context) {
    const { scale, x, y } = this.viewport.view;
    const { ratio } = this.viewport;
    const place = (point) => [x + point[0] * scale, y + point[1] * scale];
    for (const [box, dash] of [[this.#marks.box, []], [this.#rubber, [5 * ratio, 4 * ratio]]]) {
      if (!box) continue;
      const [left, top] = place(box);
      const [right, bottom] = place(box.slice(2));
      for (const [width, style] of [[3, '#0006'], [1, '#fffc']]) {
        context.setLineDash(dash);
        context.lineWidth = width * ratio;
        context.strokeStyle = style;
        context.strokeRect(left, top, right - left, bottom - top);
      }
      context.setLineDash([]);
    }
    for (const [atX, atY, adds] of this.#marks.clicks) {
      const [left, top] = place([atX, atY]);
      const arm = MARK * 0.55 * ratio;
      context.beginPath();
      context.arc(left, top, MARK * ratio, 0, 2 * Math.PI);
      context.fillStyle = adds ? '#fff' : '#16171a';
      context.fill();
      context.lineWidth = 1.5 * ratio;
      context.strokeStyle = adds ? '#16171a' : '#fff';
      context.stroke();
      context.beginPath();
      context.moveTo(left - arm, top);
      context.lineTo(left + arm, top);
      if (adds) {
        context.moveTo(left, top - arm);
        context.lineTo(left, top + arm);
      }
      context.stroke();
    }
  }
}
