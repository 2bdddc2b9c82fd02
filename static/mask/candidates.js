// A single click may mean a part, a thing or more: the candidates, side by side, to step through.

import { h, setChildren } from '../common/dom.js';

export class Candidates {
  /** @param {(choice: number) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.buttons = h('div.candidate-list');
    this.element = h('div.candidates', { role: 'group', 'aria-label': 'What the click may mean', title: 'What the click may mean; C shows the next', hidden: true },
      h('span', {}, 'You mean'), this.buttons);
  }

  /**
   * @param {{score: number}[]} candidates fewer than two leave no choice
   * @param {number} choice
   */
  show(candidates, choice) {
    this.count = candidates.length;
    this.choice = Math.min(choice, this.count - 1);
    this.element.hidden = this.count < 2;
    setChildren(this.buttons, candidates.map(({ score }, index) => this.#fill(this.buttons.children[index] ?? this.#button(index), index, `${Math.round(100 * score)}%`)));
  }

  #button(index) {
    return h('button', { type: 'button', onclick: () => this.onChoose(index) }, h('b', {}, `${index + 1}`), h('small'));
  }

  #fill(button, index, sure) {
    button.setAttribute('aria-pressed', index === this.choice);
    button.setAttribute('aria-label', `Candidate ${index + 1}, ${sure} sure`);
    button.lastChild.textContent = sure;
    return button;
  }

  /** Shows the next one, after the last the first. */
  next() {
    if (!this.element.hidden) this.onChoose((this.choice + 1) % this.count);
  }
}
