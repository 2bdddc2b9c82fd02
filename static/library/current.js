// Which photo is open. The tabs follow it: the photo open in one is open in all.

import { openSession, request } from '../common/api.js';
import { tellError, toast } from '../common/dom.js';
import { storage } from '../common/storage.js';
import { library } from './store.js';

const LAST = 'envo:last-photo';

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
    const kept = await openSession();
    await library.more();
    library.addEventListener('change', () => this.#libraryChanged());
    library.addEventListener('edited', ({ detail: { id, edit } }) => { if (id === this.photo?.id) this.photo = { ...this.photo, edit }; });
    library.addEventListener('added', ({ detail }) => this.#arrived(detail));
    library.addEventListener('refused', ({ detail }) => toast(`${detail.name}: ${detail.message}`, { kind: 'error' }));
    const wanted = new URLSearchParams(location.hash.slice(1)).get('photo') ?? storage.get(LAST);
    if (wanted) await this.open(wanted);
    return kept;
  }

  /** Opens a photo; one that is not there changes nothing. */
  async open(id) {
    this.#turn += 1;
    const turn = this.#turn;
    const photo = library.find(id) ?? (await request('GET', `photos/${id}`).catch(() => null));
    if (photo && turn === this.#turn && photo.id !== this.photo?.id) this.#set(photo);
  }

  /** Opens the photo before (-1) or after (1) in the library. */
  neighbour(step) {
    const next = library.photos[library.photos.findIndex(({ id }) => id === this.photo?.id) + step];
    if (next) this.#set(next);
  }

  #set(photo) {
    this.photo = photo;
    history.replaceState(null, '', photo ? `#photo=${photo.id}` : location.pathname + location.search);
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
    if (library.uploads.length <= 1 || !this.photo) this.open(photo.id).catch(tellError);
  }
}

export const current = new OpenPhoto();
