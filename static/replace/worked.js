// Worked examples: a photo, what is selected in it and what is done to it, run by a click.

import { address, request } from '../common/api.js';
import { h } from '../common/dom.js';

/**
 * @typedef {object} Example
 * @property {string} name
 * @property {string} label what it does
 * @property {string} photo name of one of the app's own photos
 * @property {string} mask PNG of its working size, base64
 * @property {string} action
 * @property {boolean} invert
 * @property {object} settings
 * @property {string} prompt for Replace, whatever the action
 * @property {string} negative
 * @property {number} seed
 */
export class Worked {
  /** @param {(example: Example) => Promise} onRun */
  constructor(onRun) {
    this.onRun = onRun;
    this.inStrip = h('div.worked', { role: 'listitem' });
    this.invitation = h('div.worked');
  }

  /** Asks which there are. */
  async look() {
    const { examples } = await request('GET', 'worked-examples');
    for (const [element, words] of [[this.inStrip, 'Results line up here. See it done:'], [this.invitation, 'Or see it done:']]) {
      element.replaceChildren(h('p', {}, words), h('div.worked-cards', {}, examples.map((example) => this.#card(example))));
    }
  }

  #card(example) {
    const card = h('button.worked-card', {
      type: 'button',
      'data-example': example.name,
      onclick: async () => {
        card.disabled = true;
        await this.onRun(example);
        card.disabled = false;
      },
    }, h('img', { src: address(`examples/${example.photo}`), alt: '', loading: 'lazy' }), h('span', {}, example.label));
    return card;
  }
}
