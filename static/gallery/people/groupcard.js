// Faces that are of one person, as far as can be seen, with a field for the name.

import { h, setChildren } from '../../common/dom.js';
import { many, number } from '../said.js';
import { NameField, picture } from './namefield.js';

const SHOWN = 8;

export class GroupCard {
  /**
   * @param {{hint: string, people: () => object[], onName: (name: string) => void, onLook?: () => void,
   *     onIgnore?: () => void}} options onLook: all of them are to be seen
   */
  constructor({ hint, people, onName, onLook = null, onIgnore = null }) {
    this.onLook = onLook;
    this.faces = h('div.group-faces');
    this.count = h('span.group-count');
    this.field = new NameField({ label: hint, people, onName });
    this.ignore = h('button.link', { type: 'button', title: 'Nobody that matters', onclick: () => onIgnore() }, 'ignore');
    this.ignore.hidden = !onIgnore;
    this.element = h('article.group-card', {}, this.faces, this.field.element, h('div.group-foot', {}, this.count, h('span.space'), this.ignore));
    if (onLook) this.count.replaceWith(this.count = h('button.link.group-count', { type: 'button', onclick: onLook }));
  }

  /** @param {{faces: string[], count: number}} group ids of the first of its faces */
  show({ faces, count }) {
    const known = new Map([...this.faces.querySelectorAll('img')].map((image) => [image.dataset.face, image]));
    const room = count > SHOWN ? SHOWN - 1 : SHOWN;
    const shown = faces.slice(0, room).map((id) => known.get(id) ?? Object.assign(picture(id), { title: '' }));
    for (const [index, image] of shown.entries()) image.dataset.face = faces[index];
    const more = count - shown.length;
    setChildren(this.faces, more > 0 ? [...shown, h('span.group-more', {}, `+${number(more)}`)] : shown);
    this.count.textContent = this.onLook ? `see ${many(count, 'face')}` : many(count, 'face');
    this.element.setAttribute('aria-label', `${many(count, 'face')} of one person`);
  }
}
