// The bar over the picture: name and stars, undo and redo, before/after, zoom, whether it is saved, download.

import { h, icon, iconButton, tellError } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { PhotoBar } from '../library/photobar.js';
import { ratePhotos } from '../library/deeds.js';
import { Stars } from '../library/stars.js';

const STATES = { saved: 'Saved', pending: 'Saving…', saving: 'Saving…', failed: 'Not saved' };
const FORMATS = { JPEG: 'small, opens everywhere', PNG: 'nothing lost, large', WebP: 'smaller still' };

const SHORTCUTS = [
  ['Ctrl Z', 'undo'],
  ['Ctrl Shift Z', 'redo'],
  ['Ctrl Shift C', 'copy the edit'],
  ['Ctrl Shift V', 'paste the edit'],
  ['Ctrl Alt V', 'the edit of the photo before'],
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
   * @param {{undo, redo, steps: import('./historymenu.js').HistoryMenu, copying: import('./copying.js').Copying, split, fit,
   *     actual, download: (format, quality) => Promise}} actions
   */
  constructor(actions) {
    super(actions, SHORTCUTS);
    this.stars = new Stars((rating) => ratePhotos([this.photo.id], rating, this.photo.name).catch(tellError));
    this.steps = actions.steps;
    this.steps.button.classList.add('wide-only');
    this.offer([]);
    this.edits = actions.copying.rows;
    this.state = h('span.save-state', { role: 'status' });
    this.#download(actions.download);
    this.element = h('div.bar', {}, this.name, this.more, this.stars.element, h('span.space'), this.undo, this.redo, this.steps.button, this.split, this.keyboard,
      this.zooms, this.state, this.downloadButton, this.help, this.downloads, this.steps.element);
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

  #download(run) {
    const label = h('span', {}, 'Download');
    const quality = h('input', { type: 'range', min: 50, max: 100, value: 92, 'aria-label': 'Quality' });
    const shown = h('output', {}, '92');
    quality.addEventListener('input', () => { shown.textContent = quality.value; });
    const choices = Object.entries(FORMATS).map(([format, about]) => h('button', {
      type: 'button',
      'data-format': format,
      onclick: async () => {
        this.downloads.hidePopover();
        this.downloadButton.disabled = true;
        label.textContent = 'Rendering…';
        await run(format, quality.valueAsNumber).catch(tellError);
        label.textContent = 'Download';
        this.downloadButton.disabled = false;
      },
    }, h('b', {}, format), h('small', {}, about)));
    this.downloads = menu('downloads', 'Full size, with what the photo’s file tells', choices, h('label.quality-row', {}, 'Quality', quality, shown));
    this.downloadButton = h('button.button.primary.download-button', { type: 'button', onclick: () => toggleMenu(this.downloads, this.downloadButton) }, icon('download'), label);
  }
}
