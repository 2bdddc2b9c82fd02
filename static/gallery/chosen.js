// The photos that are chosen on the wall.

/** Event: `change`. */
export class Chosen extends EventTarget {
  /** @type {Set<string>} ids */
  ids = new Set();

  get size() {
    return this.ids.size;
  }

  has(id) {
    return this.ids.has(id);
  }

  /** Chooses these and no others. @param {Iterable<string>} [ids] */
  set(ids = []) {
    const next = new Set(ids);
    if (!next.size && !this.ids.size) return;
    this.ids = next;
    this.dispatchEvent(new Event('change'));
  }

  toggle(id) {
    const next = new Set(this.ids);
    if (!next.delete(id)) next.add(id);
    this.set(next);
  }

  /** Forgets photos that are gone. @param {Set<string>} ids */
  drop(ids) {
    this.set([...this.ids].filter((id) => !ids.has(id)));
  }
}
