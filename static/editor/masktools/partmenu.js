// The menu of what a mask can be made of: shapes, a click in the photo, and the mattes that the photo has.

import { h, icon } from '../../common/dom.js';
import { menu, toggleMenu } from '../../common/menu.js';
import { SHAPES } from './parts.js';

export class PartMenu {
  /**
   * @param {{onShape: (shape: string, how: string) => void, onObject: (how: string) => void,
   *     onMatte: (kind: string, how: string) => void, onReplace: () => void}} events how: "new" for a layer of its own
   */
  constructor({ onShape, onObject, onMatte, onReplace }) {
    this.onMatte = onMatte;
    const shapes = Object.entries(SHAPES).map(([shape, { label, picture, about }]) => this.#item(picture, label, () => onShape(shape, this.how), about));
    const object = this.#item('pointer', 'Click an object', () => onObject(this.how), 'A click finds what is meant');
    this.replace = this.#item('forward', 'From Replace…', onReplace, 'Select by several clicks, boxes and strokes');
    this.mattes = h('div', { role: 'group', 'aria-label': 'Found in the photo' });
    this.element = menu('parts-menu', '', shapes, object, this.replace, this.mattes);
    this.element.setAttribute('role', 'menu');
  }

  #item(picture, label, run, about = null) {
    return h('button', { type: 'button', role: 'menuitem', title: about, onclick: () => { this.element.hidePopover(); run(); } }, icon(picture), label);
  }

  /**
   * Opens below an element, or closes.
   * @param {HTMLElement} by
   * @param {string} how one of `HOWS`, or "new"
   * @param {string} title
   * @param {{kind: string, name: string}[]} mattes of the photo
   */
  open(by, how, title, mattes) {
    this.how = how;
    this.element.firstChild.textContent = title;
    this.element.setAttribute('aria-label', title);
    this.replace.hidden = how !== 'new';
    this.mattes.hidden = how === 'new' || !mattes.length;
    this.mattes.replaceChildren(h('h4', { role: 'presentation' }, 'Found in the photo'),
      ...mattes.map(({ kind, name }) => this.#item('mask', name, () => this.onMatte(kind, this.how))));
    toggleMenu(this.element, by);
  }
}
