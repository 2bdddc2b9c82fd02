// The tools for the chosen layer, one open at a time on a rail: a group of sliders each, drawn from the schema, and
// those that are no part of it.

import { h } from '../common/dom.js';
import { Rail } from '../common/rail.js';
import { scrolls } from '../common/scrolls.js';
import { Slider } from '../common/slider.js';

/** What the rail shows for a group of the schema; one that is not here has plain sliders. */
const PICTURES = { Light: 'sun', Colour: 'drop', Effects: 'wand' };

export class Tools {
  /**
   * @param {object[]} schema the adjustments
   * @param {{name: string, picture: string, element: HTMLElement, isUsed: () => boolean, apart?: boolean}[]} others
   *     tools that are no part of the schema, as the rail shows them; isUsed: whether the layer is changed by one
   * @param {{onStart: () => void, onInput: (values: object) => void, onReset: (names: string[]) => void}} events
   */
  constructor(schema, others, { onStart, onInput, onReset }) {
    this.others = others;
    this.sliders = new Map();
    this.groups = new Map();
    const sections = new Map();
    for (const name of new Set(schema.map((each) => each.group))) {
      const members = schema.filter((each) => each.group === name);
      const sliders = members.map((each) => {
        const slider = new Slider(each, { onStart, onInput: (value) => onInput({ [each.id]: value }) });
        this.sliders.set(each.id, slider);
        return slider.element;
      });
      const reset = h('button.link', { type: 'button', 'aria-label': `Reset ${name}`, onclick: () => onReset(members.map((each) => each.id)) }, 'reset');
      this.groups.set(name, { reset, members });
      sections.set(name, h('div', {}, h('div.tool-head', {}, h('h3', {}, name), reset), sliders));
    }
    const drawn = [...sections.keys()].map((name) => ({ name, picture: PICTURES[name] ?? 'sliders' }));
    for (const { name, element } of others) sections.set(name, h('div', {}, h('div.tool-head', {}, h('h3', {}, name)), element));
    this.rail = new Rail('Tools', [...drawn, ...others], (name) => this.choose(name));
    this.sections = new Map([...sections].map(([name, section]) => {
      section.classList.add('tool-sheet');
      section.dataset.group = name;
      section.setAttribute('role', 'tabpanel');
      section.setAttribute('aria-label', name);
      return [name, section];
    }));
    this.element = scrolls(h('div.adjustments', {}, [...this.sections.values()]));
    this.choose(drawn[0].name);
  }

  choose(name) {
    for (const [other, section] of this.sections) section.hidden = other !== name;
    this.element.scrollTop = 0;
    this.rail.show(name);
  }

  /** @param {object} values of the layer that is chosen; those left out are at their default */
  show(values) {
    for (const [id, slider] of this.sliders) slider.show(values[id] ?? slider.adjustment.default);
    for (const [name, { reset, members }] of this.groups) {
      const changed = members.some(({ id }) => id in values);
      reset.hidden = !changed;
      this.rail.mark(name, changed);
    }
    for (const { name, isUsed } of this.others) this.rail.mark(name, isUsed());
  }
}
