// What can be said of the faces that are chosen: a bar at the foot of the view.

import { h, icon, iconButton } from '../../common/dom.js';
import { many } from '../said.js';
import { likely } from './corrections.js';
import { NameField } from './namefield.js';

export class FaceBar {
  /**
   * @param {{people: () => object[], confirm, refuse, ignore, forget, name, open, none: Function}} actions what the
   *     buttons do; name takes the name
   */
  constructor({ people, confirm, refuse, ignore, forget, name, open, none }) {
    const button = (sign, run, label) => h('button.button', { type: 'button', onclick: () => run() }, icon(sign), h('span', {}, label));
    this.count = h('b.face-count', { role: 'status' });
    this.confirm = button('check', confirm, 'Confirm');
    this.refuse = button('close', refuse, 'No');
    this.ignore = button('hidden', ignore, 'Ignore');
    this.forget = button('eye', forget, 'Look at again');
    this.open = button('many', open, 'Photo');
    this.field = new NameField({ label: 'Name of these faces', hint: 'Another name', people, onName: name });
    this.element = h('div.face-bar', { role: 'toolbar', 'aria-label': 'Chosen faces', hidden: true },
      h('div.face-bar-head', {}, this.count, iconButton('close', 'Choose none', none)),
      this.confirm, this.refuse, this.field.element, this.ignore, this.forget, this.open);
  }

  /** @param {import('./corrections.js').Face[]} faces that are chosen */
  show(faces) {
    this.element.hidden = faces.length === 0;
    if (!faces.length) {
      this.field.clear();
      return;
    }
    const names = new Set(faces.map(likely));
    const guessed = !names.has(null);
    this.count.textContent = many(faces.length, 'face');
    this.confirm.hidden = !guessed || faces.every(({ state }) => state === 'named');
    this.refuse.hidden = !guessed;
    this.refuse.lastChild.textContent = names.size === 1 ? `Not ${[...names][0]}` : 'Not these';
    this.field.input.placeholder = guessed ? 'Another name' : 'Who is this?';
    this.ignore.hidden = faces.every(({ state }) => state === 'ignored');
    this.forget.hidden = !this.ignore.hidden;
    this.open.hidden = faces.length > 1;
  }
}
