// The bar over the picture: the photo's name, undo, redo and clear, zoom.

import { h, iconButton } from '../common/dom.js';
import { shortcuts, toggleMenu } from '../common/menu.js';
import { editName } from '../library/grid.js';
import { TOOLS } from './tools.js';

const SHORTCUTS = [
  ...Object.values(TOOLS).map(({ label, key }) => [key, label.toLowerCase()]),
  ['right click, Alt', 'the opposite of the tool'],
  ['drag', 'a box around what is meant'],
  ['[  ]', 'smaller, larger brush'],
  ['C', 'the next candidate'],
  ['N', 'a new object'],
  ['I', 'invert'],
  ['Ctrl Z', 'undo'],
  ['Ctrl Shift Z', 'redo'],
  ['Delete', 'clear'],
  ['hold Space', 'move the photo; the middle button as well'],
  ['+  −', 'zoom; wheel or pinch as well'],
  ['0', 'the whole photo'],
  ['1', 'true pixels'],
  ['←  →', 'the photo before, the next'],
];

export class Bar {
  /** @param {{undo, redo, clear, fit, actual: () => void}} actions */
  constructor(actions) {
    this.name = h('b.photo-name', { title: 'Rename', onclick: () => this.photo && editName(this.name, this.photo) });
    this.undo = iconButton('undo', 'Undo', actions.undo);
    this.redo = iconButton('redo', 'Redo', actions.redo);
    this.clear = iconButton('trash', 'Clear the selection', actions.clear);
    this.fit = h('button.link.zoom', { type: 'button', title: 'The whole photo (0)', onclick: actions.fit }, 'Fit');
    this.percent = h('button.link.zoom', { type: 'button', title: 'True pixels (1)', onclick: actions.actual }, '100%');
    this.answered = h('span.answered'); // where the panel has no room to say it
    this.help = shortcuts(SHORTCUTS);
    const keyboard = iconButton('keyboard', 'Keyboard shortcuts', () => toggleMenu(this.help, keyboard));
    keyboard.classList.add('wide-only');
    this.element = h('div.bar', {}, this.name, h('span.space'), this.answered, this.undo, this.redo, this.clear, keyboard,
      h('span.zooms', {}, this.fit, '·', this.percent), this.help);
  }

  showPhoto(photo) {
    this.photo = photo;
    if (!this.name.isContentEditable) this.name.textContent = photo?.name ?? '';
    this.element.classList.toggle('empty', !photo);
  }

  showHistory(canUndo, canRedo, canClear) {
    this.undo.disabled = !canUndo;
    this.redo.disabled = !canRedo;
    this.clear.disabled = !canClear;
  }

  /** @param {number} scale device pixels for a photo pixel */
  showZoom(scale, fitted) {
    this.fit.classList.toggle('on', fitted);
    this.percent.textContent = `${Math.round(scale * 100)}%`;
  }

  /** @param {?{label: string, seconds: number}} answer who answered, and how fast */
  showAnswer(answer) {
    this.answered.textContent = answer ? `${answer.label}, ${answer.seconds.toFixed(2)} s` : '';
  }

  openHelp() {
    toggleMenu(this.help, this.element);
  }
}
