// The bar over the picture: name and stars, undo and redo, before/after, zoom, whether it is saved, download.

import { h, tellError } from '../common/dom.js';
import { PhotoBar } from '../library/photobar.js';
import { ratePhotos } from '../library/deeds.js';
import { Stars } from '../library/stars.js';

const STATES = { saved: 'Saved', pending: 'Saving…', saving: 'Saving…', failed: 'Not saved' };

const SHORTCUTS = [
  ['Ctrl Z', 'undo'],
  ['Ctrl Shift Z', 'redo'],
  ['Ctrl Shift C', 'copy the edit'],
  ['Ctrl Shift V', 'paste the edit'],
  ['Ctrl Alt V', 'the edit of the photo before'],
  ['Ctrl Shift E', 'export: format, size, colour, name'],
  ['hold B', 'the photo before; press and hold it as well'],
  ['S', 'before and after, side by side'],
  ['hold M', 'the mask of the layer'],
  ['O', 'the mask in red, white on black, as an outline'],
  ['[  ]', 'smaller, larger brush'],
  ['X', 'brush or eraser; hold Alt as well'],
  ['hold Space', 'move the photo while painting'],
  ['Esc', 'puts away what is drawn with'],
  ['hold Alt', 'at Masking: where it sharpens'],
  ['/', 'find a slider'],
  ['C', 'crop: X turns its sides, O other lines, Enter done, Escape as it was'],
  ['+  −', 'zoom; wheel or pinch as well'],
  ['0', 'the whole photo'],
  ['1', 'true pixels'],
  ['←  →', 'the photo before, the next'],
  ['Delete', 'delete the photo'],
  ['double click', 'a slider’s default'],
];

export class Bar extends PhotoBar {
  /**
   * @param {{undo, redo, steps: import('./historymenu.js').HistoryMenu, copying: import('./copying.js').Copying,
   *     downloads: import('./downloads.js').Downloads, split, fit, actual}} actions
   */
  constructor(actions) {
    super(actions, SHORTCUTS);
    this.stars = new Stars((rating) => ratePhotos([this.photo.id], rating, this.photo.name).catch(tellError));
    this.steps = actions.steps;
    this.steps.button.classList.add('wide-only');
    this.offer([]);
    this.edits = actions.copying.rows;
    this.state = h('span.save-state', { role: 'status' });
    const { downloads } = actions;
    this.element = h('div.bar', {}, this.name, this.more, this.stars.element, h('span.space'), this.undo, this.redo, this.steps.button, this.split, this.keyboard,
      this.zooms, this.state, downloads.element, this.help, downloads.menu, this.steps.element);
  }

  /** What the photo's menu has besides. @param {[string, string, () => void][]} rows see `photoMenu` */
  offer(rows) {
    this.rows = [['wait', 'History', () => this.steps.open(this.more)], ...rows];
  }

  showPhoto(photo) {
    super.showPhoto(photo);
    this.stars.show(photo?.rating ?? 0);
  }

  /** @param {'saved' | 'pending' | 'saving' | 'failed'} state */
  showState(state, reason = '') {
    this.state.textContent = STATES[state];
    this.state.title = reason;
    this.state.dataset.state = state;
  }
}
