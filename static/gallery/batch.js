// Low light and Straighten for many photos, each where a look at it suggests that: what is under way, what came of it.

import { ApiError, request } from '../common/api.js';
import { tellError } from '../common/dom.js';
import { isBusy } from '../common/engines.js';

const AGAIN_MS = 2000; // after the connection was lost
const DOING = { light: 'Brightening', straighten: 'Straightening' };

/** Event: `change`. */
export class Batch extends EventTarget {
  /** @type {?import('../restore/batch.js').News} */
  news = null;
  doing = 'Mending';

  get isBusy() {
    return Boolean(this.news) && isBusy(this.news);
  }

  /** @param {number} most photos at a time */
  constructor(most) {
    super();
    this.most = most;
  }

  /** @param {string[]} photos ids @param {'light' | 'straighten'} step */
  async start(photos, step) {
    if (photos.length > this.most) throw new Error(`At most ${this.most} photos can be done at a time; please choose fewer.`);
    const { batch } = await request('POST', 'restorations/batch', { photos, steps: 'auto', only: [step], size: 'full' });
    this.doing = DOING[step];
    this.#take(await request('GET', `restorations/batch/${batch}`));
    this.#follow();
  }

  /** Finds what is under way since before the page was loaded. */
  async find() {
    const { batches } = await request('GET', 'restorations/batch');
    const last = batches.findLast(isBusy);
    if (!last || this.news) return;
    this.#take(last);
    this.#follow();
  }

  async cancel() {
    await request('DELETE', `restorations/batch/${this.news.batch}`);
  }

  dismiss() {
    this.#take(null);
  }

  async #follow() {
    while (this.isBusy) {
      const { batch, number } = this.news;
      try {
        this.#take(await request('GET', `restorations/batch/${batch}?seen=${number}`));
      } catch (error) {
        if (error instanceof ApiError) {
          this.#take(null);
          tellError(error);
        } else {
          await new Promise((done) => { setTimeout(done, AGAIN_MS); });
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
