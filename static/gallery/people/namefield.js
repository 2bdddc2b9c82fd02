// A field for a person's name, that offers the names that are known.

import { address } from '../../common/api.js';
import { h, iconButton } from '../../common/dom.js';

const OFFERED = 8;
const MARKS = /\p{M}/gu;

let made = 0;

/** A face's picture. @param {string} id */
export function picture(id) {
  return h('img', { src: address(`gallery/faces/${id}/crop`), alt: '', width: 160, height: 160, loading: 'lazy', decoding: 'async', draggable: 'false' });
}

export class NameField {
  #offered = [];
  #at = -1; // place of the one that is marked among those offered

  /**
   * @param {{label: string, hint?: string, people: () => import('./corrections.js').Person[],
   *     onName: (name: string) => void}} options hint: shown while it is empty; onName: somebody was typed or chosen
   */
  constructor({ label, hint = label, people, onName }) {
    Object.assign(this, { people, onName });
    made += 1;
    this.list = h('ul.name-list', { id: `name-list-${made}`, role: 'listbox', 'aria-label': 'Known people', popover: 'manual' });
    this.input = h('input', {
      type: 'text',
      role: 'combobox',
      placeholder: hint,
      'aria-label': label,
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': this.list.id,
      autocomplete: 'off',
      autocapitalize: 'words',
      spellcheck: 'false',
      enterkeyhint: 'done',
      maxlength: 200,
    });
    this.take = iconButton('check', 'Use this name', () => this.#finish());
    this.element = h('div.name-field', {}, this.input, this.take, this.list);
    this.take.hidden = true;
    this.input.addEventListener('click', () => this.#offer());
    this.input.addEventListener('input', () => this.#offer());
    this.input.addEventListener('blur', () => this.#close());
    this.input.addEventListener('keydown', (event) => this.#onKey(event));
    this.list.addEventListener('pointerdown', (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener('toggle', ({ newState }) => this.#follow(newState === 'open'));
  }

  get typed() {
    return this.input.value.trim().replace(/\s+/g, ' ');
  }

  clear() {
    this.input.value = '';
    this.take.hidden = true;
    this.#close();
  }

  /** Takes the keys. @param {{offers?: boolean}} [options] whether it offers names before anything is typed */
  focus({ offers = true } = {}) {
    this.input.focus();
    this.input.select();
    if (offers) this.#offer();
  }

  #offer() {
    this.take.hidden = !this.typed;
    const wanted = plain(this.typed);
    const starts = ({ name }) => plain(name).split(/\s+/).some((word, index, words) => words.slice(index).join(' ').startsWith(wanted));
    this.#offered = this.people().filter(starts).slice(0, OFFERED);
    if (!this.#offered.length || document.activeElement !== this.input) {
      this.#close();
      return;
    }
    this.list.replaceChildren(...this.#offered.map(({ name, cover }, index) => h('li', {
      id: `${this.list.id}-${index}`,
      role: 'option',
      onclick: () => this.#finish(name),
    }, picture(cover), h('span', {}, name))));
    this.list.showPopover();
    this.input.setAttribute('aria-expanded', 'true');
    this.#mark(-1);
    this.#place();
  }

  /** Keeps the list at the field, wherever that is scrolled to, or pushed by a phone's keyboard. */
  #follow(on) {
    const watch = on ? 'addEventListener' : 'removeEventListener';
    document[watch]('scroll', this.#moved, { capture: true });
    globalThis[watch]('resize', this.#moved);
  }

  #moved = ({ target }) => { if (target !== this.list) this.#place(); };

  #place() {
    const box = this.input.getBoundingClientRect();
    const { style } = this.list;
    style.left = `${box.left}px`;
    style.width = `${box.width}px`;
    const below = innerHeight - box.bottom - 12;
    const above = box.top - 12;
    const up = this.list.scrollHeight > below && above > below;
    style.maxHeight = `${up ? above : below}px`;
    style.top = up ? `${Math.max(8, box.top - 4 - this.list.offsetHeight)}px` : `${box.bottom + 4}px`;
  }

  #close() {
    if (this.list.matches(':popover-open')) this.list.hidePopover();
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
    this.#at = -1;
  }

  #mark(at) {
    this.#at = at;
    for (const [index, row] of [...this.list.children].entries()) row.setAttribute('aria-selected', `${index === at}`);
    if (at < 0) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', this.list.children[at].id);
    this.list.children[at]?.scrollIntoView({ block: 'nearest' });
  }

  #onKey(event) {
    const open = this.list.matches(':popover-open');
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && open) {
      const count = this.#offered.length + 1; // one place stands for what was typed
      this.#mark(((this.#at + 1 + step + count) % count) - 1);
    } else if (step > 0) {
      this.#offer();
    } else if (event.key === 'Enter') {
      this.#finish(this.#offered[this.#at]?.name);
    } else if (event.key === 'Escape' && open) {
      this.#close();
    } else {
      if (event.key !== 'Escape') event.stopPropagation(); // letters are typed, not shortcuts
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Whoever types a known name in other letters means that person. */
  #finish(chosen = null) {
    const { typed } = this;
    const name = chosen ?? this.people().find((person) => plain(person.name) === plain(typed))?.name ?? typed;
    if (!name) return;
    this.clear();
    this.onName(name);
  }
}

/** A name as it is compared: without case and accents. */
function plain(name) {
  return name.normalize('NFD').replace(MARKS, '').toLowerCase();
}
