// The visitor's photos, as one object that every tab shares.

import { request } from '../common/api.js';
import { Sender, together } from '../common/sending.js';

const PAGE = 200;
const CHANNEL = 'envo'; // on which windows of one browser tell each other what they saved
const PARALLEL_UPLOADS = 2;

/**
 * Photos newest first, and uploads under way.
 * Events: `change` (photos or uploads differ), `added` (detail: {photo, added}), `refused` (detail: {name, message}),
 * `edited` (an edit was saved; detail: {id, edit}), `pasted` (the server changed edits; detail: ids of the photos, null
 * for any), `all` (all photos are to be shown),
 * `masks` (the visitor made, renamed or deleted a mask; detail: {photo: id, kind, select}, see `masksChanged`).
 * @typedef {{id: string, name: string, width: number, height: number, linear: boolean, rating: number,
 *     edit: number}} Photo edit: see `Shown` in static/common/renditions.js
 */
class Library extends EventTarget {
  /** @type {Photo[]} */
  photos = [];
  count = 0;
  /** @type {{name: string, fraction: number}[]} */
  uploads = [];
  #sender = new Sender(PARALLEL_UPLOADS, {
    onProgress: () => this.#changed(),
    onSent: ({ isLone }, answer) => (isLone ? this.#replace(answer.photo) : this.#arrived(answer)),
    onRefused: (item, name, { message }) => this.#refused(name, message),
    onEnd: (item) => { this.uploads = this.uploads.filter(({ of }) => of !== item); this.#changed(); },
  });
  #loading = null;

  constructor() {
    super();
    // What another window of this browser has saved.
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.addEventListener('message', ({ data }) => { if (data.edit !== undefined) this.edited(data.photo, data.edit); });
  }

  find(id) {
    return this.photos.find((photo) => photo.id === id);
  }

  /** Loads the next page of photos. */
  async more() {
    this.#loading ??= request('GET', `photos?offset=${this.photos.length}&limit=${PAGE}`);
    try {
      const { photos, count } = await this.#loading;
      const known = new Set(this.photos.map((photo) => photo.id));
      this.photos = [...this.photos, ...photos.filter((photo) => !known.has(photo.id))];
      this.count = count;
    } finally {
      this.#loading = null;
    }
    this.#changed();
  }

  /** Loads the first page anew, when photos have come or gone in another way than through this. */
  async refresh() {
    const { photos, count } = await request('GET', `photos?offset=0&limit=${PAGE}`);
    this.photos = photos;
    this.count = count;
    this.#changed();
  }

  /**
   * Adds files, two at a time; what the server refuses does not stop the rest.
   * @param {Iterable<File>} files photos, and what lies beside them
   * @param {number} maxBytes larger ones are not sent
   */
  async add(files, maxBytes) {
    const items = await together([...files]);
    this.uploads.push(...items.map((item) => ({ of: item, name: item.file.name, get fraction() { return item.fraction; } })));
    this.#changed();
    this.#sender.add(items, maxBytes);
  }

  /** Photos deleted lately, the newest first. */
  async trash() {
    return (await request('GET', 'photos?trash=true')).photos;
  }

  /** Adds one of the app's own photos. */
  async addExample(name) {
    this.#arrived(await request('POST', `examples/${name}`));
  }

  /** @returns {Promise<Photo>} as it is now: not every name can be had */
  async rename(id, name) {
    const photo = await request('PATCH', `photos/${id}`, { name });
    this.#replace(photo);
    return photo;
  }

  /** Moves a photo to the trash; `restore` brings it back. */
  async remove(id) {
    await request('DELETE', `photos/${id}`);
    this.drop([id]);
  }

  /** Takes a photo out of the trash. */
  async restore(id) {
    await request('POST', `photos/${id}/restore`);
    await this.refresh();
  }

  /** Makes known here that photos were deleted. @param {string[]} ids */
  drop(ids) {
    const gone = new Set(ids);
    this.photos = this.photos.filter(({ id }) => !gone.has(id));
    this.count -= gone.size;
    this.#changed();
  }

  /** Makes a change of photos known here. @param {string[]} ids @param {Partial<Photo>} part */
  patch(ids, part) {
    const changed = new Set(ids);
    this.photos = this.photos.map((photo) => (changed.has(photo.id) ? { ...photo, ...part } : photo));
    this.#changed();
  }

  /** Shows a photo by another version of its edit, which was saved. */
  edited(id, edit) {
    const photo = this.find(id);
    if (photo?.edit === edit) return; // this page was the one that saved it
    if (photo) this.#replace({ ...photo, edit });
    this.dispatchEvent(new CustomEvent('edited', { detail: { id, edit } }));
  }

  /** Makes known here that the server changed edits. @param {?string[]} photos ids; null: of any */
  pasted(photos) {
    this.dispatchEvent(new CustomEvent('pasted', { detail: photos }));
  }

  /** Makes a photo that the server has just made known here, in front. */
  insert(photo) {
    this.count += this.find(photo.id) ? 0 : 1;
    this.photos = [photo, ...this.photos.filter((other) => other.id !== photo.id)];
    this.#changed();
  }

  /**
   * Tells the tabs that the masks differ that the visitor made of a photo.
   * @param {string} photo id
   * @param {{kind?: string, select?: boolean}} [which] select: the layer of this mask is wanted now
   */
  masksChanged(photo, { kind = null, select = false } = {}) {
    this.dispatchEvent(new CustomEvent('masks', { detail: { photo, kind, select } }));
  }

  /** Tells the gallery that all photos are wanted, whatever it shows. */
  showAll() {
    this.dispatchEvent(new Event('all'));
  }

  #arrived({ photo, added }) {
    this.insert(photo);
    this.dispatchEvent(new CustomEvent('added', { detail: { photo, added } }));
  }

  #replace(photo) {
    this.photos = this.photos.map((other) => (other.id === photo.id ? photo : other));
    this.#changed();
  }

  #refused(name, message) {
    this.dispatchEvent(new CustomEvent('refused', { detail: { name, message } }));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

export const library = new Library();
