// The adjustments of one layer: groups of sliders, drawn from the schema.

import { h } from '../common/dom.js';
import { Slider } from '../common/slider.js';

/** All groups of the schema, after those of another kind. On a narrow page one shows at a time, chosen by its tab. */
export class Adjustments {
  /**
   * @param {object[]} schema the adjustments
   * @param {{name: string, element: HTMLElement}[]} others groups that are no part of the schema
   * @param {{onStart: () => void, onInput: (values: object) => void, onReset: (names: string[]) => void}} events
   */
  constructor(schema, others, { onStart, onInput, onReset }) {
    this.sliders = new Map();
    this.tabs = h('div.group-tabs', { role: 'tablist' });
    this.element = h('div.adjustments', {}, this.tabs, others.map(({ element }) => element));
    this.groups = new Map();
    for (const name of new Set(schema.map((each) => each.group))) {
      const members = schema.filter((each) => each.group === name);
      const sliders = members.map((each) => {
        const slider = new Slider(each, { onStart, onInput: (value) => onInput({ [each.id]: value }) });
        this.sliders.set(each.id, slider);
        return slider;
      });
      const reset = h('button.link', { type: 'button', onclick: (event) => { event.preventDefault(); onReset(members.map((each) => each.id)); } }, 'reset');
      const group = h('details.group', { open: true, 'data-group': name },
        h('summary', {}, h('h3', {}, name), reset), sliders.map((slider) => slider.element));
      this.groups.set(name, { group, reset, members, tab: this.#tab(name) });
      this.element.append(group);
    }
    this.choose(this.groups.keys().next().value);
    for (const { name, element } of others) this.groups.set(name, { group: element, reset: null, members: [], tab: this.#tab(name) });
  }

  #tab(name) {
    const tab = h('button.group-tab', { type: 'button', role: 'tab', onclick: () => this.choose(name) }, name);
    this.tabs.append(tab);
    return tab;
  }

  choose(name) {
    for (const [other, { group, tab }] of this.groups) {
      group.classList.toggle('chosen', other === name);
      tab.setAttribute('aria-selected', other === name);
    }
  }

  /** @param {object} values of the layer that is chosen; those left out are at their default */
  show(values) {
    for (const [id, slider] of this.sliders) slider.show(values[id] ?? slider.adjustment.default);
    for (const { reset, tab, members } of this.groups.values()) {
      const changed = members.some(({ id }) => id in values);
      if (reset) reset.hidden = !changed;
      tab.classList.toggle('changed', changed);
    }
  }
}
