// What the bars over the picture have in common: the photo's name, undo and redo, before and after, zoom, the help on keys.

import { h, iconButton } from '../common/dom.js';
import { shortcuts, toggleMenu } from '../common/menu.js';
import { Base } from './base.js';
import { renamable } from './grid.js';
import { photoMenu } from './photomenu.js';

export class PhotoBar {
  /**
   * @param {{undo, redo, split, fit, actual: () => void, base?: (original: boolean) => void}} actions base: the work is to begin
   *     with the photo as it came, or as its edit shows it
   * @param {[string, string][]} keys what each does
   */
  constructor({ undo, redo, split, fit, actual, base }, keys) {
    this.name = h('b.photo-name');
    renamable(this.name, () => this.photo);
    this.more = iconButton('chevron', 'More for this photo', () => photoMenu(this.more, this.photo, [['pencil', 'Rename', () => this.name.click()], ...this.rows], this.edits));
    this.more.classList.add('photo-more');
    /** What a tab adds to the photo's menu, see `photoMenu`. */
    this.rows = [];
    /** How a tab copies and pastes the photo's edit, where it does so itself, see `photoMenu`. */
    this.edits = undefined;
    this.undo = iconButton('undo', 'Undo', undo);
    this.redo = iconButton('redo', 'Redo', redo);
    this.split = iconButton('split', 'Before and after', split);
    this.split.classList.add('split-button');
    this.fit = h('button.link.zoom', { type: 'button', title: 'The whole photo (0)', onclick: fit }, 'Fit');
    this.percent = h('button.link.zoom', { type: 'button', title: 'True pixels (1)', onclick: actual }, '100%');
    this.zooms = h('span.zooms', {}, this.fit, '·', this.percent);
    this.base = new Base(base);
    this.help = shortcuts(keys);
    this.keyboard = iconButton('keyboard', 'Keyboard shortcuts', () => toggleMenu(this.help, this.keyboard));
    this.keyboard.classList.add('wide-only');
  }

  showPhoto(photo) {
    this.photo = photo;
    if (!this.name.isContentEditable) this.name.textContent = photo?.name ?? '';
    this.element.classList.toggle('empty', !photo);
  }

  showHistory(canUndo, canRedo) {
    this.undo.disabled = !canUndo;
    this.redo.disabled = !canRedo;
  }

  /** Says whether there is a line between before and after. */
  showSplit(on) {
    this.split.setAttribute('aria-pressed', on);
  }

  /** @param {number} scale device pixels for a photo pixel */
  showZoom(scale, fitted) {
    this.fit.classList.toggle('on', fitted);
    this.percent.textContent = `${Math.round(scale * 100)}%`;
  }

  openHelp() {
    toggleMenu(this.help, this.element);
  }
}
