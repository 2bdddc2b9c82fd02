// How far the tagging of photos is, and that something about them has changed.

import { request } from '../common/api.js';
import { pause } from '../common/pause.js';

const AGAIN_MS = 3000; // after the connection was lost
const PAUSE_MS = 400; // between two answers: there may be many a second
const REFRESH_MS = 2000; // between two looks at what has changed: photos are tagged many a second

/**
 * Events: `news`, how far it is; `change`, tags, faces or people have changed.
 * @typedef {{number: number, state: string, step: string, fraction: ?number, done, total: number, pace: ?number,
 *     version: number}} Told pace: photos a second
 */
export class News extends EventTarget {
  /** @type {?Told} */
  told = null;
  #follows = false;
  #shown = false;
  #version = null;
  #telling = null;
  #told = -Infinity; // when it was last told, in milliseconds

  /** Listens while the tab is seen. */
  listen(shown) {
    this.#shown = shown;
    if (shown) this.#follow();
  }

  get isBusy() {
    return ['waiting', 'working'].includes(this.told?.state);
  }

  async #follow() {
    if (this.#follows) return;
    this.#follows = true;
    while (this.#shown) {
      const told = await request('GET', `gallery/news?seen=${this.told?.number ?? -1}`).catch(() => null);
      if (told) this.#take(told);
      await pause(told ? PAUSE_MS : AGAIN_MS);
    }
    this.#follows = false;
  }

  #take(told) {
    this.told = told;
    this.dispatchEvent(new Event('news'));
    if (this.#version !== null && told.version !== this.#version) this.#change();
    this.#version = told.version;
  }

  #change() {
    const wait = this.#told + REFRESH_MS - performance.now();
    this.#telling ??= setTimeout(() => {
      this.#telling = null;
      this.#told = performance.now();
      this.dispatchEvent(new Event('change'));
    }, Math.max(0, wait));
  }
}
