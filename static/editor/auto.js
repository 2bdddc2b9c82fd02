// Auto: light and colour of the whole image set from what the photo is like, see envo/auto.py.

import { request } from '../common/api.js';
import { h, icon, tellError, toast } from '../common/dom.js';
import { layer } from './document.js';

export class Auto {
  #photo = null;
  #suggested = null; // for the photo that is open, once it was asked for

  /** @param {{onApply: (values: object) => void, onTakeBack: (names: string[]) => void}} events */
  constructor(events) {
    Object.assign(this, events);
    this.element = h('button.tool-tab.auto', {
      type: 'button',
      title: 'Sets light and colour from what the photo is like; again takes it back',
      'aria-pressed': 'false',
      onclick: () => this.#press().catch(tellError),
    }, icon('spark'), 'Auto');
  }

  /** @param {?object} photo that is open @param {object} document */
  show(photo, document) {
    if (photo?.id !== this.#photo?.id) this.#suggested = null;
    this.#photo = photo;
    this.document = document;
    this.element.disabled = !photo;
    this.element.setAttribute('aria-pressed', this.#isOn);
    this.element.classList.toggle('used', this.#isOn);
  }

  get #isOn() {
    const values = Object.entries(this.#suggested?.adjustments ?? {});
    const { adjustments } = layer(this.document, 'image');
    return values.length > 0 && values.every(([name, value]) => adjustments[name] === value);
  }

  async #press() {
    if (!this.#isOn && !(await this.#ask())) return;
    const { adjustments, said } = this.#suggested;
    if (this.#isOn) this.onTakeBack(Object.keys(adjustments));
    else if (said.length) {
      this.onApply(adjustments);
      toast(`Auto: ${said.join(', ')}.`);
    } else toast('This photo needs nothing that Auto can do.');
  }

  /** Asks what suits the photo, by what is found in it by now. @returns whether that photo is still the one that is open */
  async #ask() {
    const photo = this.#photo;
    this.element.setAttribute('aria-busy', 'true');
    try {
      const suggested = await request('GET', `photos/${photo.id}/auto`);
      if (photo.id !== this.#photo?.id) return false;
      this.#suggested = suggested;
      return true;
    } finally {
      this.element.setAttribute('aria-busy', 'false');
    }
  }
}
