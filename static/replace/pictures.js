// The pictures that were looked at last, decoded.

const KEPT = 4; // of up to 64 megabytes

export class Pictures {
  #kept = new Map(); // what was used last stands last

  /**
   * @param {string} key
   * @param {() => Promise<ImageBitmap>} load
   */
  get(key, load) {
    const picture = this.#kept.get(key) ?? load();
    this.#kept.delete(key);
    this.#kept.set(key, picture);
    picture.catch(() => this.#kept.delete(key));
    if (this.#kept.size > KEPT) this.#drop(this.#kept.keys().next().value);
    return picture;
  }

  clear() {
    for (const key of [...this.#kept.keys()]) this.#drop(key);
  }

  #drop(key) {
    this.#kept.get(key).then((bitmap) => bitmap.close(), () => {});
    this.#kept.delete(key);
  }
}
