// Below the line of a layer of a face: whose face it is, and whether the layer follows that person into other photos.

import { h, icon, tellError } from '../common/dom.js';
import { NameField, picture } from '../gallery/people/namefield.js';

/**
 * @typedef {object} Whose
 * @property {'offer' | 'follows' | 'ask' | 'bare' | 'absent' | 'name' | 'unseen'} state offer: it could follow; ask: it may be
 *     theirs; bare: their face has no layers here; name: whose face it is, nobody has said; unseen: nobody has looked
 * @property {?string} name
 * @property {?string} face id of the one that is shown
 * @property {boolean} follows
 */

export class FollowBar {
  #whose = null;

  /**
   * @param {{onFollow, onConfirm, onRefuse, onGallery: () => void, onName: (name: string) => void,
   *     people: () => Promise<object[]>}} events onFollow: the layer is to follow, or to do so no longer; people: those that
   *     are known
   */
  constructor({ onFollow, onConfirm, onRefuse, onName, onGallery, people }) {
    let known = [];
    const button = (name, label, run) => h('button.button', { type: 'button', onclick: run }, icon(name), h('span', {}, label));
    this.face = h('span.follow-face', { 'aria-hidden': 'true' });
    this.said = h('span.follow-said', { role: 'status' });
    this.toggle = button('people', '', onFollow);
    this.yes = button('check', 'Yes', onConfirm);
    this.no = button('close', 'No', onRefuse);
    this.gallery = h('button.link', { type: 'button', onclick: onGallery }, 'Find people in Gallery');
    this.field = new NameField({ label: 'Name of this face', hint: 'Name this face to follow it', people: () => known, onName });
    this.field.input.addEventListener('focus', () => people().then((all) => { known = all; }).catch(tellError));
    this.element = h('div.follow-bar', { role: 'group', 'aria-label': 'Whose face this is', hidden: true },
      this.face, this.said, this.field.element, this.toggle, this.yes, this.no, this.gallery);
  }

  /** @param {?Whose} whose null: the layer is of no face, or of several */
  show(whose) {
    this.element.hidden = !whose;
    if (!whose) return;
    const { state, name, face, follows } = whose;
    const said = { ask: `Is this ${name}?`, bare: `${name} has no layers in this photo.`, absent: `${name} was not found in this photo.` };
    this.element.dataset.state = state;
    if (face !== this.#whose?.face) {
      this.face.replaceChildren(...(face ? [picture(face)] : []));
      this.field.clear();
    }
    this.face.hidden = !face;
    this.said.textContent = said[state] ?? '';
    this.said.hidden = !this.said.textContent;
    this.toggle.hidden = !['offer', 'follows'].includes(state);
    this.toggle.setAttribute('aria-pressed', follows);
    this.toggle.lastChild.textContent = follows ? `Follows ${name}` : `Follow ${name}`;
    this.toggle.title = follows ? 'Pasted on other photos, this layer goes to their face; press to keep it on this one' : `Pasted on other photos, this layer will go to the face of ${name}`;
    for (const each of [this.yes, this.no]) each.hidden = state !== 'ask';
    this.field.element.hidden = state !== 'name';
    this.gallery.hidden = state !== 'unseen';
    this.#whose = whose;
  }
}
