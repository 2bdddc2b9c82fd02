// Files on their way to the server, some at a time: photos, each with what lies beside it, and .xmp files by themselves.

import { ApiError, request, upload } from './api.js';
import { pathOf } from './files.js';

const BESIDE = /\.(xmp|json)$/i;

/**
 * What is sent by itself.
 * @typedef {object} Item
 * @property {File} file a photo, or an .xmp file of a photo that is on the server
 * @property {?File} beside what lies beside the photo and says something of it
 * @property {boolean} isLone whether the file is no photo
 * @property {?string} why it is not sent
 * @property {number} fraction of it that was sent
 */

/**
 * Finds what belongs together among files that were brought together: the server knows how programs name them.
 * @param {File[]} files
 * @returns {Promise<Item[]>}
 */
export async function together(files) {
  const item = (file, beside = null, isLone = false, unsent = null) => ({ file, beside, isLone, why: unsent, fraction: 0 });
  const photos = files.filter(({ name }) => !BESIDE.test(name));
  if (photos.length === files.length) return files.map((file) => item(file));
  const { pairs, lone, outdone, why } = await request('POST', 'pairs', { paths: files.map(pathOf) });
  const beside = new Map(pairs.map(([photo, other]) => [files[photo], files[other]]));
  const items = [
    ...photos.map((file) => item(file, beside.get(file))),
    ...lone.map((place) => item(files[place], null, true)),
    ...outdone.map((place) => item(files[place], null, true, why)),
  ];
  // Where there is nothing else, what is no photo is not passed over without a word.
  return items.length ? items : files.map((file) => item(file));
}

/** Sends items in the order in which they came. */
export class Sender {
  #waiting = [];
  #running = 0;

  /**
   * @param {number} parallel so many at a time
   * @param {{onProgress: (item: Item) => void, onSent: (item: Item, answer: {photo: object, added: boolean, like: object[]}) => void,
   *     onRefused: (item: Item, name: string, error: Error) => void, onEnd: (item: Item) => void}} hear onRefused: the
   *     photo, or what lies beside one that was sent; ApiError: by the server
   * @param {{layers?: boolean}} [wanted] layers: whether they are made before a photo is edited
   */
  constructor(parallel, hear, { layers = true } = {}) {
    Object.assign(this, { parallel, hear, layers });
  }

  /** @param {Item[]} items @param {number} maxBytes photos that are larger are not sent */
  add(items, maxBytes) {
    this.#waiting.push(...items.map((item) => ({ item, maxBytes })));
    while (this.#running < this.parallel && this.#waiting.length) this.#run();
  }

  /** Sends no more of those that wait; gives them. */
  stop() {
    return this.#waiting.splice(0).map(({ item }) => item);
  }

  async #run() {
    this.#running += 1;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { item, maxBytes } = next;
      try {
        const answer = await this.#send(item, maxBytes);
        this.hear.onSent(item, item.beside ? { ...answer, ...await this.#sendBeside(item, answer) } : answer);
      } catch (error) {
        this.hear.onRefused(item, item.file.name, error);
      }
      this.hear.onEnd(item);
    }
    this.#running -= 1;
  }

  #send(item, maxBytes) {
    const { file, isLone, why } = item;
    const told = (fraction) => {
      item.fraction = fraction;
      this.hear.onProgress(item);
    };
    const name = encodeURIComponent(file.name);
    if (why) throw new Unsent(why);
    if (isLone) return upload(`sidecars?name=${name}`, file, told);
    if (file.size > maxBytes) throw new Unsent(`The file is larger than ${Math.round(maxBytes / 2 ** 20)} MB; please bring a smaller one.`);
    return upload(`photos?name=${name}&layers=${this.layers}`, file, told);
  }

  /** Gives what that changes of the answer; a photo is here whatever becomes of what lies beside it. */
  async #sendBeside(item, { photo }) {
    try {
      return await upload(`photos/${photo.id}/sidecar?name=${encodeURIComponent(item.beside.name)}`, item.beside, () => {});
    } catch (error) {
      this.hear.onRefused(item, item.beside.name, error);
      return {};
    }
  }
}

/** Why something is not sent. */
class Unsent extends Error {}

/** Whether sending a file again may do: the connection failed. */
export const isLost = (error) => !(error instanceof ApiError || error instanceof Unsent);
