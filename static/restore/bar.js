// The bar over the picture: the photo's name, undo and redo of what was painted, zoom, many photos at once.

import { h, icon } from '../common/dom.js';
import { PhotoBar } from '../library/photobar.js';

const SHORTCUTS = [
  ['R', 'restore'],
  ['M', 'the scratches that were found'],
  ['B', 'brush: what is a scratch, too'],
  ['E', 'eraser: what is none'],
  ['[  ]', 'smaller, larger brush'],
  ['O', 'from your edit, or from the original'],
  ['Ctrl Z', 'undo a stroke'],
  ['Ctrl Shift Z', 'redo'],
  ['hold B', 'of a result: the photo before; press and hold it as well'],
  ['S', 'of a result: before and after, side by side'],
  ['M', 'of a result: what was made up'],
  ['+  −', 'zoom; wheel or pinch as well'],
  ['0', 'the whole photo'],
  ['1', 'true pixels'],
  ['←  →', 'the photo before, the next; of results the same'],
  ['Delete', 'the restored photo that is looked at'],
  ['Esc', 'from a restored photo back to the steps'],
];

export class Bar extends PhotoBar {
  /** @param {{undo, redo, split, fit, actual, many: () => void, base: (original: boolean) => void}} actions */
  constructor(actions) {
    super(actions, SHORTCUTS);
    this.many = h('button.button.many', { type: 'button', title: 'Restore many photos, or a whole folder', 'aria-label': 'Restore many', onclick: actions.many }, icon('many'), h('span', {}, 'Restore many'));
    this.element = h('div.bar', {}, this.name, this.more, this.base.element, h('span.space'), this.undo, this.redo, this.split, this.keyboard, this.zooms, this.many, this.help);
  }
}
