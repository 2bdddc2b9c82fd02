// A single click may mean a part, a thing or more: the candidates, the smallest first, to be looked at and chosen.

import { h, setChildren } from '../common/dom.js';
import { roving } from '../common/roving.js';

const NAMES = { 2: ['Less', 'More'], 3: ['Part', 'Thing', 'More'] };

export class Candidates {
  /** The places of the candidates in the answer, by size. */
  #order = [];

  /**
   * @param {{onChoose: (choice: number) => void, onPreview?: (choice: ?number) => void}} events onPreview: pointed at, or
   *     gone to by the arrow keys
   * @param {string} key that shows the next one, '' for none
   */
  constructor({ onChoose, onPreview = () => {} }, key = '') {
    Object.assign(this, { onChoose, onPreview });
    this.buttons = h('div.candidate-list', { onpointerleave: () => onPreview(null) });
    this.element = h('div.candidates', { role: 'group', 'aria-label': 'What the click may mean', title: `What the click may mean, the smallest first${key && `; ${key} shows the next`}`, hidden: true },
      h('span', {}, 'You mean'), this.buttons);
    roving(this.buttons, 'button');
  }

  /**
   * @param {{score: number, share: number}[]} candidates fewer than two leave no choice
   * @param {number} choice
   */
  show(candidates, choice) {
    this.#order = candidates.map((_, index) => index).sort((one, other) => candidates[one].share - candidates[other].share);
    this.choice = Math.min(choice, candidates.length - 1);
    this.element.hidden = candidates.length < 2;
    setChildren(this.buttons, this.#order.map((index, place) => this.#fill(this.buttons.children[place] ?? this.#button(place), index, candidates[index], this.#name(place))));
  }

  #name(place) {
    return NAMES[this.#order.length]?.[place] ?? `${place + 1}`;
  }

  #button(place) {
    return h('button', {
      type: 'button',
      onclick: () => this.onChoose(this.#order[place]),
      onpointerenter: ({ pointerType }) => { if (pointerType === 'mouse') this.onPreview(this.#order[place]); },
      onfocus: ({ target }) => { if (target.matches(':focus-visible')) this.onPreview(this.#order[place]); },
      onblur: () => this.onPreview(null),
    }, h('b'), h('small'));
  }

  #fill(button, index, { score }, name) {
    const sure = `${Math.round(100 * score)}%`;
    button.setAttribute('aria-pressed', index === this.choice);
    button.setAttribute('aria-label', `${name}, ${sure} sure`);
    button.firstChild.textContent = name;
    button.lastChild.textContent = sure;
    return button;
  }

  /** Chooses the next larger one, after the largest the smallest. */
  next() {
    if (this.element.hidden) return;
    this.onChoose(this.#order[(this.#order.indexOf(this.choice) + 1) % this.#order.length]);
  }
}
