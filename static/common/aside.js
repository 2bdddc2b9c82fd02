// What few want to know, such as which engine looked at a photo: behind an "i".

import { h, iconButton } from './dom.js';
import { menu, toggleMenu } from './menu.js';

export class Aside {
  /** @param {string} title what it tells of */
  constructor(title) {
    this.text = h('p.aside-text');
    this.menu = menu('aside', title, this.text);
    this.button = iconButton('info', title, () => toggleMenu(this.menu, this.button));
    this.elements = [this.button, this.menu];
  }

  show(text) {
    this.text.textContent = text;
  }
}
