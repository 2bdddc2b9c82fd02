// The adjustments of one layer: groups of sliders, drawn from the schema.

import { h } from '../common/dom.js';

const number = (value, digits) => value.toFixed(digits).replace('-', '−');
const parse = (text) => Number.parseFloat(text.replace('−', '-').replace(',', '.'));

/**
 * One labelled slider with a value that can be typed.
 * Double click sets the default; the arrow keys step. `onInput` hears every move, `onStart` the first of a gesture.
 */
export class Slider {
  /** @param {{id, label, about, minimum, maximum, default: number, step, digits, unit, track}} adjustment */
  constructor(adjustment, { onStart, onInput }) {
    this.adjustment = adjustment;
    const { id, label, about, minimum, maximum, step } = adjustment;
    this.onInput = onInput;
    this.onStart = onStart;
    this.moving = false;
    this.range = h('input', { type: 'range', min: minimum, max: maximum, step, 'aria-label': label });
    this.text = h('input.value', { type: 'text', inputmode: 'decimal', autocomplete: 'off', 'aria-label': `${label}, value` });
    this.element = h('div.slider', { 'data-adjustment': id, title: about },
      h('label', { ondblclick: () => this.#set(adjustment.default) }, label), this.range, this.text);
    if (adjustment.track) this.range.classList.add(`track-${adjustment.track}`);
    this.range.addEventListener('input', () => this.#move(this.range.valueAsNumber));
    this.range.addEventListener('change', () => { this.moving = false; });
    this.range.addEventListener('dblclick', () => this.#set(adjustment.default));
    this.text.addEventListener('focus', () => this.text.select());
    this.text.addEventListener('change', () => this.#type());
    this.text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.text.blur();
      if (event.key === 'Escape') this.show(this.value);
    });
    this.show(adjustment.default);
  }

  show(value) {
    const { minimum, maximum, digits, unit } = this.adjustment;
    const place = (at) => `${(100 * (at - minimum)) / (maximum - minimum)}%`;
    const zero = Math.max(minimum, Math.min(maximum, this.adjustment.default));
    this.value = value;
    this.range.value = value;
    this.range.setAttribute('aria-valuetext', `${number(value, digits)} ${unit}`);
    if (document.activeElement !== this.text || this.moving) this.text.value = number(value, digits);
    this.element.classList.toggle('changed', value !== this.adjustment.default);
    this.element.style.setProperty('--zero', place(zero));
    this.element.style.setProperty('--from', place(Math.min(value, zero)));
    this.element.style.setProperty('--to', place(Math.max(value, zero)));
  }

  #move(value) {
    if (!this.moving) {
      this.moving = true;
      this.onStart();
    }
    this.onInput(value);
  }

  #set(value) {
    if (value === this.value) return;
    this.onStart();
    this.moving = false;
    this.onInput(value);
    this.text.value = number(value, this.adjustment.digits);
  }

  #type() {
    const { minimum, maximum, step } = this.adjustment;
    const typed = parse(this.text.value);
    const stepped = Math.round(typed / step) * step;
    const value = Number(Math.max(minimum, Math.min(maximum, stepped)).toFixed(6));
    if (Number.isFinite(typed)) this.#set(value);
    this.text.value = number(this.value, this.adjustment.digits);
  }
}

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
