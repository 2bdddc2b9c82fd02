// Many photos restored at once, on the server: asked for, followed, cancelled.

import { ApiError, request } from './api.js';
import { tellError } from './dom.js';
import { isBusy } from './engines.js';
import { pause } from './pause.js';

const PATH = 'restorations/batch';
const AGAIN_MS = 2000; // after the connection was lost

/**
 * @typedef {object} News of many photos
 * @property {string} batch id
 * @property {string} state
 * @property {number} number
 * @property {number} total
 * @property {number} done
 * @property {?{name, step: string, fraction: ?number}} current
 * @property {{photo, name, state, why: string, restored: ?string}[]} items
 */

/** Events: `change`, `done` (all have ended). */
export class Batch extends EventTarget {
  /** @type {?News} */
  news = null;

  get isBusy() {
    return Boolean(this.news) && isBusy(this.news);
  }

  /** Has photos restored. @param {object} wish as the server takes it */
  async ask(wish) {
    const { batch } = await request('POST', PATH, wish);
    this.#take(await request('GET', `${PATH}/${batch}`));
    this.#follow();
  }

  /** Finds the last one that was asked for before the page was loaded. @param {(news: News) => boolean} [counts] */
  async find(counts = () => true) {
    const { batches } = await request('GET', PATH);
    const last = batches.findLast(counts);
    if (!last || this.news) return;
    this.#take(last);
    this.#follow();
  }

  async cancel() {
    await request('DELETE', `${PATH}/${this.news.batch}`);
  }

  /** What became of it is no longer wanted. */
  dismiss() {
    this.#take(null);
  }

  async #follow() {
    while (this.isBusy) {
      const { batch, number } = this.news;
      try {
        this.#take(await request('GET', `${PATH}/${batch}?seen=${number}`));
      } catch (error) {
        if (error instanceof ApiError) {
          this.dismiss();
          tellError(error);
        } else {
          await pause(AGAIN_MS);
        }
      }
    }
    if (this.news) this.dispatchEvent(new Event('done'));
  }

  #take(news) {
    this.news = news;
    this.dispatchEvent(new Event('change'));
  }
}
