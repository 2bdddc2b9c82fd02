// The photos that a query finds, a page at a time.

import { request } from '../common/api.js';
import { tellError } from '../common/dom.js';

const PAGE = 200;

/**
 * Event: `change`, other photos are known.
 * @typedef {import('../library/store.js').Photo & {title: string, taken: ?string, camera: string, tagged: boolean,
 *     trouble: string, faces: number, confidence: ?number, focus: ?[number, number]}} Photo focus: what is to be seen
 *     where it is cut to a square, from 0 to 1
 */
export class Pages extends EventTarget {
  /** Of the photos found; null until the server has answered. @type {?number} */
  count = null;
  #pages = new Map(); // by number
  #stale = new Set(); // numbers of pages that may differ on the server
  #loading = new Map();
  #turn = 0; // grows when what was asked for is no longer wanted
  #ids = null;

  /** @param {import('./query.js').Query} query */
  constructor(query) {
    super();
    this.query = query;
    query.addEventListener('change', () => this.#begin());
  }

  /** @returns {?Photo} null while it is not known */
  at(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null;
  }

  /** Where a photo stands, of those that are known; -1 for others. */
  indexOf(id) {
    for (const [number, page] of this.#pages) {
      const place = page.findIndex((photo) => photo.id === id);
      if (place >= 0) return number * PAGE + place;
    }
    return -1;
  }

  /** @returns {?Photo} of those that are known */
  find(id) {
    const index = this.indexOf(id);
    return index < 0 ? null : this.at(index);
  }

  /** Loads what is missing or stale of the photos from one to before another. */
  async ensure(from, to) {
    const numbers = [];
    for (let number = Math.floor(from / PAGE); number * PAGE < Math.max(to, from + 1); number += 1) numbers.push(number);
    const wanted = numbers.filter((number) => !this.#pages.has(number) || this.#stale.has(number));
    await Promise.all(wanted.map((number) => this.#load(number)));
  }

  /** A photo that may not be known yet. @returns {Promise<?Photo>} */
  async get(index) {
    await this.ensure(index, index + 1);
    return this.at(index);
  }

  /** Ids of all photos found, in their order. @returns {Promise<string[]>} */
  ids() {
    this.#ids ??= request('GET', `gallery/ids?${this.query.params()}`).then(({ ids }) => ids);
    this.#ids.catch(() => { this.#ids = null; });
    return this.#ids;
  }

  /** Takes what is known for stale; it stays until the server has answered. */
  refresh() {
    this.#turn += 1;
    this.#ids = null;
    this.#loading.clear();
    this.#stale = new Set(this.#pages.keys());
    if (!this.count) this.ensure(0, 1).catch(tellError);
    this.#changed();
  }

  /** Shows a change before the server tells of it. @param {Set<string>} ids @param {Partial<Photo>} part */
  patch(ids, part) {
    for (const [number, page] of this.#pages) {
      if (page.some(({ id }) => ids.has(id))) this.#pages.set(number, page.map((photo) => (ids.has(photo.id) ? { ...photo, ...part } : photo)));
    }
    this.#changed();
  }

  /** Asks for something else from its beginning. */
  #begin() {
    this.#turn += 1;
    this.#ids = null;
    this.count = null;
    for (const each of [this.#pages, this.#stale, this.#loading]) each.clear();
    this.ensure(0, 1).catch(tellError);
    this.#changed();
  }

  #load(number) {
    if (!this.#loading.has(number)) {
      const turn = this.#turn;
      const asked = request('GET', `gallery/photos?${this.query.params({ limit: PAGE })}&offset=${number * PAGE}`).then(({ photos, count }) => {
        if (turn !== this.#turn) return;
        this.#pages.set(number, photos);
        this.#stale.delete(number);
        this.count = count;
        for (const other of [...this.#pages.keys()]) if (other * PAGE >= count) this.#pages.delete(other);
        this.#changed();
      }).finally(() => { if (turn === this.#turn) this.#loading.delete(number); });
      this.#loading.set(number, asked);
    }
    return this.#loading.get(number);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
