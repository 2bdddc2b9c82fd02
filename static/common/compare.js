// A result in the picture's place, to compare with what it was made of.

import { h } from './dom.js';
import { drawPicture } from './pictures.js';
import { Split } from './split.js';
import { Viewport } from './viewport.js';
import { Waiting } from './waiting.js';

const CHECK = 8; // pixels of the page; what is transparent shows a chessboard
const CHECK_COLOURS = ['#3a3c41', '#2a2c31'];

export class Compare {
  #before = null;
  #after = null;
  #size = [1, 1];
  #asked = false;
  #tint = null; // over the result

  /** @param {{onView: (scale: number, fitted: boolean) => void, onSplit: (on: boolean) => void}} events */
  constructor({ onView, onSplit }) {
    this.onView = onView;
    this.onSplit = onSplit;
    this.canvas = h('canvas', { tabindex: 0, 'aria-label': 'The result; hold B to see the photo before' });
    this.split = new Split(() => this.#compared());
    this.split.holdOn(this.canvas);
    this.wait = new Waiting();
    this.hint = h('span.tag.compare-hint', {}, 'Hold to see before');
    this.element = h('div.compare', { hidden: true }, this.canvas, this.split.elements, this.hint, this.wait.element);
    this.viewport = new Viewport(this.canvas, () => this.#moved());
    document.addEventListener('keyup', ({ key }) => { if (key.toLowerCase() === 'b') this.split.hold(false); });
    addEventListener('blur', () => this.split.hold(false));
  }

  get shown() {
    return !this.element.hidden;
  }

  /**
   * Shows two pictures of one photo; the one shown before stays until they are there.
   * @param {[number, number]} size of the photo
   * @param {Promise<[ImageBitmap, ImageBitmap]>} pictures before and after; whoever gave them closes them
   * @param {Viewport} view where to begin
   * @param {string} thumbnail address of a picture to wait with
   */
  async show(size, pictures, view, thumbnail) {
    const begins = !this.shown;
    this.element.hidden = false;
    this.wanted = pictures;
    if (begins) {
      this.#before = null;
      this.#after = null;
      this.#size = size;
      this.split.reset();
      this.viewport.follow(view, size);
      this.wait.show('Opening the result…', thumbnail);
    }
    try {
      const [before, after] = await pictures;
      if (pictures !== this.wanted) return;
      [this.#before, this.#after] = [before, after];
      this.wait.show(null);
      this.#requestDraw();
    } catch (error) {
      if (pictures === this.wanted) this.wait.show(`The result could not be opened. ${error.message}`);
    }
  }

  hide() {
    this.element.hidden = true;
    this.wanted = null;
    this.#before = null;
    this.#after = null;
    this.#tint = null;
    this.split.reset();
  }

  /** Lays a mask over the result, or takes it off. @param {?import('../mask/overlay.js').Overlay} tint */
  tint(tint) {
    this.#tint = tint;
    this.#requestDraw();
  }

  focus() {
    this.canvas.focus({ preventScroll: true });
  }

  /** Draws the line that is dragged, or takes it off. */
  toggleSplit() {
    this.split.toggle();
    if (this.split.at === null) this.focus();
    else this.split.handle.focus({ preventScroll: true });
  }

  /** What keys do while a result is looked at. @returns {Object<string, () => void>} as `Workspace.watchKeys` takes them */
  get keys() {
    return { b: () => this.split.hold(true), s: () => this.toggleSplit() };
  }

  #compared() {
    this.hint.hidden = this.split.held || this.split.at !== null;
    this.onSplit(this.split.at !== null);
    this.#requestDraw();
  }

  #moved() {
    const { view, ratio, fitted } = this.viewport;
    const onPage = (length) => length / ratio;
    this.split.frame(onPage(view.x), onPage(view.y), onPage(view.scale * this.#size[0]), onPage(view.scale * this.#size[1]));
    this.onView(view.scale, fitted);
    this.#requestDraw();
  }

  #requestDraw() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #draw() {
    const { width, height } = this.canvas;
    const context = this.canvas.getContext('2d');
    context.resetTransform();
    context.fillStyle = getComputedStyle(this.canvas).getPropertyValue('--bg');
    context.fillRect(0, 0, width, height);
    if (!this.#after) return;
    const { view } = this.viewport;
    const line = view.x + this.split.before * view.scale * this.#size[0];
    this.#within(context, line, width, () => {
      this.#drawBoard(context, view);
      drawPicture(context, this.#after, view, this.#size);
      this.#tint?.draw(context, view, this.#size, this.viewport.ratio);
    });
    this.#within(context, 0, line, () => drawPicture(context, this.#before, view, this.#size));
  }

  /** Draws only between two columns of the canvas. */
  #within(context, left, right, draw) {
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, this.canvas.height);
    context.clip();
    draw();
    context.restore();
  }

  #drawBoard(context, { scale, x, y }) {
    const step = CHECK * this.viewport.ratio;
    const tile = new OffscreenCanvas(2 * step, 2 * step);
    const board = tile.getContext('2d');
    [board.fillStyle] = CHECK_COLOURS;
    board.fillRect(0, 0, 2 * step, 2 * step);
    [, board.fillStyle] = CHECK_COLOURS;
    board.fillRect(0, 0, step, step);
    board.fillRect(step, step, step, step);
    context.fillStyle = context.createPattern(tile, 'repeat');
    context.fillRect(x, y, scale * this.#size[0], scale * this.#size[1]);
  }
}
