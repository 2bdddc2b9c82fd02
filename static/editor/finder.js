// A field that finds a slider by its name, or by a word of what it does, in whatever tool it is.

import { h, icon } from '../common/dom.js';

const MOST = 8; // results shown

export class Finder {
  /**
   * @param {import('../common/slider.js').Adjustment[]} findable
   * @param {(found: object) => void} onFind one of them
   */
  constructor(findable, onFind) {
    Object.assign(this, { findable, onFind });
    this.field = h('input.finder-field', {
      type: 'search', role: 'combobox', placeholder: 'Find a slider', 'aria-label': 'Find a slider', 'aria-expanded': 'false',
      'aria-controls': 'found-sliders', 'aria-autocomplete': 'list', autocomplete: 'off', spellcheck: false,
    });
    this.list = h('ul.found', { id: 'found-sliders', role: 'listbox', 'aria-label': 'Sliders found', hidden: true });
    this.none = h('p.found.none', { role: 'status', hidden: true }, 'No slider is called so.');
    this.element = h('div.finder', {}, icon('search'), this.field, h('kbd', { 'aria-hidden': 'true' }, '/'), this.list, this.none);
    this.field.addEventListener('input', () => this.#find());
    this.field.addEventListener('focus', () => this.#find());
    this.field.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('focusout', ({ relatedTarget }) => { if (!this.element.contains(relatedTarget)) this.#close(); });
    this.list.addEventListener('pointerdown', (event) => event.preventDefault()); // the field keeps the focus until the click
  }

  /** Opens it, to be typed into. */
  open() {
    this.element.classList.add('open');
    this.field.focus();
    this.field.select();
  }

  #close() {
    this.element.classList.remove('open');
    this.field.value = '';
    this.#show([]);
  }

  #find() {
    const typed = this.field.value.trim().toLowerCase();
    const found = typed ? search(this.findable, typed).slice(0, MOST) : [];
    this.#show(found);
    this.none.hidden = !typed || found.length > 0;
  }

  #show(found) {
    this.found = found;
    this.none.hidden = true;
    this.list.replaceChildren(...found.map(({ id, label, group, section, about }, index) => h('li', {
      role: 'option', id: `found-${id}`, 'data-finds': id, onclick: () => this.#take(index),
    }, h('b', {}, label), h('small', {}, group === section ? group : `${group} · ${section}`), h('span', {}, about))));
    this.list.hidden = !found.length;
    this.field.setAttribute('aria-expanded', Boolean(found.length));
    this.#mark(0);
  }

  #mark(index) {
    this.at = index;
    for (const [number, row] of [...this.list.children].entries()) row.setAttribute('aria-selected', number === index);
    if (this.found.length) this.field.setAttribute('aria-activedescendant', this.list.children[index].id);
    else this.field.removeAttribute('aria-activedescendant');
    this.list.children[index]?.scrollIntoView({ block: 'nearest' });
  }

  #take(index) {
    const found = this.found[index];
    this.#close();
    this.onFind(found);
  }

  #onKey(event) {
    const { key } = event;
    const count = this.found.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && count) this.#mark((this.at + step + count) % count);
    else if (key === 'Enter' && count) this.#take(this.at);
    else if (key === 'Escape') this.field.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Those that what was typed may mean, the likeliest first. */
function search(findable, typed) {
  const rank = ({ label, section, group, about }) => {
    const name = label.toLowerCase();
    if (name.startsWith(typed)) return 0;
    if (name.split(' ').some((word) => word.startsWith(typed))) return 1;
    if ([section, group].some((each) => each.toLowerCase().startsWith(typed))) return 2;
    const words = typed.split(/\s+/);
    const all = `${name} ${section} ${group} ${about}`.toLowerCase();
    return words.every((word) => all.includes(word)) ? 3 : null;
  };
  return findable.map((each) => [rank(each), each]).filter(([found]) => found !== null)
    .sort(([one], [other]) => one - other).map(([, each]) => each);
}
