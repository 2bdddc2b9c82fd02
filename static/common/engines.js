// Which engines a capability has, and getting the weights of one.

import { request } from './api.js';
import { pause } from './pause.js';

const LOOK_AGAIN_MS = 1500; // while weights are fetched, or the hub has not answered yet
const HUB_TRIES = 3;

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} label
 * @property {boolean} available
 * @property {string} licence
 * @property {number} bytes of its weights
 * @property {string} how a sentence on how to get it
 */

/** What the server says of engines. Events: `change`, `fetched` (weights that were asked for have come). */
export class EngineList extends EventTarget {
  /** The whole answer. */
  news = {};
  /** @type {?boolean} whether weights can be fetched; null: not known yet */
  hub = null;
  /** @type {Object<string, {state, step: string, fraction: ?number}>} by the name of the engine */
  fetching = {};
  #looking = false;

  /** @param {string} path of the route, such as `select/engines` */
  constructor(path) {
    super();
    this.path = path;
  }

  /** Asks; again while something is under way. */
  async look() {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (let tries = 0; ; tries += 1) {
        const were = Object.entries(this.fetching).filter(([, { state }]) => state !== 'failed').map(([name]) => name);
        this.news = await request('GET', this.path);
        this.hub = this.news.hub;
        this.fetching = this.news.fetching ?? {};
        this.dispatchEvent(new Event('change'));
        if (were.some((name) => !this.fetching[name])) this.dispatchEvent(new Event('fetched'));
        const busy = Object.values(this.fetching).some(isBusy);
        if (!busy && (this.hub !== null || tries >= HUB_TRIES)) return;
        await pause(LOOK_AGAIN_MS);
      }
    } finally {
      this.#looking = false;
    }
  }

  /** Has the weights of an engine fetched. */
  async fetch(name) {
    await request('POST', `${this.path}/${name}/fetch`);
    await this.look();
  }
}

/** Whether something in the background has not ended. */
export function isBusy({ state }) {
  return state === 'waiting' || state === 'working';
}
