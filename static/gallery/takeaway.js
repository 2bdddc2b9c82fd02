// Photos to download: which, how, and with what is known about them.

import { address, request } from '../common/api.js';
import { h, icon, tellError } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { Segmented } from '../common/segmented.js';
import { allSent } from '../library/unsaved.js';
import { many } from './said.js';

const AS = { edited: 'As edited', original: 'As they came' };
const KINDS = [
  ['zip', 'Photos, as a zip', 'tags, people, titles and stars written in'],
  ['csv', 'A table', 'CSV of all that is known'],
  ['json', 'Data', 'JSON of all that is known'],
];

export class TakeAway {
  #ids = [];
  #as = 'edited';

  /** @param {{onExport: (ids: string[]) => void}} options onExport: photos are to be exported; none: all there are */
  constructor({ onExport }) {
    this.which = h('p.take-which');
    this.as = new Segmented('Photos as', AS, (as) => { this.#as = as; this.as.show(as); });
    this.as.show(this.#as);
    this.kinds = KINDS.map(([kind, label, about]) => h('button', { type: 'button', 'data-kind': kind, onclick: () => this.#take(kind).catch(tellError) },
      icon('download'), h('span', {}, label, h('small', {}, about))));
    this.exporting = h('button', { type: 'button', 'data-kind': 'export', onclick: () => { this.element.hidePopover(); onExport(this.#ids); } },
      icon('sliders'), h('span', {}, 'Export…', h('small', {}, 'format, size, colour, names: a zip, or new photos')));
    this.element = menu('take-away', 'Download', this.which, this.as.element, this.kinds, this.exporting);
  }

  /** Asks how. @param {string[]} ids of photos; none: all there are @param {HTMLElement} by where to */
  ask(ids, by) {
    this.#ids = ids;
    this.which.textContent = ids.length ? many(ids.length, 'photo') : 'All photos';
    toggleMenu(this.element, by);
  }

  async #take(kind) {
    this.element.hidePopover();
    const which = this.#ids.length ? { photos: this.#ids } : { all: true };
    await allSent();
    const { path } = await request('POST', 'gallery/takeaway', { ...which, as: this.#as, kind });
    h('a', { href: address(path), download: '' }).click();
  }
}
