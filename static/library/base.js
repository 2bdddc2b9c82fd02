// What a tab begins with: the photo as its edit shows it, or as it came. Says which, and lets the other one be taken.

import { h } from '../common/dom.js';
import { asItCame, uncropped } from '../common/renditions.js';

export class Base {
  /** Whether the photo is wanted as it came. */
  original = false;

  /** @param {(original: boolean) => void} onChoose */
  constructor(onChoose) {
    this.said = h('span');
    this.other = h('button.link', { type: 'button', title: 'What the work begins with (O)', onclick: () => onChoose(!this.original) });
    this.element = h('span.begins', { role: 'status', hidden: true }, this.said, this.other);
  }

  /** @param {?import('./store.js').Photo} photo as it is in the library @param {boolean} original */
  show(photo, original) {
    this.original = original;
    this.element.hidden = !photo?.edit;
    const said = original ? 'From the original' : 'From your edit';
    if (this.said.textContent === said) return;
    this.said.textContent = said;
    this.other.textContent = original ? 'use your edit' : 'use the original';
  }
}

/** The photo as the work begins with it: all of it, for a crop comes along to what is made of it. @template {import('../common/renditions.js').Shown} T @param {T} photo @param {boolean} original @returns {T} */
export function begun(photo, original) {
  return original ? asItCame(photo) : uncropped(photo);
}
