// What is under way, said where its result will appear.

import { h } from './dom.js';

export class Waiting {
  constructor() {
    this.element = h('div.stage-wait', { hidden: true, role: 'status' });
  }

  /** A sentence, over a picture if there is one; null takes it off. */
  show(sentence, picture = null) {
    this.element.hidden = sentence === null;
    this.element.style.backgroundImage = picture ? `url("${picture}")` : '';
    this.element.replaceChildren(h('span', {}, sentence ?? ''));
  }
}

/** A bar that tells how far something is; `show(null)` is for what cannot tell. */
export class Progress {
  constructor() {
    this.fill = h('div.bar-fill');
    this.element = h('div.bar-track', { role: 'progressbar', 'aria-label': 'Progress' }, this.fill);
  }

  /** @param {?number} fraction 0 to 1 */
  show(fraction) {
    this.element.classList.toggle('unsure', fraction === null);
    this.element.ariaValueNow = fraction === null ? null : Math.round(fraction * 100);
    this.fill.style.width = fraction === null ? '' : `${fraction * 100}%`;
  }
}
