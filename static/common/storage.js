// The browser's own storage. Inside another site's frame browsers may refuse it, or it may be full: then what is kept
// lasts as long as the page.

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
