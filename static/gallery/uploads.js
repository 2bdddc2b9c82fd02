// Photos and zips on their way to the server, many at a time.

import { ApiError, request, upload } from '../common/api.js';

const PARALLEL = 3;
const ZIP = /\.zip$/i;
const AGAIN_MS = 3000; // after the connection was lost
const FOLLOW_MS = 500; // between two looks at zips when an answer came at once

/**
 * What was brought together, and what became of it.
 * @typedef {object} Bunch
 * @property {number} total photos
 * @property {number} ended
 * @property {number} sent share of what is being sent just now, in photos
 * @property {object[]} added photos
 * @property {object[]} known photos that were here already, by their bytes
 * @property {{photo: object, like: object[]}[]} alike photos that look like others
 * @property {{name: string, why: string}[]} refused
 * @property {File[]} lost those of them that the connection failed
 */

/** Events: `change`, something has gone on; `arrived`, photos are here that were not. */
export class Uploads extends EventTarget {
  /** @type {?Bunch} */
  bunch = null;
  /** Zips being sent. @type {{name: string, fraction: number}[]} */
  sending = [];
  /** Zips on the server. @type {{id, name, state: string, done, total, added, known: number, notes: string[]}[]} */
  zips = [];
  #waiting = [];
  #running = 0;
  #following = false;

  /** @param {number} maxBytes of a photo */
  constructor(maxBytes) {
    super();
    this.maxBytes = maxBytes;
    addEventListener('beforeunload', (event) => { if (this.isBusy || this.sending.length) event.preventDefault(); });
  }

  get isBusy() {
    return Boolean(this.bunch) && this.bunch.ended < this.bunch.total;
  }

  /** @param {Iterable<File>} files photos and zips */
  add(files) {
    const all = [...files];
    for (const zip of all.filter(({ name }) => ZIP.test(name))) this.#sendZip(zip);
    const photos = all.filter(({ name }) => !ZIP.test(name));
    if (!photos.length) return;
    if (!this.isBusy) this.bunch = { total: 0, ended: 0, sent: 0, added: [], known: [], alike: [], refused: [], lost: [] };
    this.bunch.total += photos.length;
    this.#waiting.push(...photos);
    for (; this.#running < Math.min(PARALLEL, this.#waiting.length); this.#running += 1) this.#send();
    this.#changed();
  }

  /** Sends no more of those that wait. */
  stop() {
    this.bunch.total -= this.#waiting.length;
    this.#waiting = [];
    this.#changed();
  }

  /** What became of them is no longer wanted. */
  dismiss() {
    this.bunch = null;
    this.#changed();
  }

  /** Takes a zip off the list; one that is being unpacked ends. */
  async removeZip(id) {
    await request('DELETE', `gallery/zips/${id}`);
    this.zips = this.zips.filter((zip) => zip.id !== id);
    this.#changed();
  }

  /** Finds zips that are being unpacked. */
  async follow() {
    if (this.#following) return;
    this.#following = true;
    let seen = -1;
    do {
      try {
        const asked = performance.now();
        const { number, arrivals } = await request('GET', `gallery/zips?seen=${seen}`);
        this.#take(arrivals);
        if (number === seen && performance.now() - asked < FOLLOW_MS) await pause(FOLLOW_MS);
        seen = number;
      } catch (error) {
        if (error instanceof ApiError) break;
        await pause(AGAIN_MS);
      }
    } while (this.zips.some(({ state }) => state === 'working'));
    this.#following = false;
  }

  async #send() {
    const { bunch } = this;
    for (let file = this.#waiting.shift(); file; file = this.#waiting.shift()) {
      let sent = 0;
      try {
        if (file.size > this.maxBytes) throw new Error(`It is larger than ${Math.round(this.maxBytes / 2 ** 20)} MB.`);
        // Layers are made when a photo is edited: of so many at a time they would keep tags waiting.
        this.#arrived(bunch, await upload(`photos?name=${encodeURIComponent(file.name)}&layers=false`, file, (fraction) => {
          bunch.sent += fraction - sent;
          sent = fraction;
          this.#changed();
        }));
      } catch (error) {
        bunch.refused.push({ name: file.name, why: error.message });
        if (!(error instanceof ApiError) && file.size <= this.maxBytes) bunch.lost.push(file);
      }
      bunch.sent -= sent;
      bunch.ended += 1;
      this.#changed();
    }
    this.#running -= 1;
  }

  #arrived(bunch, { photo, added, like = [] }) {
    if (!added) {
      bunch.known.push(photo);
      return;
    }
    bunch.added.push(photo);
    if (like.length) bunch.alike.push({ photo, like });
    this.dispatchEvent(new Event('arrived'));
  }

  async #sendZip(file) {
    const entry = { name: file.name, fraction: 0 };
    this.sending.push(entry);
    this.#changed();
    try {
      const { arrival } = await upload(`gallery/zips?name=${encodeURIComponent(file.name)}`, file, (fraction) => {
        entry.fraction = fraction;
        this.#changed();
      });
      this.#take([...this.zips, arrival]);
      this.follow();
    } catch (error) {
      this.dispatchEvent(new CustomEvent('refused', { detail: { name: file.name, message: error.message } }));
    } finally {
      this.sending = this.sending.filter((other) => other !== entry);
      this.#changed();
    }
  }

  #take(zips) {
    const added = new Map(this.zips.map((zip) => [zip.id, zip.added]));
    this.zips = zips;
    if (zips.some((zip) => zip.added > (added.get(zip.id) ?? 0))) this.dispatchEvent(new Event('arrived'));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
