// A few choices side by side, of which one is taken.

import { h } from './dom.js';

export class Segmented {
  /**
   * @param {string} label what is chosen, for screen readers
   * @param {Object<string, string>} choices by id, what they are called
   * @param {(id: string) => void} onChoose
   */
  constructor(label, choices, onChoose) {
    this.onChoose = onChoose;
    this.buttons = Object.entries(choices).map(([id, text]) =>
      h('button', { type: 'button', role: 'radio', 'data-choice': id, onclick: () => onChoose(id) }, text));
    this.element = h('div.segmented', { role: 'radiogroup', 'aria-label': label }, this.buttons);
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  show(chosen) {
    this.chosen = chosen;
    for (const button of this.buttons) {
      const on = button.dataset.choice === chosen;
      button.setAttribute('aria-checked', on);
      button.tabIndex = on ? 0 : -1;
    }
  }

  #onKey(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const seen = this.buttons.filter((button) => button.checkVisibility());
    const next = seen[(seen.findIndex(({ dataset }) => dataset.choice === this.chosen) + step + seen.length) % seen.length];
    this.onChoose(next.dataset.choice);
    next.focus();
  }
}
