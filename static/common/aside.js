// What few want to know, such as which engine looked at a photo: behind an "i".

import { h, iconButton, terms } from './dom.js';
import { menu, toggleMenu } from './menu.js';

/** A sentence. */
export class Aside {
  /** @param {string} title what it tells of @param {string} [name] of its style @param {HTMLElement} [content] to be filled */
  constructor(title, name = 'aside', content = h('p.aside-text')) {
    this.content = content;
    this.menu = menu(name, title, content);
    this.button = iconButton('info', title, () => toggleMenu(this.menu, this.button));
    this.elements = [this.button, this.menu];
  }

  show(text) {
    this.content.textContent = text;
  }
}

/** Rows of a term and what it is. */
export class AsideTerms extends Aside {
  constructor(title, name) {
    super(title, name, h('dl'));
  }

  /** @param {[string, string][]} rows */
  show(rows) {
    this.content.replaceChildren(...terms(rows));
  }
}
