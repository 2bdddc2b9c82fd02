// A heading within a tool, with what belongs to it: it folds, and stays as it was left. On a phone one of a tool is open
// at a time.

import { h, icon } from '../common/dom.js';
import { isNarrow } from '../common/narrow.js';
import { storage } from '../common/storage.js';

const key = () => (isNarrow() ? 'envo:sections-narrow' : 'envo:sections');

/** Which sections are open, by "tool/section"; those that nobody touched are not in it. @returns {Object<string, boolean>} */
const leftOpen = () => JSON.parse(storage.get(key()) ?? '{}');

export class Section {
  /**
   * @param {string} tool @param {string} name
   * @param {(HTMLElement | string)[]} content
   * @param {{onFold: (section: Section) => void, onReset: () => void}} events
   */
  constructor(tool, name, content, { onFold, onReset }) {
    Object.assign(this, { tool, name });
    const id = `section-${tool}-${name}`.toLowerCase().replaceAll(' ', '-');
    this.fold = h('button.section-fold', { type: 'button', 'aria-controls': id, onclick: () => { this.keep(!this.isOpen); onFold(this); } }, icon('chevron'), name);
    this.reset = h('button.link', { type: 'button', 'aria-label': `Reset ${name}`, onclick: onReset }, 'reset');
    this.body = h('div.section-body', { id }, content);
    this.element = h('section.section', { 'data-section': name }, h('div.section-head', {}, h('h3', {}, this.fold), this.reset), this.body);
    this.mark(false);
  }

  get isOpen() {
    return !this.body.hidden;
  }

  /** Opens or folds it, and remembers that. */
  keep(isOpen) {
    storage.set(key(), JSON.stringify({ ...leftOpen(), [`${this.tool}/${this.name}`]: isOpen }));
    this.#show(isOpen);
  }

  /** As it was left; else open or not. @param {boolean} isOpen */
  restore(isOpen) {
    this.#show(leftOpen()[`${this.tool}/${this.name}`] ?? isOpen);
  }

  /** Shows whether anything of it is off its default. */
  mark(isUsed) {
    this.reset.hidden = !isUsed;
    this.element.classList.toggle('used', isUsed);
  }

  #show(isOpen) {
    this.body.hidden = !isOpen;
    this.fold.setAttribute('aria-expanded', isOpen);
  }
}
