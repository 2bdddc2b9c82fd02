// Actions under way: asked for, followed, cancelled. Those of other photos go on and are followed, too.

import { address, ApiError, request } from '../common/api.js';
import { isBusy } from '../common/engines.js';

const AGAIN_MS = 2000; // after the connection was lost

const later = () => new Promise((done) => setTimeout(done, AGAIN_MS));

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {string} photo id
 * @property {string} action
 * @property {string} state `waiting`, `working`, `failed`; or `sending` before the server has it
 * @property {string} step what is being done, or why it failed
 * @property {?number} fraction
 * @property {?string} preview address of a picture of the result so far
 * @property {?object} wish what was asked for, where it was asked for in this window
 */

/**
 * Events: `change`, `done` (detail: {job, results}), `gone` (detail: job; it was cancelled, or the server does not know
 * it any more).
 */
export class Jobs extends EventTarget {
  /** @type {Job[]} in the order in which they were asked for */
  all = [];
  #following = new Set();
  #numbers = 0;

  /** Those of a photo, and those that failed. @param {string} photo id */
  of(photo) {
    return this.all.filter((job) => job.photo === photo);
  }

  /**
   * Has an action done.
   * @param {string} photo id
   * @param {object} body of the request
   * @throws {Error} it was refused at once
   */
  async start(photo, body) {
    this.#numbers += 1;
    const job = { id: `new-${this.#numbers}`, photo, action: body.action, state: 'sending', step: 'Sending the selection', fraction: null, preview: null, number: -1, wish: body };
    this.all = [...this.all, job];
    this.#tell('change');
    try {
      job.id = (await request('POST', `photos/${photo}/actions`, body)).job;
      job.state = 'waiting';
    } catch (error) {
      this.#drop(job);
      throw error;
    }
    this.#tell('change');
    if (job.unwanted) await this.cancel(job);
    this.#follow();
  }

  /** Finds the actions on a photo that are under way without this window knowing. @param {string} photo id */
  async find(photo) {
    const { actions: found } = await request('GET', `photos/${photo}/actions`);
    const known = new Set(this.all.map(({ id }) => id));
    const news = found.filter(({ job }) => !known.has(job));
    if (!news.length) return;
    this.all = [...this.all, ...news.map(({ job, action, state, step, fraction }) => ({ id: job, photo, action, state, step, fraction, preview: null, number: -1, wish: null }))];
    this.#tell('change');
    this.#follow();
  }

  /** Gives an action up; of one that failed, forgets it. */
  async cancel(job) {
    if (job.state === 'failed') {
      this.#drop(job);
    } else if (job.state === 'sending') {
      job.unwanted = true;
    } else {
      job.step = 'Stopping';
      this.#tell('change');
      await request('DELETE', `photos/${job.photo}/actions/${job.id}`);
      await this.#look(job);
    }
  }

  /** Follows the first of each queue; the ones behind it only wait, and browsers allow few requests at a time. */
  #follow() {
    for (const queue of [true, false]) {
      const first = this.all.find((job) => (job.action === 'replace') === queue && isBusy(job));
      if (first && !this.#following.has(queue)) this.#followOne(first, queue);
    }
  }

  async #followOne(job, queue) {
    this.#following.add(queue);
    while (isBusy(job)) {
      try {
        this.#take(job, await request('GET', `photos/${job.photo}/actions/${job.id}?seen=${job.number}`));
      } catch (error) {
        if (error instanceof ApiError && error.status < 500) this.#drop(job);
        else if (error instanceof ApiError) this.#fail(job, error.message);
        else {
          job.step = 'The connection was lost; trying again';
          this.#tell('change');
          await later();
        }
      }
    }
    this.#following.delete(queue);
    this.#follow();
    // The ones behind it have moved up.
    await Promise.all(this.all.filter((other) => (other.action === 'replace') === queue && isBusy(other)).map((other) => this.#look(other).catch(() => {})));
  }

  /** Asks once how far an action is. */
  async #look(job) {
    const news = await request('GET', `photos/${job.photo}/actions/${job.id}`);
    if (isBusy(job)) this.#take(job, news);
  }

  #take(job, { state, step, fraction, number, preview, results }) {
    if (state === 'done') {
      this.all = this.all.filter((other) => other !== job);
      job.state = state;
      this.#tell('done', { job, results });
      this.#tell('change');
    } else if (state === 'cancelled') {
      this.#drop(job);
    } else {
      Object.assign(job, { state, step, fraction, number });
      if (preview !== null) job.preview = address(`photos/${job.photo}/actions/${job.id}/preview?number=${preview}`);
      this.#tell('change');
    }
  }

  #fail(job, reason) {
    Object.assign(job, { state: 'failed', step: reason, fraction: null });
    this.#tell('change');
  }

  #drop(job) {
    job.state = 'gone';
    this.all = this.all.filter((other) => other !== job);
    this.#tell('gone', job);
    this.#tell('change');
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
