// Beside the faces: who is looked at, what can be done with the person, and how sure a name has to be.

import { Aside } from '../../common/aside.js';
import { h, icon, tellError } from '../../common/dom.js';
import { Slider } from '../../common/slider.js';
import { many, number } from '../said.js';
import { ask } from './ask.js';
import { NameField, picture } from './namefield.js';

const SURE = { id: 'face-sure', label: 'Sure from, %', about: 'How sure it must be who a face is, to be named', minimum: 50, maximum: 99, default: 90, step: 1, digits: 0, unit: '%' };
const KEYS = [['← → ↑ ↓', 'another face'], ['Space', 'choose'], ['Enter', 'confirm'], ['N', 'name'], ['X', 'not this person'], ['I', 'ignore'], ['O', 'open the photo'], ['Ctrl Z', 'undo'], ['Esc', 'back']];

export class PeoplePanel {
  /** @type {?import('./corrections.js').Person} */
  person = null;

  /**
   * @param {{people: () => object[], corrections: import('./corrections.js').Corrections, onSure: (sure: number) => void,
   *     onSureChosen: (sure: number) => void, onPhotos: (person) => void, onSplit: (person) => void,
   *     onMerged: (into) => void, onLeave: () => void}} options onSure: while the slider moves; onSureChosen: where it
   *     stays; onMerged: the person shown is another one from now on; onLeave: the keys are done with the panel
   */
  constructor({ people, corrections, onSure, onSureChosen, onPhotos, onSplit, onMerged, onLeave }) {
    Object.assign(this, { people, corrections, onSureChosen, onMerged, onLeave });
    const action = (sign, label, run) => h('button', { type: 'button', onclick: () => run(this.person) }, icon(sign), h('span', {}, label));

    this.title = h('h2', {}, 'People');
    this.about = h('p');
    this.everybody = h('div.panel-everybody', {}, this.title, this.about);

    this.cover = h('img', { alt: '', width: 160, height: 160 });
    this.name = h('input.person-name', { type: 'text', 'aria-label': 'Name of this person', autocomplete: 'off', spellcheck: 'false', maxlength: 200 });
    this.counts = h('p.person-counts');
    this.mergeField = new NameField({ label: 'Is the same as', people: () => people().filter(({ id }) => id !== this.person.id), onName: (name) => this.#mergeByName(name).catch(tellError) });
    this.mergeField.element.hidden = true;
    this.merge = action('people', 'Merge', () => this.#toggleMerge());
    this.somebody = h('div.panel-person', {},
      h('div.person-card', {}, this.cover, h('div', {}, this.name, this.counts)),
      h('div.person-actions', {}, action('grid', 'Show photos', onPhotos), this.merge, action('split', 'Split', onSplit),
        action('trash', 'Delete', (person) => this.#delete(person).catch(tellError))),
      this.mergeField.element);
    this.somebody.querySelector('button').classList.add('primary');

    this.slider = new Slider(SURE, { onStart() {}, onInput: (value) => { this.slider.show(value); onSure(value / 100); this.#later(); } });
    this.sureNote = h('p.panel-note', {}, 'Nobody who is less sure than this is named. Fainter likenesses wait as “perhaps” until you confirm them.');
    this.engine = new Aside('What tells faces apart');
    this.keys = h('section.people-keys.wide-only', {}, h('h3', {}, 'Keyboard shortcuts'), KEYS.map(([key, what]) => h('div.shortcut', {}, h('kbd', {}, key), h('span', {}, what))));
    this.element = h('div.people-about', {}, this.everybody, this.somebody,
      h('section.people-sure', {}, h('h3', {}, 'How sure'), this.slider.element, this.sureNote), this.keys, h('div.panel-note.people-engine', {}, 'Faces are told apart on this machine.', this.engine.elements));
    this.#watchName();
  }

  /**
   * @param {object} overview what the server says of everybody
   * @param {?import('./corrections.js').Person} person who is looked at
   */
  show(overview, person) {
    if (person?.id !== this.person?.id) this.#toggleMerge(false);
    this.person = person;
    this.everybody.hidden = Boolean(person);
    this.somebody.hidden = !person;
    this.engine.show(overview.engine.label);
    const { people, groups, alone } = overview;
    const named = people.reduce((sum, { named: own, found }) => sum + own + found, 0);
    const nameless = groups.reduce((sum, { count }) => sum + count, 0) + alone;
    this.about.textContent = !named && !nameless ? 'Name about ten faces of each.' : [many(named, 'face') + (named === 1 ? ' has a name' : ' have a name'), nameless ? `${number(nameless)} without` : ''].filter(Boolean).join(', ');
    if (!person) return;
    const shown = picture(person.cover).src;
    if (this.cover.src !== shown) this.cover.src = shown;
    if (document.activeElement !== this.name) this.name.value = person.name;
    this.counts.textContent = [`${person.named} named`, `${person.found} found`, ...(person.unsure ? [`${person.unsure} perhaps`] : [])].join(' · ');
  }

  /** @param {number} sure from which confidence on a face is named, 0 to 1 */
  showSure(sure) {
    if (this.timer === undefined) this.slider.show(Math.round(sure * 100));
  }

  /** A moving slider makes one request, once it rests. */
  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.onSureChosen(this.slider.value / 100);
    }, 400);
  }

  #watchName() {
    this.name.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault(); // it would press what has the keys next
      if (event.key === 'Escape') this.name.value = this.person.name;
      this.onLeave();
    });
    this.name.addEventListener('blur', () => this.#rename().catch(tellError));
  }

  async #rename() {
    const { person } = this;
    const name = this.name.value.trim().replace(/\s+/g, ' ');
    this.name.value = person?.name ?? '';
    if (!person || !name || name === person.name) return;
    this.name.value = name;
    const other = await this.corrections.rename(person, name);
    if (other === null) return;
    this.name.value = person.name;
    await this.#mergeInto(person, this.people().find(({ id }) => id === other) ?? { id: other, name });
  }

  #toggleMerge(open = this.mergeField.element.hidden) {
    this.mergeField.element.hidden = !open;
    this.merge.setAttribute('aria-expanded', `${open}`);
    if (open) this.mergeField.focus();
    else this.mergeField.clear();
  }

  async #mergeByName(name) {
    const { person } = this;
    const into = this.people().find((other) => other.name === name);
    this.#toggleMerge(false);
    if (into) await this.#mergeInto(person, into);
    else await this.corrections.rename(person, name);
  }

  async #mergeInto(person, into) {
    const yes = await ask(`Are ${person.name} and ${into.name} the same person?`, `All faces of ${person.name} become ${into.name}’s.`, `Merge into ${into.name}`);
    if (!yes) return;
    this.onMerged(into);
    await this.corrections.merge(person, into);
  }

  async #delete(person) {
    const yes = await ask(`Delete ${person.name}?`, 'The photos stay; the faces have no name any more and are grouped anew.', `Delete ${person.name}`);
    if (yes) await this.corrections.delete(person);
  }
}
