// Undo and redo without end, as long as the page is open: every state is kept, and states share what they have in common.

export class History {
  #past = [];
  #future = [];

  constructor(present) {
    this.present = present;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Makes one step. During a drag the steps are joined: call `begin` first, then `replace`. */
  push(next) {
    if (next === this.present) return;
    this.begin();
    this.present = next;
  }

  /** Keeps the present state as the one that undo returns to. */
  begin() {
    this.#past.push(this.present);
    this.#future = [];
  }

  /** Changes the present state without a step of its own. */
  replace(next) {
    this.present = next;
  }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.present);
    this.present = this.#past.pop();
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.present);
    this.present = this.#future.pop();
  }
}
