// Undo and redo without end: every state is kept, and states share what they have in common.

let last = 0;

/** A number that is larger each time, in this page and in the next one: so it is known what was done after what. */
export function stamp() {
  last = Math.max(Date.now(), last + 1);
  return last;
}

/**
 * What can be taken back, and done again.
 * @typedef {object} Past
 * @property {number} doneAt stamp of what undo takes back; 0: nothing
 * @property {number} undoneAt stamp of when what redo does again was taken back; 0: nothing
 * @property {() => ?Promise} undo
 * @property {() => ?Promise} redo
 */

/** The states of one thing. @implements {Past} */
export class History {
  #past = []; // {state: as it was before a step, at: stamp}
  #future = []; // {state: as it is after a step, at, undoneAt: stamps}
  #begins = false; // the next change is a step

  constructor(present) {
    this.present = present;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  get doneAt() {
    return this.#past.at(-1)?.at ?? 0;
  }

  get undoneAt() {
    return this.#future.at(-1)?.undoneAt ?? 0;
  }

  /** Makes one step. During a drag the steps are joined: call `begin` first, then `replace`. */
  push(next) {
    if (next === this.present) return;
    this.begin();
    this.replace(next);
  }

  /** Makes what changes next a step of its own, from the present state. */
  begin() {
    this.#begins = true;
  }

  /** Changes the present state without a step of its own. */
  replace(next) {
    if (this.#begins) {
      this.#past.push({ state: this.present, at: stamp() });
      this.#future = [];
      this.#begins = false;
    }
    this.present = next;
  }

  /** Takes back the step under way as if it had not begun. */
  giveUp() {
    if (this.#begins) this.#begins = false;
    else this.present = this.#past.pop().state;
  }

  undo() {
    if (!this.canUndo) return;
    const { state, at } = this.#past.pop();
    this.#future.push({ state: this.present, at, undoneAt: stamp() });
    this.present = state;
  }

  redo() {
    if (!this.canRedo) return;
    const { state, at } = this.#future.pop();
    this.#past.push({ state: this.present, at });
    this.present = state;
  }

  /** All states, the first one first; the present one stands at `index`. */
  get states() {
    return [...this.#past.map(({ state }) => state), this.present, ...this.#future.map(({ state }) => state).reverse()];
  }

  get index() {
    return this.#past.length;
  }

  /** Goes to one of the states by undo and redo. @param {number} index among them */
  goTo(index) {
    while (this.index > index && this.canUndo) this.undo();
    while (this.index < index && this.canRedo) this.redo();
  }

  /** As it can be kept: the last `most` states before the present one, and those after it. */
  kept(most) {
    return { past: this.#past.slice(-most), present: this.present, future: this.#future };
  }

  /** The same taken up again. */
  static of({ past, present, future }) {
    const history = new History(present);
    history.#past = past;
    history.#future = future;
    return history;
  }
}
