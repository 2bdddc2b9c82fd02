// A wheel of hues: the angle of its point is the hue, its distance from the middle the strength.

import { h } from '../common/dom.js';

const STOPS = 24; // colours that the ring is painted with
const STEP = 2; // degrees, or percent, of an arrow key; with Shift five times as far
const NAMES = ['pink', 'red', 'orange', 'yellow', 'lime', 'green', 'teal', 'aqua', 'blue', 'indigo', 'violet', 'magenta'];

export class Wheel {
  hue = 0;
  strength = 0;
  #begins = false; // the next change is a step

  /**
   * @param {string} label
   * @param {{onStart: () => void, onInput: (hue: number, strength: number) => void}} events hue: 0 to 359 degrees of
   *     OKLab; strength: 0 to 100
   */
  constructor(label, { onStart, onInput }) {
    Object.assign(this, { label, onStart, onInput });
    this.handle = h('div.wheel-point', { role: 'slider', tabindex: 0, 'aria-label': `${label}, tint`, 'aria-valuemin': 0, 'aria-valuemax': 100 });
    this.element = h('div.wheel', {}, this.handle);
    // CSS goes round by the clock, hues against it.
    const ring = Array.from({ length: STOPS + 1 }, (_, stop) => `oklch(.7 .125 ${360 - (360 * stop) / STOPS})`);
    this.element.style.setProperty('--ring', `conic-gradient(from 90deg in oklch, ${ring.join(', ')})`);
    this.element.addEventListener('pointerdown', (event) => this.#press(event));
    this.element.addEventListener('pointermove', (event) => { if (this.element.hasPointerCapture(event.pointerId)) this.#drag(event); });
    this.element.addEventListener('dblclick', () => this.#step(0, 0));
    this.handle.addEventListener('keydown', (event) => this.#onKey(event));
    this.show(0, 0);
  }

  show(hue, strength) {
    Object.assign(this, { hue, strength });
    const angle = (hue * Math.PI) / 180;
    const reach = strength / 2; // percent of the wheel's width
    this.handle.style.cssText = `left:${50 + reach * Math.cos(angle)}%;top:${50 - reach * Math.sin(angle)}%;--tint:oklch(.72 ${0.0016 * strength} ${hue})`;
    this.element.classList.toggle('used', strength > 0);
    this.handle.setAttribute('aria-valuenow', strength);
    this.handle.setAttribute('aria-valuetext', strength ? `${NAMES[Math.round(hue / 30) % 12]}, ${hue}°, strength ${strength}` : 'no tint');
  }

  #press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    this.handle.focus({ focusVisible: false });
    this.#begins = true;
    const { strength } = this;
    this.grip = null;
    const [x, y] = this.#at(event);
    const [px, py] = place(this.hue, strength);
    // A point that is taken hold of does not jump under the pointer.
    if (Math.hypot(x - px, y - py) < 0.2) this.grip = [px - x, py - y];
    else this.#drag(event);
  }

  #drag(event) {
    const [x, y] = this.#at(event).map((value, axis) => value + (this.grip?.[axis] ?? 0));
    const strength = Math.round(100 * Math.min(1, Math.hypot(x, y)));
    this.#set(strength ? (Math.atan2(y, x) * 180) / Math.PI : 0, strength);
  }

  /** Where an event is: 1 is the wheel's edge, y goes up. */
  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return [(2 * (clientX - left)) / width - 1, 1 - (2 * (clientY - top)) / height];
  }

  #step(hue, strength) {
    this.#begins = true;
    this.#set(hue, strength);
  }

  #set(hue, strength) {
    const whole = ((Math.round(hue) % 360) + 360) % 360;
    const to = [strength ? whole : 0, Math.max(0, Math.min(100, strength))];
    if (to[0] === this.hue && to[1] === this.strength) return;
    if (this.#begins) this.onStart();
    this.#begins = false;
    this.onInput(...to);
  }

  #onKey(event) {
    const far = event.shiftKey ? 5 * STEP : STEP;
    const by = { ArrowLeft: [far, 0], ArrowRight: [-far, 0], ArrowUp: [0, far], ArrowDown: [0, -far] }[event.key];
    if (by) this.#step(this.hue + by[0], Math.max(0, this.strength + by[1]));
    else if (event.key === 'Delete' || event.key === 'Backspace') this.#step(0, 0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function place(hue, strength) {
  const angle = (hue * Math.PI) / 180;
  return [(strength / 100) * Math.cos(angle), (strength / 100) * Math.sin(angle)];
}
