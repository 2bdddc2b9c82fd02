// A single click may mean a part, a thing or more: the candidates, side by side, to step through.

import { h } from '../common/dom.js';

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
    this.buttons.replaceChildren(...candidates.map(({ score }, index) => h('button', {
      type: 'button',
      'aria-pressed': `${index === this.choice}`,
      'aria-label': `Candidate ${index + 1}, ${Math.round(100 * score)} % sure`,
      onclick: () => this.onChoose(index),
    }, h('b', {}, `${index + 1}`), h('small', {}, `${Math.round(100 * score)}%`))));
  }

  /** Shows the next one, after the last the first. */
  next() {
    if (!this.element.hidden) this.onChoose((this.choice + 1) % this.count);
  }
}
