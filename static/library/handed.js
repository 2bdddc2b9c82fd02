// Photos that were chosen in one tab and that another one is to work on.

/** Event: `given`. */
class Handed extends EventTarget {
  /** Ids that nobody has taken yet. @type {string[]} */
  #ids = [];

  /** @param {string[]} ids */
  give(ids) {
    this.#ids = [...ids];
    this.dispatchEvent(new Event('given'));
  }

  /** Gives the photos to whoever works on them now; nobody else has them then. @returns {string[]} */
  take() {
    return this.#ids.splice(0);
  }
}

export const handed = new Handed();
