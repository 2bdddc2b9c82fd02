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
 * @property {number} edit version of the photo's edit that was looked at; 0: the photo as it came
 */

/** By photo. Event: `change` (detail: id of the photo). */
export class Looks extends EventTarget {
  #known = new Map();

  /** @param {string} photo id @returns {?News} */
  of(photo) {
    return this.#known.get(photo) ?? null;
  }

  /**
   * Follows the look at a photo until it has ended, or nobody waits for it any more.
   * @param {import('../common/renditions.js').Shown} photo as it is begun with
   * @param {() => boolean} stale
   */
  async follow({ id, edit }, stale) {
    const known = this.#known.get(id);
    let news = known?.edit === edit ? known : { state: 'waiting', number: -1 };
    while (isBusy(news) && !stale()) {
      const told = await request('GET', `photos/${id}/look?seen=${news.number}&original=${!edit}`);
      if (stale()) return;
      news = { ...told, edit };
      this.#known.set(id, news);
      this.dispatchEvent(new CustomEvent('change', { detail: id }));
    }
  }
}
