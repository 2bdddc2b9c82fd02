// The people in the photos.

import { h } from '../../common/dom.js';

export class People {
  constructor({ onOpen, onShowPerson }) {
    Object.assign(this, { onOpen, onShowPerson });
    this.element = h('section.people', { 'aria-label': 'People', hidden: true });
    this.panel = h('section.people-panel', { 'aria-label': 'About the person chosen', hidden: true });
  }

  async show() {}

  hide() {}

  changed() {}
}
