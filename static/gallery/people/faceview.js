// The faces of one person, of one group, those alone, or those ignored: to be looked through and put right.

import { h, icon, tellError } from '../../common/dom.js';
import { Segmented } from '../../common/segmented.js';
import { percent } from '../said.js';
import { likely } from './corrections.js';
import { FaceBar } from './facebar.js';
import { FaceGrid } from './facegrid.js';

const ORDERS = { sure: 'Surest first', unsure: 'Least sure first' };
const TITLES = { group: 'Who is this?', alone: 'Faces like no other', ignored: 'Ignored faces' };

/**
 * @typedef {{kind: 'person' | 'group' | 'alone' | 'ignored', id?: string}} Subject whose faces; id of the person, or key of
 *     the group
 */

/** @param {Subject} subject */
export function pathOf({ kind, id }) {
  if (kind === 'person') return `gallery/people/${id}/faces`;
  return kind === 'group' ? `gallery/groups/${id}/faces` : `gallery/loose?kind=${kind}`;
}

export class FaceView {
  /** @type {?Subject} */
  subject = null;
  /** From which confidence on a face is named. */
  sure = 1;
  #order = 'sure';
  #name = '';
  #opening = false; // its faces are not there yet

  /**
   * @param {{people: () => object[], corrections: import('./corrections.js').Corrections, onOpen: (photo: string) => void,
   *     onBack: () => void}} options
   */
  constructor({ people, corrections, onOpen, onBack }) {
    Object.assign(this, { people, corrections, onOpen, onBack });
    const onChosen = (run) => (faces = this.grid.meant) => { if (faces.length) run(faces).catch(tellError); };
    this.confirm = onChosen((faces) => this.#say('confirm', faces.filter((face) => likely(face) && face.state !== 'named')));
    this.refuse = onChosen((faces) => this.#say('refuse', faces.filter(likely)));
    this.ignore = onChosen((faces) => this.#say('ignore', faces.filter(({ state }) => state !== 'ignored')));
    this.forget = onChosen((faces) => this.#say('forget', faces));
    const open = (photo = this.grid.meant[0]?.photo) => { if (photo) this.onOpen(photo); };

    this.back = h('button.back', { type: 'button', onclick: () => onBack() }, icon('back'), 'People');
    this.title = h('h2');
    this.order = new Segmented('Order', ORDERS, (id) => { this.#order = id; this.order.show(id); this.grid.open(pathOf(this.subject), id).catch(tellError); });
    this.order.show(this.#order);
    this.grid = new FaceGrid({
      sections: () => this.#sections(),
      sectionOf: (face) => this.#sectionOf(face),
      onChoose: () => this.bar.show(this.grid.chosen),
      onOpen: open,
      confirm: this.confirm,
      refuse: this.refuse,
    });
    this.none = h('p.people-none', { hidden: true }, 'There are no faces here.');
    this.bar = new FaceBar({
      people,
      confirm: () => this.confirm(),
      refuse: () => this.refuse(),
      ignore: () => this.ignore(),
      forget: () => this.forget(),
      name: (name) => this.#nameThem(name).catch(tellError),
      open: () => open(),
      none: () => this.#chooseNone(),
    });
    this.scroll = h('div.people-scroll', {}, this.none, this.grid.element);
    this.element = h('section.face-view', {}, h('header.people-head', {}, this.back, this.title, h('span.space'), this.order.element), this.scroll, this.bar.element);
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Shows other faces. @param {Subject} subject @param {string} name of the person */
  async open(subject, name = '') {
    this.subject = subject;
    this.showName(name);
    this.element.dataset.kind = subject.kind;
    this.order.element.hidden = subject.kind !== 'person';
    this.none.hidden = true;
    this.grid.names = subject.kind !== 'person';
    this.scroll.scrollTop = 0;
    this.#opening = true;
    this.back.focus(); // until there are faces
    await this.#load(this.grid.open(pathOf(subject), subject.kind === 'person' ? this.#order : ''));
  }

  /** Asks anew for what is shown. */
  reload() {
    return this.#load(this.grid.reload());
  }

  async #load(loading) {
    await loading;
    this.none.hidden = this.grid.count > 0;
    if (!this.#opening || !this.grid.count) return;
    this.#opening = false;
    if (document.activeElement === this.back) this.focus();
  }

  showName(name) {
    this.#name = name;
    this.title.textContent = TITLES[this.subject.kind] ?? name;
  }

  /** @param {number} sure from which confidence on a face is named */
  showSure(sure) {
    this.sure = sure;
    this.grid.show();
  }

  focus() {
    this.grid.focus();
    if (!this.element.contains(document.activeElement)) this.back.focus();
  }

  #sections() {
    if (this.subject?.kind !== 'person') return [{ id: 'all', title: this.grid.count > 1 ? `${this.grid.count} faces` : 'One face' }];
    const sections = [
      { id: 'named', title: 'Named', about: 'by you, or in the photo’s file' },
      { id: 'found', title: 'Found', about: `named by the app, at least ${percent(this.sure)} sure` },
      { id: 'perhaps', title: `Perhaps ${this.#name}`, about: `below ${percent(this.sure)}: not named until you confirm` },
    ];
    return this.#order === 'sure' ? sections : sections.reverse();
  }

  #sectionOf({ state, confidence }) {
    if (this.subject.kind !== 'person') return 'all';
    if (state === 'named') return 'named';
    return confidence >= this.sure ? 'found' : 'perhaps';
  }

  async #say(what, faces) {
    if (!faces.length) return;
    await this.#leave(faces, this.corrections[what](faces));
  }

  async #nameThem(name) {
    const faces = this.grid.chosen;
    await this.#leave(faces, this.corrections.name(faces, name));
  }

  /** Goes on to the next faces while these are dealt with. */
  async #leave(faces, saying) {
    this.grid.chooseNone();
    this.grid.step(faces);
    this.grid.fade(faces);
    try {
      await saying;
    } catch (error) {
      this.grid.show();
      throw error;
    }
  }

  #chooseNone() {
    this.grid.chooseNone();
    this.grid.focus();
  }

  #nameByKey() {
    const { meant } = this.grid;
    if (!this.grid.chosen.length) this.grid.choose(meant);
    this.bar.field.focus();
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) {
      if (event.key === 'Escape') this.#escape(event);
      return;
    }
    const onFace = Boolean(event.target.closest('[data-face]'));
    const run = {
      Enter: onFace && (() => (this.subject.kind === 'person' ? this.confirm() : this.#nameByKey())),
      n: () => this.#nameByKey(),
      x: () => this.refuse(),
      i: () => (this.subject.kind === 'ignored' ? this.forget() : this.ignore()),
      o: () => { const [face] = this.grid.meant; if (face) this.onOpen(face.photo); },
      Escape: () => this.#escape(event),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  /** Out of the field, then off what is chosen, then back to all people. */
  #escape(event) {
    event.preventDefault();
    event.stopPropagation();
    if (event.target === this.bar.field.input && this.bar.field.typed) this.bar.field.clear();
    else if (this.grid.chosen.length) this.#chooseNone();
    else this.onBack();
  }
}
