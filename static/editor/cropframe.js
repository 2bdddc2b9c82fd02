// What lies over the picture while it is cropped: what is cut off is dimmed, the crop has handles, and lines that help to
// compose it. It tells of gestures; what becomes of the crop others say.

import { h } from '../common/dom.js';
import { storage } from '../common/storage.js';
import { HANDLES } from './geometry.js';

const GRIDS = {
  thirds: [1 / 3, 2 / 3],
  golden: [0.381966, 0.618034],
  none: [],
};
const FINE = [1, 2, 3, 4, 5, 6, 7, 8].map((each) => each / 9); // shown while the photo is turned
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 10; // times as far by an arrow with Shift
const SLOP = 3; // pixels of the page within which a press is no line
const LEAST_TWIST = 3; // degrees from which on two fingers turn the photo, and not only part
const KEPT = 'envo:crop-grid';

export class CropFrame {
  #box = { left: 0, top: 0, width: 1, height: 1 }; // the frame on the picture, in pixels of the page
  #crop = [0, 0, 1, 1];
  #isOn = false;
  #gesture = null; // {kind, from: [x, y] on the page, ...}
  #touches = new Map(); // fingers on the picture -> where

  /**
   * @param {HTMLElement} picture around the canvas
   * @param {HTMLCanvasElement} canvas
   */
  constructor(picture, canvas) {
    Object.assign(this, { picture, canvas });
    this.hole = h('div.crop-hole');
    this.shade = h('div.crop-shade', {}, this.hole);
    this.lines = svg('path', { class: 'crop-lines' });
    this.box = h('button.crop-box', { type: 'button', 'aria-label': 'Crop; arrow keys move it' }, svg('svg', { viewBox: '0 0 1 1', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, this.lines));
    this.handles = Object.keys(HANDLES).map((name) => h('button.crop-handle', { type: 'button', 'data-handle': name, 'aria-label': `${name.includes(' ') ? `Corner at the ${name}` : `Edge at the ${name}`}; arrow keys move it` }));
    this.line = svg('path', { class: 'level-line' });
    this.drawing = svg('svg', { class: 'level-lines', 'aria-hidden': 'true' }, this.line);
    this.element = h('div.crop-frame', { role: 'group', 'aria-label': 'Crop', hidden: true }, this.shade, this.box, this.handles, this.drawing);
    this.grid = GRIDS[storage.get(KEPT)] ? storage.get(KEPT) : 'thirds';
    this.#watch();
    this.#showGrid();
  }

  /**
   * Begins to hear gestures.
   * @param {{onStart: () => void, onMove: (by: [number, number]) => void, onPull: (handle: [number, number], by: [number, number]) => void,
   *     onTurn: (by: number) => void, onPinch: (by: number, turned: number) => void, onLine: (from: [number, number], to: [number, number]) => void}} events
   *     places and ways are pixels of the page, turns degrees clockwise; all but a line tell how far a gesture has come
   */
  open(events) {
    this.events = events;
    this.#isOn = true;
    this.element.hidden = false;
    this.picture.classList.add('cropping');
  }

  close() {
    this.#isOn = false;
    this.#end();
    this.levels(false);
    this.element.hidden = true;
    this.picture.classList.remove('cropping');
  }

  /** Says where the frame lies on the picture, in pixels of the page. */
  frame(left, top, width, height) {
    this.#box = { left, top, width, height };
    this.#place();
  }

  /** @param {number[]} crop left, top, right, bottom in shares of the frame */
  show(crop) {
    this.#crop = crop;
    this.#place();
  }

  /** Whether a press draws a line, along which the photo is to be level. */
  levels(levels) {
    this.levelling = levels;
    this.picture.classList.toggle('levelling', levels);
  }

  /** Shows other lines in the crop. */
  nextGrid() {
    const names = Object.keys(GRIDS);
    this.grid = names[(names.indexOf(this.grid) + 1) % names.length];
    storage.set(KEPT, this.grid);
    this.#showGrid();
    return this.grid;
  }

  /** Shows finer lines while the photo is turned. */
  turning(isTurned) {
    this.#showGrid(isTurned);
  }

  #showGrid(isFine = false) {
    const at = isFine ? FINE : GRIDS[this.grid];
    this.lines.setAttribute('d', at.map((each) => `M${each} 0V1M0 ${each}H1`).join(''));
    this.lines.classList.toggle('fine', isFine);
  }

  #place() {
    if (!this.#isOn) return;
    const { left, top, width, height } = this.#box;
    const [l, t, r, b] = this.#crop.map((each, i) => each * (i % 2 ? height : width));
    this.shade.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
    this.hole.style.cssText = `left:${l}px;top:${t}px;width:${r - l}px;height:${b - t}px`;
    this.box.style.cssText = `left:${left + l}px;top:${top + t}px;width:${r - l}px;height:${b - t}px`;
    for (const handle of this.handles) {
      const [x, y] = HANDLES[handle.dataset.handle];
      handle.style.cssText = `left:${left + (x < 0 ? l : x ? r : (l + r) / 2)}px;top:${top + (y < 0 ? t : y ? b : (t + b) / 2)}px`;
    }
  }

  #at({ clientX, clientY }) {
    const { left, top } = this.picture.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  #isInside([x, y]) {
    const { left, top, width, height } = this.#box;
    const [across, down] = [(x - left) / width, (y - top) / height];
    return across > this.#crop[0] && across < this.#crop[2] && down > this.#crop[1] && down < this.#crop[3];
  }

  /** The middle of the crop, in pixels of the page. */
  get #middle() {
    const { left, top, width, height } = this.#box;
    const [l, t, r, b] = this.#crop;
    return [left + ((l + r) / 2) * width, top + ((t + b) / 2) * height];
  }

  #watch() {
    // Before the canvas hears of it, which would move the photo or show what was before.
    const listen = (name, hear) => this.picture.addEventListener(name, (event) => {
      if (!this.#isOn || (event.target !== this.canvas && !this.element.contains(event.target))) return;
      event.stopPropagation();
      hear(event);
    }, { capture: true });
    listen('pointerdown', (event) => this.#press(event));
    listen('pointermove', (event) => this.#drag(event));
    for (const name of ['pointerup', 'pointercancel']) listen(name, (event) => this.#release(event));
    listen('dblclick', () => {});
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #press(event) {
    if (event.button !== 0) return;
    const at = this.#at(event);
    this.#touches.set(event.pointerId, at);
    this.element.setPointerCapture(event.pointerId);
    if (this.#touches.size === 2) {
      if (!this.#gesture || this.#gesture.kind === 'line') this.events.onStart(); // else the first finger began it
      this.line.removeAttribute('d');
      this.#gesture = { kind: 'two', from: [...this.#touches.values()], turned: 0 };
      return;
    }
    if (!event.isPrimary) return;
    const handle = event.target.closest('.crop-handle')?.dataset.handle;
    const isLine = this.levelling || event.ctrlKey || event.metaKey;
    const kind = isLine ? 'line' : handle ? 'pull' : this.#isInside(at) ? 'move' : 'turn';
    if (handle && kind === 'pull') event.target.closest('.crop-handle').focus({ preventScroll: true });
    event.preventDefault();
    this.#gesture = { kind, from: at, handle: HANDLES[handle], middle: this.#middle, turned: 0, last: bearing(this.#middle, at) };
    if (!isLine) this.events.onStart();
    this.turning(kind === 'turn');
  }

  #drag(event) {
    const at = this.#at(event);
    if (!this.#gesture) {
      if (event.pointerType === 'mouse') this.picture.dataset.crop = this.#isInside(at) ? 'move' : 'turn';
      return;
    }
    if (!this.#touches.has(event.pointerId)) return;
    this.#touches.set(event.pointerId, at);
    const { kind, from, handle } = this.#gesture;
    const by = [at[0] - from[0], at[1] - from[1]];
    if (kind === 'two') this.#twist();
    else if (kind === 'line') this.line.setAttribute('d', `M${from.join()}L${at.join()}`);
    else if (kind === 'move') this.events.onMove(this.#shares(by));
    else if (kind === 'pull') this.events.onPull(handle, this.#shares(by));
    else {
      const now = bearing(this.#gesture.middle, at);
      this.#gesture.turned += nearest(now - this.#gesture.last);
      this.#gesture.last = now;
      this.events.onTurn(this.#gesture.turned);
    }
  }

  /** Two fingers: the photo turns with them, and what of it is seen shrinks as they part. */
  #twist() {
    const [[a, b], [c, d]] = [this.#gesture.from, [...this.#touches.values()]];
    if (!d) return;
    const turned = nearest(bearing(c, d) - bearing(a, b));
    if (Math.abs(turned) > LEAST_TWIST) this.#gesture.turns = true;
    this.events.onPinch(Math.hypot(b[0] - a[0], b[1] - a[1]) / Math.max(1, Math.hypot(d[0] - c[0], d[1] - c[1])), this.#gesture.turns ? turned : 0);
  }

  #release(event) {
    const at = this.#at(event);
    const { kind, from } = this.#gesture ?? {};
    this.#touches.delete(event.pointerId);
    if (kind === 'line' && event.type === 'pointerup' && Math.hypot(at[0] - from[0], at[1] - from[1]) > SLOP) this.events.onLine(from, at);
    if (kind !== 'two' || !this.#touches.size) this.#end();
  }

  #end() {
    this.#gesture = null;
    this.#touches.clear();
    this.line.removeAttribute('d');
    this.turning(false);
  }

  #shares([x, y]) {
    return [x / this.#box.width, y / this.#box.height];
  }

  #onKey(event) {
    const way = ARROWS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // it is not the next photo that is wanted
    if (!event.repeat) this.events.onStart();
    const by = this.#shares(way.map((each) => each * (event.shiftKey ? FAR : 1)));
    const handle = event.target.closest('.crop-handle')?.dataset.handle;
    if (handle) this.events.onPull(HANDLES[handle], by, true);
    else this.events.onMove(by, true);
  }
}

const bearing = ([x0, y0], [x1, y1]) => (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;

/** The same angle between -180 and 180 degrees. */
const nearest = (angle) => angle - 360 * Math.round(angle / 360);

function svg(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [each, value] of Object.entries(attributes)) element.setAttribute(each, value);
  element.append(...children);
  return element;
}
