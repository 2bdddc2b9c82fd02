// What lies over the picture: what the picture that is selected in was made from.

import { h, setChildren } from '../common/dom.js';

/** The steps from the photo to the picture that is selected in; each can be gone back to. */
export class Crumbs {
  /** @param {(picture: ?string) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.element = h('nav.crumbs', { 'aria-label': 'Made from', hidden: true });
  }

  /** @param {{id: ?string, label: string}[]} steps the photo itself first; it alone is not told */
  show(steps) {
    this.element.hidden = steps.length < 2;
    const key = JSON.stringify(steps);
    if (key === this.shown) return;
    this.shown = key;
    const last = steps.length - 1;
    setChildren(this.element, steps.flatMap(({ id, label }, index) => [
      ...(index ? [h('i', {}, '›')] : []),
      index === last ? h('b', { 'aria-current': 'true' }, label) : h('button', { type: 'button', title: 'Select in this again', onclick: () => this.onChoose(id) }, label),
    ]));
  }
}
