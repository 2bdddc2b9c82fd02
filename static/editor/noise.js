// What the tool for noise says while the photo is made without it, which its sliders mix in.

import { h } from '../common/dom.js';
import { Progress } from '../common/waiting.js';

export class NoiseState {
  tool = 'Detail';
  section = 'Noise';

  constructor() {
    this.element = h('div.tool-state', { role: 'status', hidden: true });
  }

  /** Nothing of a layer shows here. */
  show() {}

  /** What is being done, and how far it is. @param {string} step @param {?number} fraction 0 to 1 */
  wait(step, fraction) {
    const bar = new Progress();
    bar.show(fraction);
    this.#fill(h('span', {}, step), bar.element);
  }

  /** Why there is nothing to mix in. @param {string} reason @param {() => void} again tries once more */
  fail(reason, again) {
    this.#fill(h('span', {}, reason), h('button.link', { type: 'button', onclick: again }, 'Try again'));
  }

  clear() {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  #fill(...content) {
    this.element.hidden = false;
    this.element.replaceChildren(...content);
  }
}
