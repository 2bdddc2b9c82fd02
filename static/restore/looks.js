// What a look at a photo says: which steps would help it, and why.

import { request } from '../common/api.js';
import { isBusy } from '../common/engines.js';

/**
 * @typedef {object} News
 * @property {string} state `waiting`, `working`, `done` or `failed`
 * @property {string} step what is being done, or why it failed
 * @property {?number} fraction
 * @property {number} number
 * @property {?Object<string, {wanted: boolean, reason: string, settings: object}>} looks by the id of the step
 * @property {?Object<string, Object<string, Object<string, number>>>} seconds by step, engine and size
 */

/** By photo. Event: `change` (detail: id of the photo). */
export class Looks extends EventTarget {
  #known = new Map();

  /** @returns {?News} */
  of(photo) {
    return this.#known.get(photo) ?? null;
  }

  /**
   * Follows the look at a photo until it has ended, or nobody waits for it any more.
   * @param {string} photo id
   * @param {() => boolean} stale
   */
  async follow(photo, stale) {
    let news = this.#known.get(photo) ?? { state: 'waiting', number: -1 };
    while (isBusy(news) && !stale()) {
      news = await request('GET', `photos/${photo}/look?seen=${news.number}`);
      this.#known.set(photo, news);
      this.dispatchEvent(new CustomEvent('change', { detail: photo }));
    }
  }
}
