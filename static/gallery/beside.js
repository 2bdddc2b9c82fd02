// Photos that look alike, beside each other: both are kept, or one of them.

import { h, iconButton, tellError } from '../common/dom.js';
import { size } from '../common/files.js';
import { cover } from '../common/modal.js';
import { Picture } from './picture.js';
import { number } from './said.js';

export class Beside {
  #pairs = [];
  #index = 0;
  #uncover = null;

  /** @param {{details: import('./details.js').Details, onRemove: (ids: string[]) => Promise<void>}} options */
  constructor({ details, onRemove }) {
    Object.assign(this, { details, onRemove });
    this.place = h('span.lightbox-place');
    this.sides = [0, 1].map((side) => this.#side(side));
    this.keep = h('button.button', { type: 'button', onclick: () => this.#next() }, 'Keep both');
    this.element = h('div.beside', { role: 'dialog', 'aria-modal': 'true', 'aria-label': 'Photos that look alike', tabindex: -1, hidden: true },
      h('header.lightbox-head', {}, h('b.lightbox-name', {}, 'These look alike'), this.place, h('span.space'), this.keep, iconButton('close', 'Back (Esc)', () => this.hide())),
      h('div.beside-sides', {}, this.sides.map(({ element }) => element)));
    this.element.addEventListener('keydown', (event) => { if (event.key === 'Escape') this.hide(); });
  }

  /** @param {[string, string][]} pairs ids of photos */
  show(pairs) {
    this.#pairs = pairs;
    this.#index = 0;
    this.element.hidden = false;
    this.#uncover ??= cover(this.element);
    this.element.focus({ preventScroll: true });
    this.#open().catch(tellError);
  }

  hide() {
    this.element.hidden = true;
    this.#uncover?.();
    this.#uncover = null;
  }

  #side(side) {
    const picture = new Picture();
    const name = h('b.photo-name');
    const file = h('small');
    const remove = h('button.button', { type: 'button', onclick: () => this.#remove(side).catch(tellError) }, 'Delete this one');
    const element = h('figure.beside-side', {}, picture.element, h('figcaption', {}, h('span', {}, name, file), remove));
    return { element, picture, name, file };
  }

  async #open() {
    const pair = this.#pairs[this.#index];
    this.place.textContent = this.#pairs.length > 1 ? `${number(this.#index + 1)} of ${number(this.#pairs.length)}` : '';
    // One of them may have been deleted since.
    const photos = await Promise.all(pair.map((id) => this.details.get(id).catch(() => null)));
    if (photos.includes(null)) {
      this.#next();
      return;
    }
    await Promise.all(photos.map(async (photo, side) => {
      const { picture, name, file } = this.sides[side];
      name.textContent = photo.name;
      file.textContent = `${photo.format} · ${photo.width} × ${photo.height} · ${size(photo.bytes)}`;
      await picture.show(photo);
    }));
  }

  async #remove(side) {
    await this.onRemove([this.#pairs[this.#index][side]]);
    this.#next();
  }

  #next() {
    this.#index += 1;
    if (this.#index < this.#pairs.length) this.#open().catch(tellError);
    else this.hide();
  }
}
