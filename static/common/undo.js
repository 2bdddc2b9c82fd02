// What was done in each tab, and how it is taken back. It survives a reload of the page.

import { ApiError } from './api.js';
import { tellError, toast } from './dom.js';
import { stamp } from './history.js';
import { isAsked, isTyping } from './keys.js';
import { place } from './place.js';
import { pageStorage } from './storage.js';

const MOST = 100; // steps kept of a tab

/**
 * Something that was done, as JSON.
 * @typedef {{kind: string, said: string, at: number}} Step said: what was done, to be read after "Undone: "; and whatever
 *     its kind needs to take it back
 *
 * @typedef {object} Way to take back the steps of one kind, and to do them again
 * @property {(step: Step) => Promise} undo may note in the step what redo needs; throws `Gone`
 * @property {(step: Step) => Promise} redo the same
 * @property {(step: Step) => boolean} [isHere] whether it is about what is shown now: others are left alone
 */

/** It cannot be taken back any more, for the reason that its message says. */
export class Gone extends Error {}

/** For a request that failed: an answer of this kind means `Gone`. @param {number} status @param {string} sentence */
export function goneIf(status, sentence) {
  return (error) => { throw error instanceof ApiError && error.status === status ? new Gone(sentence) : error; };
}

/** @type {Map<string, Way>} by kind of step */
const ways = new Map();
const journals = new Map(); // by tab
const others = new Map(); // what else a tab takes back
let turn = Promise.resolve(); // one step at a time

/** Says how steps of a kind are taken back. @param {string} kind @param {Way} way */
export function undoes(kind, way) {
  ways.set(kind, way);
}

/**
 * The steps that were done in one tab.
 * Event: `change`, another step was done (detail: true), or one was taken back or done again (false).
 * @implements {import('./history.js').Past}
 */
class Journal extends EventTarget {
  #past;
  #future;

  /** @param {string} tab */
  constructor(tab) {
    super();
    this.key = `envo:done:${tab}`;
    ({ past: this.#past, future: this.#future } = JSON.parse(pageStorage.get(this.key) ?? '{"past":[],"future":[]}'));
  }

  get doneAt() {
    return last(this.#past)?.at ?? 0;
  }

  get undoneAt() {
    return last(this.#future)?.undoneAt ?? 0;
  }

  /** Notes what was done. @param {string} kind @param {string} said @param {object} [more] @returns {Step} */
  add(kind, said, more = {}) {
    const step = { kind, said, ...more, at: stamp() };
    this.#past.push(step);
    if (this.#past.length > MOST) this.#past.shift();
    this.#future.length = 0;
    this.#changed(true);
    return step;
  }

  undo() {
    return this.takeBack(last(this.#past));
  }

  /** Takes a step back, whatever was done after it; one that was taken back already stays so. */
  takeBack(step) {
    return this.#run('undo', step, this.#past, this.#future);
  }

  redo() {
    return this.#run('redo', last(this.#future), this.#future, this.#past);
  }

  /** What cannot be done any more is forgotten; what failed otherwise can be tried again. */
  async #run(what, step, from, to) {
    if (!from.includes(step)) return;
    try {
      await ways.get(step.kind)[what](step);
      step.undoneAt = stamp();
      to.push(step);
      to.sort((a, b) => (to === this.#past ? a.at - b.at : a.undoneAt - b.undoneAt));
      toast(`${what === 'undo' ? 'Undone' : 'Done again'}: ${step.said}.`);
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      toast(error.message, { kind: 'error' });
    }
    from.splice(from.indexOf(step), 1);
    this.#changed(false);
  }

  #changed(isNew) {
    pageStorage.set(this.key, JSON.stringify({ past: this.#past, future: this.#future }));
    this.dispatchEvent(new CustomEvent('change', { detail: isNew }));
  }
}

/** The last of the steps that can be taken back where one is. */
function last(steps) {
  return steps.findLast((step) => ways.has(step.kind) && (ways.get(step.kind).isHere?.(step) ?? true));
}

/** The steps of a tab, or of the one that is open. @returns {Journal} */
export function journal(tab = place.tab) {
  if (!journals.has(tab)) journals.set(tab, new Journal(tab));
  return journals.get(tab);
}

/** Says what a tab takes back besides its journal. @param {string} tab @param {() => import('./history.js').Past[]} pasts */
export function alsoUndoes(tab, pasts) {
  others.set(tab, pasts);
}

/** What undo takes back in a tab, and what redo does again; undefined: nothing. */
function next(tab) {
  const pasts = [journal(tab), ...(others.get(tab)?.() ?? [])];
  const done = Math.max(...pasts.map(({ doneAt }) => doneAt));
  const undone = Math.max(...pasts.map(({ undoneAt }) => undoneAt));
  return {
    undo: done ? pasts.find(({ doneAt }) => doneAt === done) : undefined,
    // What was done since has taken its place.
    redo: undone > done ? pasts.find(({ undoneAt }) => undoneAt === undone) : undefined,
  };
}

export function canUndo(tab) {
  return Boolean(next(tab).undo);
}

export function canRedo(tab) {
  return Boolean(next(tab).redo);
}

/** Takes back what was done last in a tab. */
export function undo(tab = place.tab) {
  turn = turn.then(() => next(tab).undo?.undo()).catch(tellError);
  return turn;
}

/** Does again what was taken back last in a tab, unless something else was done since. */
export function redo(tab = place.tab) {
  turn = turn.then(() => next(tab).redo?.redo()).catch(tellError);
  return turn;
}

/** Listens for the keys of undo and redo, in all tabs. To be called once. */
export function watchUndo() {
  document.addEventListener('keydown', (event) => {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    const letter = key.toLowerCase();
    const isUndo = letter === 'z' && !shiftKey;
    const isRedo = letter === 'y' || (letter === 'z' && shiftKey);
    if (!(ctrlKey || metaKey) || altKey || !(isUndo || isRedo) || isTyping(event) || isAsked()) return;
    event.preventDefault();
    if (isUndo) undo();
    else redo();
  });
}
