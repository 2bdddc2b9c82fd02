// Places that are picked in the photo: a press there tells which, and a drag how far, instead of moving the photo.

import { h } from '../common/dom.js';

export class Picker {
  #wish = null; // what is picked for: {button, hint, onPress, onDrag, once}
  #from = null; // where the press began, in pixels of the page

  /**
   * @param {HTMLElement} picture around the canvas
   * @param {HTMLCanvasElement} canvas
   * @param {(event: PointerEvent) => [number, number]} locate in the photo, in its pixels
   */
  constructor(picture, canvas, locate) {
    Object.assign(this, { picture, canvas, locate });
    this.hint = h('div.pick-hint', { role: 'status', hidden: true });
    // Before the canvas hears of it, which would move the photo or show what was before.
    const listen = (name, hear) => picture.addEventListener(name, (event) => {
      if (!this.#wish || event.target !== canvas) return;
      event.stopPropagation();
      hear(event);
    }, { capture: true });
    listen('pointerdown', (event) => this.#press(event));
    listen('pointermove', (event) => this.#drag(event));
    listen('pointerup', () => this.#release());
    listen('pointercancel', () => this.#release());
    listen('dblclick', () => {});
  }

  /** Whether the presses in the photo are its own. */
  get isOn() {
    return this.#wish !== null;
  }

  /**
   * Begins to pick, or ends it when it was begun by the same button.
   * @param {HTMLElement} button shows that it is on
   * @param {{hint: string, once?: boolean, onPress: (at: [number, number], event: PointerEvent) => boolean, onStop?: () => void,
   *     onDrag?: (distance: [number, number], at: [number, number]) => void}} wish once: until the first place that is taken, as onPress says
   */
  toggle(button, wish) {
    const wasOn = this.#wish?.button === button;
    this.stop();
    if (wasOn) return;
    this.#wish = { button, ...wish };
    button.setAttribute('aria-pressed', true);
    this.picture.classList.add('picking');
    this.say(wish.hint);
  }

  say(hint) {
    this.hint.textContent = hint;
    this.hint.hidden = !hint;
  }

  stop() {
    const wish = this.#wish;
    wish?.button.setAttribute('aria-pressed', false);
    this.#wish = null;
    this.#from = null;
    wish?.onStop?.();
    this.picture.classList.remove('picking');
    this.say('');
  }

  #press(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    this.canvas.setPointerCapture(event.pointerId);
    const taken = this.#wish.onPress(this.locate(event), event);
    if (taken && this.#wish?.once) this.stop();
    else if (taken) this.#from = [event.clientX, event.clientY];
  }

  #drag(event) {
    const { clientX, clientY } = event;
    if (this.#from) this.#wish.onDrag?.([clientX - this.#from[0], clientY - this.#from[1]], this.locate(event));
  }

  #release() {
    this.#from = null;
  }
}
