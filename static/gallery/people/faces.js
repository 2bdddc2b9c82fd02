// Faces on a photo: a box with the name around each; a click tells who it may be, and takes corrections.

import { request } from '../../common/api.js';
import { h, icon, setChildren, tellError } from '../../common/dom.js';
import { toggleMenu } from '../../common/menu.js';
import { Corrections, howSure, likely } from './corrections.js';
import { NameField, picture } from './namefield.js';

export class FaceLayer {
  /** @type {import('./corrections.js').Face[]} */
  #faces = [];
  #photo = null;
  #boxes = new Map(); // by id of the face
  #people = [];
  #asked = null; // id of the face that the menu is about

  /** @param {{onChange: () => void}} events onChange: something was said of a face, so that the photo's are to be shown anew */
  constructor({ onChange }) {
    this.corrections = new Corrections(onChange);
    this.boxes = h('div.face-boxes', { role: 'group', 'aria-label': 'Faces' });
    this.field = new NameField({ label: 'Name of this face', people: () => this.#people, onName: (name) => this.#say('name', name) });
    const button = (sign, what) => h('button.button', { type: 'button', onclick: () => this.#say(what) }, icon(sign), h('span'));
    this.confirm = button('check', 'confirm');
    this.refuse = button('close', 'refuse');
    this.ignore = button('hidden', 'ignore');
    this.ignore.lastChild.textContent = 'Ignore this face';
    this.who = h('div.face-who');
    this.menu = h('div.menu.face-menu', { popover: 'auto', 'aria-label': 'This face' }, this.who, h('div.face-answers', {}, this.confirm, this.refuse, this.ignore), this.field.element);
    this.element = h('div.face-layer', {}, this.boxes, this.menu);
    this.menu.addEventListener('keydown', (event) => this.#onKey(event));
    this.menu.addEventListener('toggle', ({ newState }) => this.#boxes.get(this.#asked)?.classList.toggle('on', newState === 'open'));
  }

  /** Shows the faces of a photo. @param {string} photo id @param {import('./corrections.js').Face[]} faces */
  show(photo, faces) {
    this.#faces = faces.filter(({ state }) => state !== 'ignored');
    if (photo !== this.#photo || !this.#faces.some(({ id }) => id === this.#asked)) this.#close();
    this.#photo = photo;
    const known = this.#boxes;
    this.#boxes = new Map(this.#faces.map(({ id }) => [id, known.get(id) ?? this.#box(id)]));
    for (const face of this.#faces) this.#showBox(this.#boxes.get(face.id), face);
    setChildren(this.boxes, [...this.#boxes.values()]);
  }

  /** @param {boolean} on whether the boxes are seen */
  toggle(on) {
    this.element.hidden = !on;
    if (!on) this.#close();
  }

  #box(id) {
    return h('button.face-box', { type: 'button', 'data-face': id, 'aria-haspopup': 'dialog', onclick: () => this.#ask(id).catch(tellError) }, h('span.face-name'));
  }

  #showBox(box, face) {
    const { box: sides, state, known } = face;
    const name = likely(face);
    const [left, top, right, bottom] = sides.map((at) => Math.max(0, Math.min(1, at)));
    const share = (fraction) => `${100 * fraction}%`;
    Object.assign(box.style, { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });
    const perhaps = Boolean(name) && !known;
    box.dataset.state = perhaps ? 'perhaps' : name ? state : 'unknown';
    box.firstChild.textContent = perhaps ? `${name}?` : name ?? '?';
    const sure = name && state !== 'named' ? `, ${howSure(face)} sure` : '';
    box.title = `${box.firstChild.textContent}${sure}`;
    box.setAttribute('aria-label', name ? `${perhaps ? 'Perhaps ' : ''}${name}${sure}` : 'Face without a name');
  }

  async #ask(id) {
    const face = this.#faces.find((other) => other.id === id);
    const { state } = face;
    const name = likely(face);
    this.#asked = id;
    this.who.replaceChildren(picture(id), h('div', {}, h('b', {}, name ?? 'Who is this?'), h('small', {}, state === 'named' ? 'named' : name ? `${howSure(face)} sure` : '')));
    this.confirm.hidden = !name || state === 'named';
    this.refuse.hidden = !name;
    this.confirm.lastChild.textContent = `Yes, ${name}`;
    this.refuse.lastChild.textContent = `Not ${name}`;
    this.field.input.placeholder = name ? 'Another name' : 'Name';
    this.field.clear();
    toggleMenu(this.menu, this.#boxes.get(id));
    if (!this.menu.matches(':popover-open')) return;
    const first = [this.confirm, this.refuse].find(({ hidden }) => !hidden);
    if (first) first.focus();
    else this.field.focus({ offers: false });
    this.#people = (await request('GET', 'gallery/people')).people;
  }

  #close() {
    if (this.menu.matches(':popover-open')) this.menu.hidePopover();
    this.#asked = null;
  }

  #say(what, name) {
    const face = this.#faces.find(({ id }) => id === this.#asked);
    this.#boxes.get(this.#asked)?.focus();
    this.#close();
    if (face) this.corrections[what]([face], name).catch(tellError);
  }

  #onKey(event) {
    event.stopPropagation(); // the keys of the photo below
    if (event.target === this.field.input || event.ctrlKey || event.metaKey || event.altKey) return;
    const press = (button) => !button.hidden && (() => button.click());
    const run = { x: press(this.refuse), i: press(this.ignore), n: () => this.field.focus() }[event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  }
}
