// The line between before and after that is dragged over a picture.

import { h } from './dom.js';

const KEY_STEP = 0.02;

export class Split {
  /** Where the line stands, 0 to 1 across the photo; null while there is none. */
  at = null;
  #box = { left: 0, top: 0, width: 0, height: 0 };

  /**
   * @param {string[]} names of the two sides
   * @param {(at: number) => void} onMove the visitor moved the line
   */
  constructor(names, onMove) {
    this.onMove = onMove;
    this.handle = h('div.split-handle', { role: 'slider', tabindex: 0, 'aria-label': 'Before and after', 'aria-valuemin': 0, 'aria-valuemax': 100, hidden: true });
    this.tags = names.map((name) => h('span.tag', { hidden: true }, name));
    /** To be put over the picture, in this order. */
    this.elements = [...this.tags, this.handle];
    this.#watch();
  }

  /** Moves the line; null takes it off. */
  set(at) {
    this.at = at === null ? null : Math.max(0, Math.min(1, at));
    this.#place();
  }

  /** Says where the photo lies on the picture, in pixels of the page. */
  frame(left, top, width, height) {
    this.#box = { left, top, width, height };
    this.#place();
  }

  #place() {
    for (const element of this.elements) element.hidden = this.at === null;
    const picture = this.handle.parentElement;
    if (this.at === null || !picture) return;
    const { left, width } = this.#box;
    const top = Math.max(0, this.#box.top);
    const bottom = Math.min(picture.clientHeight, this.#box.top + this.#box.height);
    this.handle.style.cssText = `left:${left + width * this.at}px;top:${top}px;height:${bottom - top}px`;
    this.handle.setAttribute('aria-valuenow', Math.round(this.at * 100));
    this.tags[0].style.cssText = `left:${Math.max(left, 0) + 10}px;top:${bottom - 34}px`;
    this.tags[1].style.cssText = `right:${picture.clientWidth - Math.min(left + width, picture.clientWidth) + 10}px;top:${bottom - 34}px`;
  }

  #move(at) {
    this.set(at);
    this.onMove(this.at);
  }

  #watch() {
    const { handle } = this;
    handle.addEventListener('pointerdown', (event) => handle.setPointerCapture(event.pointerId));
    handle.addEventListener('pointermove', (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const picture = handle.parentElement.getBoundingClientRect();
      this.#move((event.clientX - picture.left - this.#box.left) / this.#box.width);
    });
    handle.addEventListener('keydown', (event) => {
      const to = { ArrowLeft: this.at - KEY_STEP, ArrowRight: this.at + KEY_STEP, Home: 0, End: 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.#move(to);
    });
  }
}
