// One labelled slider with a value that can be typed.

import { h } from './dom.js';

const DOUBLE_MS = 500; // within which a second press is a double click's

const number = (value, digits) => value.toFixed(digits).replace('-', '−');
const parse = (text) => Number.parseFloat(text.replace('−', '-').replace(',', '.'));

/**
 * Double click sets the default; the arrow keys step. `onInput` hears every move, `onStart` the first of a gesture: both
 * presses of a double click, which each move the slider, are one with what it sets.
 */
export class Slider {
  #measure = null;
  #pressed = -DOUBLE_MS; // when, in ms
  #begun = false; // whether what the last press belongs to has moved the slider

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
    this.range.addEventListener('pointerdown', ({ timeStamp }) => {
      if (timeStamp - this.#pressed > DOUBLE_MS) this.#begun = false;
      this.#pressed = timeStamp;
    });
    this.range.addEventListener('keydown', () => { this.#begun = false; });
    this.range.addEventListener('input', () => this.#move(this.range.valueAsNumber));
    this.range.addEventListener('change', () => { this.moving = false; });
    this.range.addEventListener('dblclick', () => {
      if (this.#begun) this.#take(adjustment.default);
      else this.#set(adjustment.default);
    });
    this.text.addEventListener('focus', () => this.text.select());
    this.text.addEventListener('change', () => this.#type());
    this.text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.text.blur();
      if (event.key === 'Escape') this.show(this.value);
    });
    this.show(adjustment.default);
  }

  /**
   * Tells the value in another measure, in which it can be typed, too.
   * @param {?{unit: string, written: (value: number) => string, read: (typed: number) => number}} measure null: its own
   */
  measured(measure) {
    if (measure === this.#measure) return;
    this.#measure = measure;
    this.show(this.value);
  }

  #written(value) {
    return this.#measure?.written(value) ?? number(value, this.adjustment.digits);
  }

  show(value) {
    const { minimum, maximum } = this.adjustment;
    const unit = this.#measure?.unit ?? this.adjustment.unit;
    const place = (at) => `${(100 * (at - minimum)) / (maximum - minimum)}%`;
    const zero = Math.max(minimum, Math.min(maximum, this.adjustment.default));
    this.value = value;
    this.range.value = value;
    this.range.setAttribute('aria-valuetext', `${this.#written(value)} ${unit}`);
    if (document.activeElement !== this.text || this.moving) this.text.value = this.#written(value);
    this.element.classList.toggle('changed', value !== this.adjustment.default);
    this.element.style.setProperty('--zero', place(zero));
    this.element.style.setProperty('--from', place(Math.min(value, zero)));
    this.element.style.setProperty('--to', place(Math.max(value, zero)));
  }

  #move(value) {
    if (!this.moving) {
      this.moving = true;
      if (!this.#begun) this.onStart();
      this.#begun = true;
    }
    this.onInput(value);
  }

  #set(value) {
    if (value === this.value) return;
    this.#begun = false;
    this.onStart();
    this.#take(value);
  }

  #take(value) {
    this.moving = false;
    this.onInput(value);
    this.text.value = this.#written(value);
  }

  #type() {
    const { minimum, maximum, step } = this.adjustment;
    const told = parse(this.text.value);
    const typed = this.#measure?.read(told) ?? told;
    const stepped = Math.round(typed / step) * step;
    const value = Number(Math.max(minimum, Math.min(maximum, stepped)).toFixed(6));
    if (Number.isFinite(typed)) this.#set(value);
    this.text.value = this.#written(this.value);
  }
}

/** A slider for a control, see envo/controls.py. */
export function controlSlider(control, onChange) {
  const digits = control.step >= 1 ? 0 : Math.ceil(-Math.log10(control.step));
  const made = new Slider({ ...control, digits }, { onStart() {}, onInput: (value) => { made.show(value); onChange?.(); } });
  return made;
}
