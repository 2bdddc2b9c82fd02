// Everybody: people who have a name, groups of faces that have none, and the way to the faces that remain.

import { h, icon, setChildren, tellError } from '../../common/dom.js';
import { roving } from '../../common/roving.js';
import { many, number } from '../said.js';
import { allFaces } from './corrections.js';
import { pathOf } from './faceview.js';
import { GroupCard } from './groupcard.js';
import { picture } from './namefield.js';

const PAGE = 24; // groups shown at first, and more on demand

export class Overview {
  #people = new Map(); // elements by id
  #groups = new Map(); // cards by key
  #seen = PAGE;
  #overview = null;

  /**
   * @param {{corrections: import('./corrections.js').Corrections, onOpen: (subject, name?: string) => void}} options
   *     onOpen: faces are to be looked through
   */
  constructor({ corrections, onOpen }) {
    Object.assign(this, { corrections, onOpen });
    const section = (title, about, ...children) => h('section.people-part', { 'aria-label': title }, h('header.face-part-head', {}, h('h3', {}, title), h('small', {}, about)), ...children);
    this.faces = h('div.people-faces', { role: 'list' });
    this.people = section('People', '', this.faces);
    this.cards = h('div.group-cards');
    this.more = h('button.button', { type: 'button', onclick: () => { this.#seen += PAGE; this.show(this.#overview); } }, 'Show more');
    this.groups = section('Who is this?', 'faces that are alike: name them all at once', this.cards, this.more);
    this.loose = h('div.people-loose');
    this.none = h('div.people-none');
    this.element = h('section.people-scroll.overview', { tabindex: -1 }, this.none, this.people, this.groups, this.loose);
    roving(this.faces, '.person-open');
  }

  /** @param {object} overview what the server says of everybody */
  show(overview) {
    this.#overview = overview;
    const { people, groups, alone, ignored } = overview;
    this.#showPeople(people);
    this.#showGroups(groups);
    setChildren(this.loose, this.#looseRows(alone, ignored));
    const empty = !people.length && !groups.length && !alone && !ignored;
    this.none.hidden = !empty;
    this.none.replaceChildren(...(empty ? [icon('people'), h('b', {}, 'No faces yet'),
      h('p', {}, 'Faces are found in your photos as they arrive. Name about ten of a person; the rest are named by the app, on this machine.')] : []));
  }

  /** Puts the keys on the first person or field, unless they are here already. */
  focus() {
    if (this.element.contains(document.activeElement)) return;
    const first = this.element.querySelector('.person-open') ?? this.element;
    first.focus({ preventScroll: true });
  }

  #showPeople(people) {
    this.people.hidden = people.length === 0;
    const known = this.#people;
    this.#people = new Map(people.map((person) => [person.id, known.get(person.id) ?? this.#person(person.id)]));
    setChildren(this.faces, people.map(({ id, name, cover, named, found, unsure }) => {
      const element = this.#people.get(id);
      const [button] = element.children;
      const [image, label, count, perhaps] = button.children;
      const shown = picture(cover).src;
      if (image.src !== shown) image.src = shown;
      label.textContent = name;
      count.textContent = number(named + found);
      perhaps.textContent = unsure ? `${number(unsure)} perhaps` : '';
      button.setAttribute('aria-label', [name, many(named + found, 'face'), perhaps.textContent].filter(Boolean).join(', '));
      return element;
    }));
  }

  #person(id) {
    const open = () => this.onOpen({ kind: 'person', id });
    return h('div.person', { role: 'listitem', 'data-person': id },
      h('button.person-open', { type: 'button', onclick: open }, h('img', { alt: '', width: 160, height: 160, draggable: 'false' }), h('b'), h('small'), h('small.perhaps')));
  }

  #showGroups(groups) {
    this.groups.hidden = groups.length === 0;
    this.more.hidden = groups.length <= this.#seen;
    const known = this.#groups;
    this.#groups = new Map();
    setChildren(this.cards, groups.slice(0, this.#seen).map((group) => {
      const card = known.get(group.key) ?? this.#card(group.key);
      card.show(group);
      this.#groups.set(group.key, card);
      return card.element;
    }));
  }

  #card(id) {
    const subject = { kind: 'group', id };
    const facesOf = () => allFaces(pathOf(subject));
    const card = new GroupCard({
      hint: 'Who is this?',
      people: () => this.#overview.people,
      onName: (name) => this.#name(card, facesOf(), name).catch(tellError),
      onLook: () => this.onOpen(subject),
      onIgnore: () => facesOf().then((faces) => this.corrections.ignore(faces)).catch(tellError),
    });
    return card;
  }

  /** Names a group; the keys go on to the next one, unless they bring up a keyboard that covers it. */
  async #name(card, faces, name) {
    const at = [...this.cards.children].indexOf(card.element);
    const goesOn = matchMedia('(hover: hover)').matches && card.element.contains(document.activeElement);
    card.element.classList.add('leaving');
    try {
      await this.corrections.name(await faces, name);
      if (goesOn && !(document.activeElement instanceof HTMLInputElement)) this.cards.children[at]?.querySelector('input').focus();
    } finally {
      card.element.classList.remove('leaving');
    }
  }

  #looseRows(alone, ignored) {
    const row = (kind, sign, label, about) => {
      let button = this.loose.querySelector(`[data-kind=${kind}]`);
      button ??= h('button.loose-row', { type: 'button', 'data-kind': kind, onclick: () => this.onOpen({ kind }) }, icon(sign), h('b'), h('small', {}, about), icon('chevron'));
      button.children[1].textContent = label;
      return button;
    };
    return [
      ...(alone ? [row('alone', 'people', `${many(alone, 'face')} alone`, 'like no other')] : []),
      ...(ignored ? [row('ignored', 'hidden', `${many(ignored, 'face')} ignored`, 'by you')] : []),
    ];
  }
}
