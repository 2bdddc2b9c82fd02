// One person's faces, grouped by likeness: naming one group otherwise splits the person.

import { request } from '../../common/api.js';
import { h, icon, setChildren, tellError } from '../../common/dom.js';
import { allFaces } from './corrections.js';
import { GroupCard } from './groupcard.js';

export class SplitView {
  #known = new Map(); // cards by the id of a face

  /**
   * @param {{people: () => object[], corrections: import('./corrections.js').Corrections, onBack: () => void}} options
   */
  constructor({ people, corrections, onBack }) {
    Object.assign(this, { people, corrections });
    this.title = h('h2');
    this.back = h('button.back', { type: 'button', onclick: onBack }, icon('back'), h('span'));
    this.about = h('p.split-about');
    this.cards = h('div.group-cards');
    this.element = h('section.split-view', {}, h('header.people-head', {}, this.back, this.title), h('div.people-scroll', {}, this.about, this.cards));
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      onBack();
    });
  }

  /** @param {import('./corrections.js').Person} person */
  async open(person) {
    this.cards.replaceChildren();
    this.about.textContent = 'Comparing the faces…';
    this.focus();
    await this.load(person);
  }

  focus() {
    this.back.focus();
  }

  async load(person) {
    this.person = person;
    this.title.textContent = `Split ${person.name}`;
    this.back.lastChild.textContent = person.name;
    const { groups } = await request('GET', `gallery/people/${person.id}/split`);
    if (this.person !== person) return;
    this.about.textContent = groups.length > 1
      ? `The faces named ${person.name}, those alike together. Give another name to a group that is somebody else.`
      : `All faces of ${person.name} look alike. Choose those that are somebody else among the faces, and name them.`;
    const known = this.#known;
    this.#known = new Map();
    setChildren(this.cards, groups.map((group) => {
      const key = group.faces.toSorted()[0]; // in whatever order they come
      const card = known.get(key) ?? this.#card();
      card.group = group;
      card.show(group);
      this.#known.set(key, card);
      return card.element;
    }));
  }

  #card() {
    const card = new GroupCard({
      hint: 'Somebody else? Name',
      people: () => this.people().filter(({ id }) => id !== this.person.id),
      onName: (name) => this.#split(card, name).catch(tellError),
    });
    return card;
  }

  async #split({ group, element }, name) {
    element.classList.add('leaving');
    try {
      await this.#name(group, name);
    } finally {
      element.classList.remove('leaving');
    }
  }

  async #name({ faces }, name) {
    const ids = new Set(faces);
    const all = await allFaces(`gallery/people/${this.person.id}/faces`);
    await this.corrections.name(all.filter(({ id }) => ids.has(id)), name);
  }
}
