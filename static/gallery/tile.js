// One photo on the wall.

import { h, icon } from '../common/dom.js';
import { thumbnail } from '../common/renditions.js';
import { percent } from './said.js';

const SAME_SHAPE = 0.02; // by which shapes may differ, as logarithms of width to height

export class Tile {
  /** @param {number} index where the photo stands */
  constructor(index) {
    this.index = index;
    this.isCursor = false;
    this.picture = h('img', { alt: '', decoding: 'async', draggable: 'false' });
    this.picture.addEventListener('load', () => this.#aim());
    this.tick = h('span.photo-tick', { 'aria-hidden': 'true' }, icon('check'));
    this.rating = h('span.photo-rating');
    this.sure = h('span.photo-sure');
    this.wait = h('span.photo-state', {}, icon('wait'));
    this.edited = h('span.photo-edited', { title: 'Edited' });
    this.element = h('div.photo-tile', { role: 'option', id: `photo-tile-${index}`, 'data-index': index },
      this.picture, this.tick, this.edited, h('div.photo-foot', {}, this.rating, this.wait, h('span.space'), this.sure));
    this.foot = this.element.lastChild;
  }

  /**
   * @param {?import('./pages.js').Photo} photo null: not known yet
   * @param {{left, top, side: number, isChosen, isCursor, isOpen, loads: boolean}} how isOpen: in the other tabs; loads: its picture is wanted now
   */
  show(photo, { left, top, side, isChosen, isCursor, isOpen, loads }) {
    const { element } = this;
    const place = `transform:translate(${left}px,${top}px);width:${side}px;height:${side}px`;
    if (place !== this.place) element.style.cssText = this.place = place;
    if (isCursor !== this.isCursor) element.classList.toggle('cursor', this.isCursor = isCursor);
    if (isChosen !== this.isChosen) element.setAttribute('aria-selected', this.isChosen = isChosen);
    if (isOpen !== this.isOpen) element.ariaCurrent = (this.isOpen = isOpen) ? 'true' : null;
    if (photo !== this.photo) this.#describe(photo);
    if (loads && photo && this.loaded !== photo) this.#load(photo);
  }

  #load(photo) {
    this.loaded = photo;
    const of = thumbnail(photo);
    if (of !== this.address) this.picture.src = this.address = of;
  }

  /** Shifts the picture, of which a tile shows a square, to where its heads are; a cropped one has them elsewhere. */
  #aim() {
    const { naturalWidth: width, naturalHeight: height } = this.picture;
    const { focus, width: across, height: down } = this.photo ?? {};
    const isWhole = Math.abs(Math.log((width * down) / (height * across))) < SAME_SHAPE;
    const at = (share, long, short) => (long > short ? Math.round(100 * Math.min(1, Math.max(0, (share * long - short / 2) / (long - short)))) : 50);
    this.picture.style.objectPosition = focus && isWhole ? `${at(focus[0], width, height)}% ${at(focus[1], height, width)}%` : '';
  }

  #describe(photo) {
    if (photo?.id !== this.photo?.id) {
      this.picture.removeAttribute('src');
      this.address = null;
    }
    this.photo = photo;
    if (photo && this.picture.complete && this.picture.naturalWidth) this.#aim();
    const { element } = this;
    element.classList.toggle('unknown', !photo);
    if (!photo) return;
    const { id, name, title, rating, confidence, tagged, trouble, edit } = photo;
    element.dataset.photo = id;
    element.title = [title || name, trouble].filter(Boolean).join('\n');
    element.setAttribute('aria-label', [name, rating && `${rating} stars`, edit && 'edited', confidence !== null && percent(confidence)].filter(Boolean).join(', '));
    this.rating.textContent = '★'.repeat(rating);
    this.sure.textContent = confidence === null ? '' : percent(confidence);
    this.edited.hidden = !edit;
    this.wait.hidden = tagged && !trouble;
    this.wait.title = trouble || 'Not looked at yet';
    this.wait.classList.toggle('trouble', Boolean(trouble));
    this.foot.hidden = !rating && confidence === null && this.wait.hidden;
  }
}
