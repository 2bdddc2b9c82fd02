// The browser's own storage. Inside another site's frame browsers may refuse it, or it may be full: then what is kept
// lasts as long as the page.

const OURS = 'envo'; // how all keys of the app's begin

class Kept {
  #page = new Map();

  /** @param {() => Storage} open what a browser may refuse */
  constructor(open) {
    this.open = open;
  }

  /** @returns {string | null} */
  get(key) {
    return this.#page.get(key) ?? this.#reach((kept) => kept.getItem(key)) ?? null;
  }

  set(key, value) {
    this.#page.delete(key);
    if (this.#reach((kept) => { kept.setItem(key, value); return true; }) !== true) this.#page.set(key, value);
  }

  remove(key) {
    this.#page.delete(key);
    this.#reach((kept) => kept.removeItem(key));
  }

  /** Keeps nothing of the app's any more. */
  clear() {
    this.#page.clear();
    this.#reach((kept) => { for (const key of Object.keys(kept)) if (key.startsWith(OURS)) kept.removeItem(key); });
  }

  #reach(act) {
    try {
      return act(this.open());
    } catch (error) {
      if (error instanceof DOMException) return undefined;
      throw error;
    }
  }
}

/** For all windows of the browser, for good. */
export const storage = new Kept(() => localStorage);

/** For this window, until it is closed: it survives a reload. */
export const pageStorage = new Kept(() => sessionStorage);

/** What is kept of the photos that were worked on last, in this window: values of JSON by the photo's id. */
export class KeptOfPhotos {
  /** @param {string} key @param {number} most photos */
  constructor(key, most) {
    Object.assign(this, { key, most });
  }

  get #all() {
    return new Map(JSON.parse(pageStorage.get(this.key) ?? '[]'));
  }

  /** @param {string} photo id @returns what was kept last; undefined: nothing */
  get(photo) {
    return this.#all.get(photo);
  }

  /** @param {[string, *][]} entries by the photo's id, the latest last; null: nothing is kept of it any more */
  keep(entries) {
    const all = this.#all;
    for (const [photo, value] of entries) {
      all.delete(photo);
      if (value !== null) all.set(photo, value);
    }
    pageStorage.set(this.key, JSON.stringify([...all].slice(-this.most)));
  }
}
