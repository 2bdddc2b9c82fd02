// What can be done with the edits of the chosen photos: copied, pasted, made alike, reset.

import { h, icon, tellError } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { copied, copyEdit, pasteEdit, pastes, syncEdits } from '../library/copies.js';
import { putPreset } from '../library/presetchoice.js';
import { many } from './said.js';

export class Edits {
  #ids = [];
  #photo = null;

  constructor() {
    const row = (sign, run) => h('button', { type: 'button', onclick: () => { this.element.hidePopover(); run().catch(tellError); } }, icon(sign), h('span'));
    this.copy = row('copy', () => copyEdit(this.#photo));
    this.paste = row('paste', () => pasteEdit(this.#ids));
    this.preset = row('grid', () => putPreset(this.#ids));
    this.sync = row('many', () => syncEdits(this.#photo, this.#ids));
    this.reset = row('undo', () => pastes.start(this.#ids, null, 'reset'));
    this.which = h('p.edits-which');
    this.element = menu('edits-menu', 'Edits', this.which, this.copy, this.paste, this.preset, this.sync, this.reset);
  }

  /**
   * Asks what to do.
   * @param {string[]} ids of the chosen photos
   * @param {{id, name: string}} photo the one among them whose edit is copied
   * @param {HTMLElement} by where to
   */
  ask(ids, photo, by) {
    this.#ids = ids;
    this.#photo = photo;
    const last = copied();
    const isOne = ids.length === 1;
    this.which.textContent = isOne ? photo.name : many(ids.length, 'photo');
    say(this.copy, 'Copy edit…', isOne ? '' : `of ${photo.name}`);
    say(this.paste, 'Paste edit', last ? `of ${last.from}` : 'nothing is copied yet');
    this.paste.disabled = !last;
    say(this.preset, 'Preset…', 'one of yours');
    say(this.sync, 'Sync edit…', `of ${photo.name} to the others`);
    this.sync.hidden = isOne;
    say(this.reset, isOne ? 'Reset edit' : 'Reset edits', isOne ? 'as it came' : 'all as they came');
    toggleMenu(this.element, by);
  }
}

function say(row, label, about) {
  row.lastChild.replaceChildren(label, ...(about ? [h('small', {}, about)] : []));
}
