// Which photo is open. The tabs follow it: the photo open in one is open in all.

import { openSession, request } from '../common/api.js';
import { tellError, toast } from '../common/dom.js';
import { place } from '../common/place.js';
import { storage } from '../common/storage.js';
import { followTabs, openTab } from '../common/tabs.js';
import { watchUndo } from '../common/undo.js';
import { library } from './store.js';

const LAST = 'envo:last-photo';

/** What is said of a photo that a link leads to in vain; whose it is nobody is told. */
export const NOT_HERE = 'This photo is not in your library: it was deleted, or it is somebody else’s.';

/** Event: `change`, another photo is open, or none. */
class OpenPhoto extends EventTarget {
  /** @type {?import('./store.js').Photo} */
  photo = null;
  #started = null;
  #turn = 0;

  /**
   * Opens the visitor's library and the photo that was open last, once for all tabs.
   * @returns {Promise<boolean>} false: the library lasts as long as this page
   */
  start() {
    this.#started ??= this.#begin();
    return this.#started;
  }

  async #begin() {
    const { kept } = await openSession();
    await library.more();
    library.addEventListener('change', () => this.#libraryChanged());
    library.addEventListener('edited', ({ detail: { id, edit } }) => { if (id === this.photo?.id) this.photo = { ...this.photo, edit }; });
    library.addEventListener('added', ({ detail }) => this.#arrived(detail));
    library.addEventListener('refused', ({ detail }) => toast(`${detail.name}: ${detail.message}`, { kind: 'error' }));
    followTabs().catch(tellError);
    watchUndo();
    place.addEventListener('change', () => this.#follow().catch(tellError));
    await this.#follow();
    if (!this.photo && storage.get(LAST)) await this.open(storage.get(LAST), { replaces: true });
    return kept;
  }

  /**
   * Opens a photo; one that is not there changes nothing.
   * @param {string} id
   * @param {{tab?: string, replaces?: boolean}} [how] tab: that it is to be seen in; replaces: nobody has asked for it,
   *     so that Back does not return to what was open before
   * @returns {Promise<boolean>} whether it is there
   */
  async open(id, { tab = null, replaces = false } = {}) {
    this.#turn += 1;
    const turn = this.#turn;
    const photo = library.find(id) ?? (await request('GET', `photos/${id}`).catch(() => null));
    if (!photo || turn !== this.#turn) return Boolean(photo);
    if (tab) openTab(tab, { photo: id });
    if (photo.id !== this.photo?.id) this.#set(photo, { replaces });
    return true;
  }

  /** Opens the photo before (-1) or after (1) in the library. */
  neighbour(step) {
    const next = library.photos[library.photos.findIndex(({ id }) => id === this.photo?.id) + step];
    if (next) this.#set(next, { run: 'photos' });
  }

  /** Lets the photo that follows come into the place of the open one, if that is among those deleted. @param {string[]} ids */
  pass(ids) {
    const isHere = ({ id }) => !ids.includes(id);
    if (!this.photo || isHere(this.photo)) return;
    const { photos } = library;
    const at = photos.findIndex(({ id }) => id === this.photo.id);
    this.#set(photos.slice(at + 1).find(isHere) ?? photos.slice(0, Math.max(0, at)).findLast(isHere) ?? null);
  }

  /** Opens the photo that the address tells of. */
  async #follow() {
    const wanted = place.get('photo');
    if (!wanted || wanted === this.photo?.id) return;
    if (await this.open(wanted)) return;
    toast(NOT_HERE, { kind: 'error' });
    place.go({ photo: this.photo?.id ?? null }, { replaces: true });
  }

  #set(photo, how = { replaces: true }) {
    this.photo = photo;
    place.go({ photo: photo?.id ?? null }, how);
    if (photo) storage.set(LAST, photo.id);
    else storage.remove(LAST);
    this.dispatchEvent(new Event('change'));
  }

  /** A photo that is gone gives way to the next one. */
  #libraryChanged() {
    if (!this.photo) return;
    const photo = library.find(this.photo.id);
    if (photo) this.photo = photo;
    else if (library.photos.length === library.count) this.#set(library.photos[0] ?? null);
  }

  #arrived({ photo, added }) {
    if (!added) toast(`“${photo.name}” is in your library already.`);
    if (library.uploads.length <= 1 || !this.photo) this.open(photo.id, { replaces: !this.photo }).catch(tellError);
  }
}

export const current = new OpenPhoto();
