// How the brush paints: its size on the screen, hardness and flow, whether it erases, and whether it keeps to colours.

import { h, icon } from '../../common/dom.js';
import { Slider } from '../../common/slider.js';
import { storage } from '../../common/storage.js';
import { BrushCursor, SIZE } from '../../mask/brush.js';
import { TOOLS } from '../../mask/tools.js';

const KEPT = 'envo:brush';
const HARDNESS = { id: 'brush-hardness', label: 'Hardness', about: 'How much of it is whole before it fades to the rim.', minimum: 0, maximum: 100, default: 50, step: 1, digits: 0, unit: '%' };
const FLOW = { id: 'brush-flow', label: 'Flow', about: 'How much a stroke covers; strokes add up.', minimum: 1, maximum: 100, default: 100, step: 1, digits: 0, unit: '%' };

export class BrushPanel {
  #erases = false;

  constructor() {
    this.cursor = new BrushCursor();
    const kept = JSON.parse(storage.get(KEPT) ?? '{}');
    const slider = (about, change) => new Slider(about, { onStart() {}, onInput: (value) => { change(value); this.#keep(); } });
    this.size = slider(SIZE, (size) => this.resize(size));
    this.hardness = slider(HARDNESS, (value) => this.hardness.show(value));
    this.flow = slider(FLOW, (value) => this.flow.show(value));
    const tool = (name, about, run) => h('button.tool', { type: 'button', 'data-tool': name, title: about, onclick: run }, icon(name), h('span', {}, TOOLS[name].label));
    this.tools = [
      tool('brush', 'Paint what belongs to it; [ and ] change the size. Right button, or Alt, erases.', () => this.erase(false)),
      tool('eraser', 'Paint what does not belong to it (X)', () => this.erase(true)),
    ];
    this.aware = h('button.chip', { type: 'button', title: 'A stroke keeps to the colours of the photo about where it began', onclick: () => this.#setAware(!this.isAware) }, 'Edge-aware');
    this.element = h('div.brush-panel', {}, h('div.tool-row', { role: 'toolbar', 'aria-label': 'Brush' }, this.tools),
      this.size.element, this.hardness.element, this.flow.element, h('div.chips', {}, this.aware));
    this.resize(kept.size ?? SIZE.default);
    this.hardness.show(kept.hardness ?? HARDNESS.default);
    this.flow.show(kept.flow ?? FLOW.default);
    this.#setAware(kept.aware ?? false);
    this.erase(false);
  }

  /** @param {number} size in pixels of the page */
  resize(size) {
    this.cursor.resize(size);
    this.size.show(this.cursor.size);
  }

  /** A size smaller or larger. @param {string} key "[" or "]" */
  step(key) {
    this.resize(this.cursor.stepped(key));
    this.#keep();
  }

  get erases() {
    return this.#erases;
  }

  erase(erases) {
    this.#erases = erases;
    for (const button of this.tools) button.setAttribute('aria-pressed', (button.dataset.tool === 'eraser') === erases);
  }

  /**
   * A stroke that begins: all of it but its points.
   * @param {number} size its diameter on the plane of `places.js`
   * @param {boolean} other whether it does the opposite of the tool
   */
  stroke(size, other) {
    return {
      size: Math.max(1e-4, Math.min(1, size)), hardness: this.hardness.value, flow: this.flow.value,
      erase: this.#erases !== other, aware: this.isAware,
    };
  }

  #setAware(aware) {
    this.isAware = aware;
    this.aware.setAttribute('aria-pressed', aware);
    this.#keep();
  }

  #keep() {
    storage.set(KEPT, JSON.stringify({ size: this.cursor.size, hardness: this.hardness.value, flow: this.flow.value, aware: this.isAware }));
  }
}
