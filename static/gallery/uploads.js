// Photos and zips on their way to the server, many at a time.

import { ApiError, request, upload } from '../common/api.js';
import { pause } from '../common/pause.js';
import { Sender, isLost, together } from '../common/sending.js';

const PARALLEL = 3;
const ZIP = /\.zip$/i;
const AGAIN_MS = 3000; // after the connection was lost
const FOLLOW_MS = 500; // between two looks at zips when an answer came at once

/**
 * What was brought together, and what became of it.
 * @typedef {object} Bunch
 * @property {number} total photos, and .xmp files of others
 * @property {number} ended
 * @property {import('../common/sending.js').Item[]} items what is sent by itself
 * @property {object[]} added photos
 * @property {object[]} known photos that were here already, by their bytes
 * @property {{photo: object, like: object[]}[]} alike photos that look like others
 * @property {object[]} told photos of which an .xmp file told that came by itself
 * @property {{name: string, why: string}[]} refused
 * @property {File[]} lost those that the connection failed
 */

/** Events: `change`, something has gone on; `arrived`, photos are here that were not. */
export class Uploads extends EventTarget {
  /** @type {?Bunch} */
  bunch = null;
  /** Zips being sent. @type {{name: string, fraction: number}[]} */
  sending = [];
  /** Zips on the server. @type {{id, name, state: string, done, total, added, known: number, notes: string[]}[]} */
  zips = [];
  #sender = new Sender(PARALLEL, {
    onProgress: () => this.#changed(),
    onSent: (item, answer) => this.#arrived(item, answer),
    onRefused: (item, name, error) => this.#refused(item.bunch, [item.file, item.beside], name, error),
    onEnd: ({ bunch }) => { bunch.ended += 1; this.#changed(); },
    // Layers are made when a photo is edited: of so many at a time they would keep tags waiting.
  }, { layers: false });
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

  /** @param {Iterable<File>} files photos, what lies beside them, and zips */
  async add(files) {
    const all = [...files];
    for (const zip of all.filter(({ name }) => ZIP.test(name))) this.#sendZip(zip);
    const rest = all.filter(({ name }) => !ZIP.test(name));
    if (!rest.length) return;
    if (!this.isBusy) this.bunch = { total: 0, ended: 0, items: [], added: [], known: [], alike: [], told: [], refused: [], lost: [] };
    const { bunch } = this;
    // As many as there are files until it is known which belong together.
    bunch.total += rest.length;
    this.#changed();
    let items = [];
    try {
      items = await together(rest);
    } catch (error) {
      for (const file of rest) this.#refused(bunch, [file], file.name, error);
    }
    bunch.total += items.length - rest.length;
    bunch.items.push(...items);
    for (const item of items) item.bunch = bunch;
    this.#sender.add(items, this.maxBytes);
    this.#changed();
  }

  /** Share of the bunch that was sent. */
  get fraction() {
    return this.bunch.items.reduce((sum, { fraction }) => sum + fraction, 0) / Math.max(1, this.bunch.total);
  }

  /** Sends no more of those that wait. */
  stop() {
    this.bunch.total -= this.#sender.stop().length;
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

  #arrived({ bunch, isLone }, { photo, added, like = [] }) {
    if (isLone) {
      bunch.told.push(photo);
      return;
    }
    if (!added) {
      bunch.known.push(photo);
      return;
    }
    bunch.added.push(photo);
    if (like.length) bunch.alike.push({ photo, like });
    this.dispatchEvent(new Event('arrived'));
  }

  #refused(bunch, files, name, error) {
    bunch.refused.push({ name, why: error.message });
    if (isLost(error)) bunch.lost.push(...files.filter(Boolean));
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
