// Grading: a wheel each for shadows, midtones, highlights and all tones, with a slider of lightness under it.

import { h } from '../common/dom.js';
import { Segmented } from '../common/segmented.js';
import { Slider } from '../common/slider.js';
import { Wheel } from './wheel.js';

/** @implements {import('./sliders.js').Widget} */
export class Grading {
  tool = 'Colour';
  section = 'Grading';

  /** @param {object} schema see envo/adjustments.py @param {{onStart: () => void, onInput: (values: object) => void}} events */
  constructor({ adjustments, wheels }, { onStart, onInput }) {
    const byId = Object.fromEntries(adjustments.map((each) => [each.id, each]));
    this.wheels = new Map();
    this.sliders = [];
    this.cells = Object.entries(wheels).map(([name, label]) => {
      const wheel = new Wheel(label, { onStart, onInput: (hue, strength) => onInput({ [`${name}_hue`]: hue, [`${name}_strength`]: strength }) });
      const adjustment = byId[`${name}_lightness`];
      const slider = new Slider({ ...adjustment, label: 'Light' }, { onStart, onInput: (value) => onInput({ [adjustment.id]: value }) });
      slider.range.setAttribute('aria-label', adjustment.label);
      slider.text.setAttribute('aria-label', `${adjustment.label}, value`);
      this.wheels.set(name, wheel);
      this.sliders.push(slider);
      return h('div.wheel-cell', { 'data-wheel': name }, h('span.wheel-name', {}, label), wheel.element, slider.element);
    });
    this.ids = Object.keys(wheels).flatMap((name) => [`${name}_hue`, `${name}_strength`]);
    const short = Object.fromEntries(Object.entries(wheels).map(([name, label]) => [name, label.split(' ')[0]]));
    this.choice = new Segmented('Tones', short, (name) => this.choose(name));
    this.element = h('div.grading', {}, this.choice.element, h('div.wheels', {}, this.cells));
    this.choose(Object.keys(wheels)[0]);
  }

  /** Where there is room for one wheel alone, it is this one's. */
  choose(name) {
    this.choice.show(name);
    for (const cell of this.cells) cell.classList.toggle('chosen', cell.dataset.wheel === name);
  }

  show({ adjustments }) {
    for (const [name, wheel] of this.wheels) wheel.show(adjustments[`${name}_hue`] ?? 0, adjustments[`${name}_strength`] ?? 0);
    for (const button of this.choice.buttons) {
      button.classList.toggle('used', ['strength', 'lightness'].some((part) => `${button.dataset.choice}_${part}` in adjustments));
    }
  }

  reveal(id) {
    const [name, part] = id.split('_');
    if (!this.wheels.has(name)) return null;
    this.choose(name);
    return part === 'lightness' ? this.sliders.find(({ adjustment }) => adjustment.id === id).range : this.wheels.get(name).handle;
  }
}
