// Before and after of a picture, alike on all tabs: after alone; before, while the picture is held down or a key is; or
// both, with a line between them that is dragged.

import { h } from './dom.js';

const KEY_STEP = 0.02;
const MIDDLE = 0.5;
const SLOP = 6; // pixels of the page that a finger may wander while it holds; then it moves the picture

export class Split {
  /** Where the line stands, 0 to 1 across the photo; null while there is none. */
  at = null;
  /** Whether before is shown in the place of after. */
  held = false;
  #box = { left: 0, top: 0, width: 0, height: 0 };

  /**
   * @param {() => void} onChange another part of before shows from now on
   */
  constructor(onChange) {
    this.onChange = onChange;
    this.handle = h('div.split-handle', { role: 'slider', tabindex: 0, 'aria-label': 'Before and after', 'aria-valuemin': 0, 'aria-valuemax': 100, hidden: true });
    this.tags = ['Before', 'After'].map((name) => h('span.tag', { hidden: true }, name));
    /** To be put over the picture, in this order. */
    this.elements = [...this.tags, this.handle];
    this.#watch();
  }

  /** How much of the photo shows as it was before, from its left edge: 0 to 1. */
  get before() {
    return this.held ? 1 : this.at ?? 0;
  }

  /** Draws a line in the middle, or takes it off. */
  toggle() {
    this.#set(this.at === null ? MIDDLE : null);
  }

  /** Shows after alone. */
  reset() {
    this.held = false;
    this.#set(null);
  }

  /** Shows before in the place of after, or no more. */
  hold(held) {
    if (held === this.held) return;
    this.held = held;
    this.#place();
    this.onChange();
  }

  /**
   * Lets before be shown for as long as a picture is pressed, but not while that moves or zooms it.
   * @param {(event: PointerEvent) => boolean} holds whether a press is for this
   */
  holdOn(canvas, holds = () => true) {
    let from = null;
    const end = () => { from = null; this.hold(false); };
    canvas.addEventListener('pointerdown', (event) => {
      const { button, isPrimary, clientX, clientY } = event;
      if (button === 0 && isPrimary && holds(event)) from = [clientX, clientY];
      else from = null;
      this.hold(from !== null);
    });
    canvas.addEventListener('pointermove', ({ clientX, clientY }) => {
      if (from && Math.hypot(clientX - from[0], clientY - from[1]) > SLOP) end();
    });
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, end);
    canvas.addEventListener('contextmenu', (event) => { if (this.held) event.preventDefault(); }); // of a finger that stays
  }

  #set(at) {
    this.at = at === null ? null : Math.max(0, Math.min(1, at));
    this.#place();
    this.onChange();
  }

  /** Says where the photo lies on the picture, in pixels of the page. */
  frame(left, top, width, height) {
    this.#box = { left, top, width, height };
    this.#place();
  }

  #place() {
    const splits = this.at !== null && !this.held;
    this.tags[0].hidden = !splits && !this.held;
    this.tags[1].hidden = !splits;
    this.handle.hidden = !splits;
    const picture = this.handle.parentElement;
    if (this.tags[0].hidden || !picture) return;
    const { left, width } = this.#box;
    const top = Math.max(0, this.#box.top);
    const bottom = Math.min(picture.clientHeight, this.#box.top + this.#box.height);
    this.handle.style.cssText = `left:${left + width * this.at}px;top:${top}px;height:${bottom - top}px`;
    this.handle.setAttribute('aria-valuenow', Math.round(this.at * 100));
    this.tags[0].style.cssText = `left:${Math.max(left, 0) + 10}px;top:${bottom - 34}px`;
    this.tags[1].style.cssText = `right:${picture.clientWidth - Math.min(left + width, picture.clientWidth) + 10}px;top:${bottom - 34}px`;
  }

  #watch() {
    const { handle } = this;
    handle.addEventListener('pointerdown', (event) => handle.setPointerCapture(event.pointerId));
    handle.addEventListener('pointermove', (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const picture = handle.parentElement.getBoundingClientRect();
      this.#set((event.clientX - picture.left - this.#box.left) / this.#box.width);
    });
    handle.addEventListener('keydown', (event) => {
      const to = { ArrowLeft: this.at - KEY_STEP, ArrowRight: this.at + KEY_STEP, Home: 0, End: 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.#set(to);
    });
  }
}
