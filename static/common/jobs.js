// What is done to photos on the server: asked for, followed, cancelled. What is done to other photos goes on and is
// followed, too.

import { address, ApiError, isAway, request } from './api.js';
import { isBusy } from './engines.js';
import { pause } from './pause.js';

const AGAIN_MS = 2000; // after the connection was lost

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {string} photo id
 * @property {string} state `waiting`, `working`, `failed`; or `sending` before the server has it
 * @property {string} step what is being done, or why it failed
 * @property {?number} fraction
 * @property {?string} preview address of a picture of the result so far
 * @property {?object} wish what was asked for, where it was asked for in this window
 * and what else the server tells of it
 */

/**
 * Events: `change`, `done` (detail: {job, news}, news is the server's last answer), `gone` (detail: job; it was cancelled, or the server does not know
 * it any more).
 */
export class Jobs extends EventTarget {
  /** @type {Job[]} in the order in which they were asked for */
  all = [];
  #following = new Set();
  #numbers = 0;

  /**
   * @param {{path: string, listed: string, sending: string, queue?: (job: object) => string}} options
   *     path: what the routes of a photo are called that start, follow and cancel one; listed: where the answer to `path`
   *     has those under way; sending: what is said while one is asked for; queue: which of the server's queues one is in
   */
  constructor({ path, listed, sending, queue = () => path }) {
    super();
    Object.assign(this, { path, listed, sending, queue });
  }

  /** Those of a photo, with those that failed. @param {string} photo id */
  of(photo) {
    return this.all.filter((job) => job.photo === photo);
  }

  /**
   * Has something done.
   * @param {string} photo id
   * @param {object} body of the request
   * @param {object} [about] what the job has besides, until the server tells more
   * @param {string} [path] where else it is asked for
   * @throws {Error} it was refused at once
   */
  async start(photo, body, about = {}, path = this.path) {
    this.#numbers += 1;
    const job = { ...about, id: `new-${this.#numbers}`, photo, state: 'sending', step: this.sending, fraction: null, preview: null, number: -1, wish: body };
    this.all = [...this.all, job];
    this.#tell('change');
    try {
      job.id = (await request('POST', `photos/${photo}/${path}`, body)).job;
      job.state = 'waiting';
    } catch (error) {
      this.#drop(job);
      throw error;
    }
    this.#tell('change');
    if (job.unwanted) await this.cancel(job);
    this.#follow();
  }

  /** Finds what is done to a photo without this window knowing. @param {string} photo id */
  async find(photo) {
    const answer = await request('GET', `photos/${photo}/${this.path}`);
    this.take(photo, answer[this.listed]);
    return answer;
  }

  /** Takes what the server says is under way. */
  take(photo, found) {
    const known = new Set(this.all.map(({ id }) => id));
    const news = found.filter(({ job }) => !known.has(job));
    if (!news.length) return;
    this.all = [...this.all, ...news.map(({ job, ...told }) => ({ ...told, id: job, photo, preview: null, number: -1, wish: null }))];
    this.#tell('change');
    this.#follow();
  }

  /** Gives a job up; one that failed is forgotten. */
  async cancel(job) {
    if (job.state === 'failed') {
      this.#drop(job);
    } else if (job.state === 'sending') {
      job.unwanted = true;
    } else {
      job.step = 'Stopping';
      this.#tell('change');
      await request('DELETE', this.#address(job));
      await this.#look(job);
    }
  }

  /** Follows the first of each queue; the ones behind it only wait, and browsers allow few requests at a time. */
  #follow() {
    for (const queue of new Set(this.all.map(this.queue))) {
      const first = this.all.find((job) => this.queue(job) === queue && isBusy(job));
      if (first && !this.#following.has(queue)) this.#followOne(first, queue);
    }
  }

  async #followOne(job, queue) {
    this.#following.add(queue);
    while (isBusy(job)) {
      try {
        this.#take(job, await request('GET', `${this.#address(job)}?seen=${job.number}`));
      } catch (error) {
        if (error instanceof ApiError && error.status < 500) this.#drop(job);
        else if (error instanceof ApiError && !isAway(error.status)) this.#fail(job, error.message);
        else {
          job.step = 'The connection was lost; trying again';
          this.#tell('change');
          await pause(AGAIN_MS);
        }
      }
    }
    this.#following.delete(queue);
    this.#follow();
    // The ones behind it have moved up.
    await Promise.all(this.all.filter((other) => this.queue(other) === queue && isBusy(other)).map((other) => this.#look(other).catch(() => {})));
  }

  /** Asks once how far a job is. */
  async #look(job) {
    const news = await request('GET', this.#address(job));
    if (isBusy(job)) this.#take(job, news);
  }

  #address({ photo, id }) {
    return `photos/${photo}/${this.path}/${id}`;
  }

  #take(job, news) {
    const { state, preview, ...told } = news;
    if (state === 'done') {
      this.all = this.all.filter((other) => other !== job);
      job.state = state;
      this.#tell('done', { job, news });
      this.#tell('change');
    } else if (state === 'cancelled') {
      this.#drop(job);
    } else {
      Object.assign(job, told, { state });
      if (preview !== null) job.preview = address(`${this.#address(job)}/preview?number=${preview}`);
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
