// What the dialog of an export is made of: parts that fold, choices with a sentence each, numbers with a unit.

import { h, icon } from '../common/dom.js';

/** Parts that are open, as they were left. */
const open = new Set(['Format', 'Size']);

let groups = 0; // of radio buttons, which need names of their own

/** A heading with what is chosen below it, which folds. */
export class Part {
  /** @param {string} name @param {(Node | string)[]} content */
  constructor(name, content) {
    this.now = h('span.export-now');
    this.element = h('details.export-part', { 'data-part': name, open: open.has(name) },
      h('summary', {}, h('h3', {}, name), this.now, icon('chevron')), h('div.export-fields', {}, content));
    this.element.addEventListener('toggle', () => (this.element.open ? open.add(name) : open.delete(name)));
  }

  /** @param {string} now what is chosen, in a few words @param {boolean} isUsed whether that is not how it is by itself */
  tell(now, isUsed) {
    this.now.textContent = now;
    this.element.classList.toggle('used', isUsed);
  }
}

/** Choices of which one is taken, each with a sentence. */
export class Rows {
  /** @param {string} label @param {[id: string, name: string, about: string][]} rows @param {(id: string) => void} onChoose */
  constructor(label, rows, onChoose) {
    groups += 1;
    const name = `export-${groups}`;
    this.boxes = rows.map(([id]) => h('input', { type: 'radio', name, value: id, onchange: () => onChoose(id) }));
    this.abouts = rows.map(([, , about]) => h('small', {}, about));
    this.element = h('div.export-rows', { role: 'radiogroup', 'aria-label': label },
      rows.map(([, text], at) => h('label.export-row', {}, this.boxes[at], h('span', {}, text, this.abouts[at]))));
  }

  show(chosen) {
    for (const box of this.boxes) box.checked = box.value === chosen;
  }

  /** Says something else of a choice. */
  about(id, sentence) {
    this.abouts[this.boxes.findIndex(({ value }) => value === id)].textContent = sentence;
  }
}

/** A number that is typed, with its unit. */
export class Amount {
  /** @param {{label: string, unit: string, minimum: number, maximum: number, step?: number}} what @param {(value: number) => void} onChange */
  constructor({ label, unit, minimum, maximum, step = 1 }, onChange) {
    this.input = h('input', { type: 'number', inputmode: 'decimal', min: minimum, max: maximum, step, 'aria-label': label, required: '' });
    this.unit = h('span', {}, unit);
    this.element = h('span.export-amount', {}, this.input, this.unit);
    this.input.addEventListener('input', () => { if (this.input.validity.valid) onChange(this.input.valueAsNumber); });
  }

  show(value) {
    if (document.activeElement !== this.input) this.input.value = value;
  }
}

/** A line with a name before what is chosen. */
export function field(label, ...content) {
  return h('div.export-field', {}, h('span', {}, label), ...content);
}
