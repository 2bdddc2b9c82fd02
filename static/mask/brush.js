// The brush as it is seen: a circle that follows the pointer, as large as what it paints. All that paints shares it.

import { h } from '../common/dom.js';

const SIZES = [4, 400];
const STEP = 1.2; // of a key

/** The slider for its size. */
export const SIZE = { id: 'brush-size', label: 'Size', about: 'Diameter of the brush on the screen; [ and ] change it.', minimum: SIZES[0], maximum: SIZES[1], default: 36, step: 1, digits: 0, unit: 'pixels' };

export class BrushCursor {
  /** Diameter, in pixels of the page. */
  size = SIZE.default;

  constructor() {
    this.element = h('div.brush-cursor', { hidden: true });
  }

  resize(size) {
    this.size = Math.round(Math.max(SIZES[0], Math.min(SIZES[1], size)));
    this.element.style.setProperty('--size', `${this.size}px`);
  }

  /** The size after a press of a key: "[" is smaller, "]" larger. */
  stepped(key) {
    return key === ']' ? this.size * STEP : this.size / STEP;
  }

  /** Follows the pointer, unless it is a finger, under which nothing is seen. @param {HTMLElement} picture around it */
  follow({ clientX, clientY, pointerType }, picture) {
    this.element.hidden = pointerType === 'touch';
    const box = picture.getBoundingClientRect();
    this.element.style.transform = `translate(${clientX - box.left}px, ${clientY - box.top}px)`;
  }

  hide() {
    this.element.hidden = true;
  }
}
