// The bar over the picture: the photo's name, undo, redo and clear, zoom.

import { h, iconButton } from '../common/dom.js';
import { PhotoBar } from '../library/photobar.js';
import { TOOLS } from './tools.js';

const SHORTCUTS = [
  ...Object.values(TOOLS).map(({ label, key }) => [key, label.toLowerCase()]),
  ['right click, Alt', 'the opposite of the tool'],
  ['drag', 'a box around what is meant'],
  ['[  ]', 'smaller, larger brush'],
  ['C', 'the next candidate'],
  ['N', 'a new object'],
  ['I', 'invert'],
  ['O', 'from your edit, or from the original'],
  ['Ctrl Z', 'undo'],
  ['Ctrl Shift Z', 'redo'],
  ['Delete', 'clear the selection; without one, delete the photo'],
  ['hold Space', 'move the photo; the middle button as well'],
  ['hold B', 'of a result: the photo before; press and hold it as well'],
  ['S', 'of a result: before and after, side by side'],
  ['+  −', 'zoom; wheel or pinch as well'],
  ['0', 'the whole photo'],
  ['1', 'true pixels'],
  ['←  →', 'the photo before, the next; of results the same'],
  ['Page up, Page down', 'of what was erased: another fill'],
  ['Esc', 'from a result back to the selection'],
];

export class Bar extends PhotoBar {
  /** @param {{undo, redo, split, clear, fit, actual: () => void, base: (original: boolean) => void}} actions */
  constructor(actions) {
    super(actions, SHORTCUTS);
    this.clear = iconButton('trash', 'Clear the selection', actions.clear);
    this.element = h('div.bar', {}, this.name, this.more, this.base.element, h('span.space'), this.undo, this.redo, this.clear, this.split, this.keyboard, this.zooms, this.help);
  }

  showHistory(canUndo, canRedo, canClear) {
    super.showHistory(canUndo, canRedo);
    this.clear.disabled = !canClear;
  }
}
