// The wall of photos: square tiles in rows, of which only those in view are in the page.

import { h, tellError } from '../common/dom.js';
import { place } from '../common/place.js';
import { storage } from '../common/storage.js';
import { current } from '../library/current.js';
import { Tile } from './tile.js';

const GAP = 4; // pixels
const SIZES = [84, 116, 176, 250]; // of a tile, at least; pixels
const ROWS_BEYOND = 2; // kept ready above and below what is seen
const QUICK = 1.5; // heights of the wall scrolled between two frames, from which on pictures wait
const SETTLED_MS = 90;
const SIZE = 'envo:tile-size';

export class Wall {
  /** Where the photo stands that keys start from; -1 at first. */
  cursor = -1;
  #anchor = -1; // where a range starts
  #cursorId = null;
  #tiles = new Map(); // by index
  #columns = 1;
  #step = 1; // pixels from a row to the next
  #top = 0; // scrolled to
  #settling = 0;
  #rows = ''; // that are drawn
  #from = null; // where it is to be scrolled to once it can be, see `showFrom`
  #drawing = 0;
  #size = Math.min(SIZES.length - 1, Number(storage.get(SIZE) ?? 1));

  /**
   * @param {{pages: import('./pages.js').Pages, chosen: import('./chosen.js').Chosen, onOpen: (index: number) => void,
   *     onCursor: () => void}} options
   */
  constructor({ pages, chosen, onOpen, onCursor }) {
    Object.assign(this, { pages, chosen, onOpen, onCursor });
    this.space = h('div.photo-space', { role: 'none' });
    this.end = h('p.photo-end', { role: 'none', hidden: true });
    this.element = h('div.photo-wall', { role: 'listbox', tabindex: 0, 'aria-label': 'Photos', 'aria-multiselectable': 'true' }, this.space, this.end);
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.space.addEventListener('click', (event) => this.#press(event));
    this.space.addEventListener('dblclick', ({ target }) => { const index = indexOf(target); if (index >= 0 && !target.closest('.photo-tick')) onOpen(index); });
    this.space.addEventListener('contextmenu', (event) => this.#hold(event));
    new ResizeObserver(() => this.#resized()).observe(this.element);
    pages.addEventListener('change', () => this.#changed());
    chosen.addEventListener('change', () => this.draw());
    current.addEventListener('change', () => this.draw());
  }

  /** The photo that keys start from. @returns {?import('./pages.js').Photo} */
  get photo() {
    return this.cursor < 0 ? null : this.pages.at(this.cursor);
  }

  /** Makes tiles larger (1) or smaller (-1). */
  resize(step) {
    this.#size = Math.max(0, Math.min(SIZES.length - 1, this.#size + step));
    storage.set(SIZE, this.#size);
    this.#resized();
  }

  /** Starts from the top, with no photo marked. */
  begin() {
    this.element.scrollTop = 0;
    this.#top = 0;
    this.#from = null;
    this.unmark();
  }

  /** Scrolls to where the wall was. @param {number} index of the first photo in view, as `keep` told it of a place */
  showFrom(index) {
    this.#from = index;
    this.draw();
  }

  /** Takes the mark off. */
  unmark() {
    this.#setCursor(-1);
    this.#anchor = -1;
  }

  /** Says a sentence below the last photo; empty for none. */
  sayAtEnd(sentence) {
    this.end.textContent = sentence;
    this.end.hidden = !sentence;
  }

  /** Marks a photo and brings it into view; `extend` chooses all up to it. */
  goTo(index, { extend = false } = {}) {
    const { count } = this.pages;
    if (!count) return;
    const next = Math.max(0, Math.min(count - 1, index));
    if (extend) this.#extend(next).catch(tellError);
    else this.#anchor = next;
    this.#setCursor(next);
    this.reveal(next);
  }

  /** Marks the photo so many columns and rows away. */
  move(columns, rows, options) {
    const to = this.cursor < 0 ? 0 : this.cursor + columns + rows * this.#columns;
    const isThere = to >= 0 && to < (this.pages.count ?? 0);
    if (isThere || columns) this.goTo(to, options);
  }

  /** So many rows are seen at once. */
  get rowsSeen() {
    return Math.max(1, Math.floor(this.element.clientHeight / this.#step));
  }

  /** Draws anew before the next frame. */
  draw() {
    if (this.#drawing) return;
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = 0;
      this.#draw();
    });
  }

  // Choosing

  #press(event) {
    const index = indexOf(event.target);
    const photo = index >= 0 ? this.pages.at(index) : null;
    if (!photo) return;
    const adds = event.ctrlKey || event.metaKey;
    if (event.shiftKey && this.#anchor >= 0) {
      this.#extend(index).catch(tellError);
      this.#setCursor(index);
      return;
    }
    if (event.target.closest('.photo-tick') || (event.pointerType === 'touch' && this.chosen.size)) this.chosen.toggle(photo.id);
    else if (adds) this.#toggleBeside(photo);
    else if (event.pointerType === 'touch') {
      this.onOpen(index); // unmarked: what is known of it would cover the wall afterwards
      return;
    } else this.chosen.set();
    this.#anchor = index;
    this.#setCursor(index);
  }

  /** The first photo that joins the marked one chooses that, too: this is what a pressed Ctrl means elsewhere. */
  #toggleBeside(photo) {
    if (!this.chosen.size && this.photo && this.photo.id !== photo.id) this.chosen.set([this.photo.id, photo.id]);
    else this.chosen.toggle(photo.id);
  }

  #hold(event) {
    const index = indexOf(event.target);
    if (event.pointerType !== 'touch' || index < 0 || !this.pages.at(index)) return;
    event.preventDefault();
    this.chosen.toggle(this.pages.at(index).id);
  }

  async #extend(index) {
    const [from, to] = [this.#anchor < 0 ? index : this.#anchor, index].sort((a, b) => a - b);
    const known = Array.from({ length: to - from + 1 }, (_, place) => this.pages.at(from + place)?.id);
    this.chosen.set(known.every(Boolean) ? known : (await this.pages.ids()).slice(from, to + 1));
  }

  #setCursor(index) {
    this.cursor = index;
    this.#cursorId = this.photo?.id ?? null;
    this.draw();
    this.onCursor();
  }

  /** Brings a photo into view. */
  reveal(index) {
    if (this.#drawing) this.#draw(); // rows may be others by now
    const top = Math.floor(index / this.#columns) * this.#step;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.#step > scrollTop + clientHeight) this.element.scrollTop = top + this.#step - clientHeight;
  }

  // Drawing

  #scrolled() {
    const { scrollTop, clientHeight } = this.element;
    const isQuick = Math.abs(scrollTop - this.#top) > QUICK * clientHeight;
    this.#top = scrollTop;
    place.keep({ wall: (scrollTop / this.#step) * this.#columns });
    const settles = isQuick || this.#settling > 0;
    if (settles) {
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => { this.#settling = 0; this.draw(); }, SETTLED_MS);
    }
    if (settles || this.#seen().join() !== this.#rows) this.draw();
  }

  /** The first row to be drawn, and the one after the last. */
  #seen() {
    const { scrollTop, clientHeight } = this.element;
    return [Math.max(0, Math.floor(scrollTop / this.#step) - ROWS_BEYOND), Math.ceil((scrollTop + clientHeight) / this.#step) + ROWS_BEYOND];
  }

  #resized() {
    const first = Math.floor(this.element.scrollTop / this.#step) * this.#columns;
    this.#draw();
    if (first) this.element.scrollTop = Math.floor(first / this.#columns) * this.#step;
  }

  #changed() {
    if (this.#cursorId && this.photo && this.photo.id !== this.#cursorId) {
      const index = this.pages.indexOf(this.#cursorId);
      if (index >= 0) this.cursor = index;
      this.#cursorId = this.photo?.id ?? null;
      this.onCursor();
    } else if (this.cursor >= 0 && this.photo) {
      this.#cursorId = this.photo.id;
      this.onCursor();
    } else if (this.pages.count !== null && this.cursor >= this.pages.count) {
      this.#setCursor(this.pages.count - 1);
    }
    this.draw();
  }

  #draw() {
    const width = this.space.clientWidth;
    if (!width) return;
    const count = this.pages.count ?? 0;
    const least = Math.min(SIZES[this.#size], (width - 2 * GAP) / 3); // at least three stand side by side
    this.#columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
    const side = (width - GAP * (this.#columns - 1)) / this.#columns;
    this.#step = side + GAP;
    const rows = Math.ceil(count / this.#columns);
    this.space.style.height = `${Math.max(0, rows * this.#step - GAP)}px`;
    if (this.#from !== null && count) {
      this.element.scrollTop = this.#top = (this.#from / this.#columns) * this.#step;
      this.#from = null;
    }
    const [first, end] = this.#seen();
    this.#rows = [first, end].join();
    const [from, to] = [first * this.#columns, Math.min(count, end * this.#columns)];
    if (!this.#settling && this.pages.count) this.pages.ensure(from, to).catch(tellError);
    this.#place(from, to, side);
    if (this.cursor >= from && this.cursor < to) this.element.setAttribute('aria-activedescendant', `photo-tile-${this.cursor}`);
    else this.element.removeAttribute('aria-activedescendant');
  }

  #place(from, to, side) {
    for (const [index, tile] of this.#tiles) {
      if (index >= from && index < to) continue;
      tile.picture.removeAttribute('src'); // it need not be loaded any more
      tile.element.remove();
      this.#tiles.delete(index);
    }
    for (let index = from; index < to; index += 1) {
      let tile = this.#tiles.get(index);
      if (!tile) {
        tile = new Tile(index);
        this.#tiles.set(index, tile);
        this.space.append(tile.element);
      }
      const photo = this.pages.at(index);
      tile.show(photo, {
        left: (index % this.#columns) * this.#step,
        top: Math.floor(index / this.#columns) * this.#step,
        side,
        isChosen: Boolean(photo) && this.chosen.has(photo.id),
        isCursor: index === this.cursor,
        isOpen: Boolean(photo) && photo.id === current.photo?.id,
        loads: !this.#settling,
      });
    }
  }
}

function indexOf(target) {
  const tile = target.closest('.photo-tile');
  return tile ? Number(tile.dataset.index) : -1;
}
