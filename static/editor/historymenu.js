// The steps of the edit: a list that opens from the bar. A click goes to one, and the last row back to the original.

import { h, iconButton, tellError } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { isOriginal } from './document.js';
import { stepName } from './steps.js';

export class HistoryMenu {
  /**
   * @param {object} schema see envo/adjustments.py
   * @param {object[]} presets see envo/presets.py
   * @param {import('./snapshots.js').Snapshots} snapshots
   * @param {{nameOf: (layer: string) => string, own: () => object[], onGo: (index: number) => void, onRevert: () => void}} options
   *     own: the visitor's presets; onGo: to one of the history's states
   */
  constructor(schema, presets, snapshots, { nameOf, own, onGo, onRevert }) {
    Object.assign(this, { schema, presets, snapshots, nameOf, own, onGo });
    this.list = h('ol.step-list', { 'aria-label': 'Steps, the latest first' });
    this.revert = h('button.link.revert', { type: 'button', onclick: onRevert }, 'Revert to original');
    this.element = menu('history', 'History', this.list, this.revert, snapshots.element);
    this.button = iconButton('wait', 'History', () => this.open(this.button), { 'aria-haspopup': 'dialog' });
    this.element.addEventListener('toggle', ({ newState }) => this.button.setAttribute('aria-expanded', newState === 'open'));
  }

  /** @param {import('../common/history.js').History} history of the photo that is open */
  show(history) {
    this.history = history;
    this.revert.disabled = isOriginal(history.present);
    this.snapshots.show();
    if (this.element.matches(':popover-open')) this.#fill();
  }

  /** Opens below an element, or closes. @param {HTMLElement} by */
  open(by) {
    this.#fill();
    this.snapshots.load().catch(tellError);
    toggleMenu(this.element, by);
    this.list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }

  #fill() {
    const { states, index } = this.history;
    const had = this.list.contains(document.activeElement);
    const rows = states.map((state, at) => h('li', {}, h('button', {
      type: 'button', 'aria-current': at === index ? 'step' : null, onclick: () => this.onGo(at),
    }, at ? stepName(states[at - 1], state, this.nameOf, this.schema, this.presets, this.own()) : isOriginal(state) ? 'Original' : 'As it was opened')));
    for (const row of rows.slice(index + 1)) row.classList.add('undone');
    this.list.replaceChildren(...rows.reverse());
    if (had) this.list.querySelector('[aria-current]').focus();
  }
}
