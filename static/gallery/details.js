// What is known about single photos: their tags, the people in them, their files.

import { request } from '../common/api.js';

const KEPT = 60;

/**
 * @typedef {{word: string, confidence: number, origin, originLabel, engine: string, state: 'found' | 'accepted' |
 *     'removed', parents: string[], boxes: number[][], shown: boolean}} Tag boxes: left, top, right, bottom in fractions
 *     of the upright photo
 * @typedef {import('./pages.js').Photo & {tags: Tag[], people: object[], file: object}} Detail
 */
export class Details {
  #known = new Map();

  /** @returns {Promise<Detail>} */
  get(id) {
    if (!this.#known.has(id)) {
      const asked = request('GET', `gallery/photos/${id}`);
      asked.catch(() => { if (this.#known.get(id) === asked) this.#known.delete(id); });
      this.#known.set(id, asked);
      if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value);
    }
    return this.#known.get(id);
  }

  /** What is known may have changed. */
  forget() {
    this.#known.clear();
  }
}
