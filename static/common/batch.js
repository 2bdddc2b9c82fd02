// Something done to many photos at once, on the server: asked for, followed, cancelled.

import { ApiError, request } from './api.js';
import { tellError } from './dom.js';
import { isBusy } from './engines.js';
import { pause } from './pause.js';

const AGAIN_MS = 2000; // after the connection was lost

/**
 * @typedef {object} News of many photos
 * @property {string} batch id
 * @property {string} state
 * @property {number} number
 * @property {number} total
 * @property {number} done
 * @property {?{name, step: string, fraction: ?number}} current
 * @property {{photo, name, state, why: string, made: ?string}[]} items
 */

/** Events: `change`, `done` (all have ended). */
export class Batch extends EventTarget {
  /** @type {?News} */
  news = null;

  get isBusy() {
    return Boolean(this.news) && isBusy(this.news);
  }

  /** @param {string} [path] of the routes by which they are asked for */
  constructor(path = 'restorations/batch') {
    super();
    this.path = path;
  }

  /** Has it done. @param {object} wish as the server takes it */
  async ask(wish) {
    const { batch } = await request('POST', this.path, wish);
    this.#take(await request('GET', `${this.path}/${batch}`));
    this.#follow();
  }

  /** Finds the last one that was asked for before the page was loaded. @param {(news: News) => boolean} [counts] */
  async find(counts = () => true) {
    const { batches } = await request('GET', this.path);
    const last = batches.findLast(counts);
    if (!last || this.news) return;
    this.#take(last);
    this.#follow();
  }

  async cancel() {
    await request('DELETE', `${this.path}/${this.news.batch}`);
  }

  /** What became of it is no longer wanted. */
  dismiss() {
    this.#take(null);
  }

  async #follow() {
    while (this.isBusy) {
      const { batch, number } = this.news;
      try {
        this.#take(await request('GET', `${this.path}/${batch}?seen=${number}`));
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
