// Where one is in the app, as the page's address tells it: the tab, the photo that is open, what is looked for.
//
// It stands in the fragment. The query is Gradio's, which signs, themes and rewrites it; it goes to servers and their
// logs, and what somebody looks for among their photos is nobody else's. A fragment needs no route, so that it works
// below any path, in another site's frame and behind a link of Gradio's.

import { pageStorage } from './storage.js';

const HOME = 'edit'; // the tab that an address without one means
const OF_ALL = ['tab', 'photo']; // parts that all tabs have; the others are the tab's own
const KEPT = 'envo:places';
const RUN_MS = 2000; // between two of a run of small moves, at most
const MOST_KEPT = 60; // places of which more is kept than the address tells
const SPACES = 'https://huggingface.co';

/**
 * Event: `change`, the browser went to another place by itself: back, forward, or to a link.
 * @typedef {Object<string, ?(string | string[])>} Parts of an address by name; null or an empty list takes one off
 */
class Place extends EventTarget {
  #tabs = new Map(); // what each tab adds when it is opened: a function by its name
  #returning = false; // a step back is under way
  #waiting = []; // moves that were made meanwhile
  #run = null; // of small moves: {name, at: when it was added to last}
  #kept = new Map(JSON.parse(pageStorage.get(KEPT) ?? '[]'));

  constructor() {
    super();
    if (!history.state?.id) this.#write(location.hash, 'replaceState', { id: newId() });
    addEventListener('popstate', () => this.#arrive());
    addEventListener('pagehide', () => pageStorage.set(KEPT, JSON.stringify([...this.#kept].slice(-MOST_KEPT))));
  }

  get #parts() {
    return new URLSearchParams(location.hash.slice(1));
  }

  get tab() {
    return this.#parts.get('tab') ?? HOME;
  }

  /** @returns {?string} one part */
  get(name) {
    return this.#parts.get(name);
  }

  /** The parts that only the tab has that is open. @returns {URLSearchParams} */
  get own() {
    const own = this.#parts;
    for (const name of OF_ALL) own.delete(name);
    return own;
  }

  /** Has what a tab shows told each time it is opened. @param {string} tab @param {() => Parts} tell */
  tells(tab, tell) {
    this.#tabs.set(tab, tell);
  }

  /**
   * Goes on to another place.
   * @param {Parts} parts that differ; another tab takes those of the one before off
   * @param {{replaces?: boolean, run?: ?string, over?: boolean}} [how] replaces: it is a small move, which Back does not
   *     return to; run: one of several small moves, such as letters that are typed, of which the first alone is a place;
   *     over: it lies over what is here, and `leave` goes back to that
   */
  go(parts, { replaces = false, run = null, over = false } = {}) {
    if (this.#returning) {
      this.#waiting.push([parts, { replaces, run, over }]);
      return;
    }
    const hash = this.#hash(parts);
    if (hash === hashOf(this.#parts)) return;
    const goesOn = replaces || (run !== null && run === this.#run?.name && performance.now() - this.#run.at < RUN_MS);
    if (!replaces) this.#run = { name: run, at: performance.now() };
    this.#write(hash, goesOn ? 'replaceState' : 'pushState', goesOn ? history.state : { id: newId(), over });
  }

  /** Comes back from what lies over a place. @param {Parts} parts that are as they were below, if one came by a link */
  leave(parts) {
    if (this.#hash(parts) === hashOf(this.#parts)) return;
    if (!history.state?.over || this.#returning) {
      this.go(parts, { replaces: true });
      return;
    }
    this.#returning = true;
    history.back();
  }

  /** What was kept of this place, such as how far it was scrolled. @returns {object} */
  get kept() {
    return this.#kept.get(history.state?.id) ?? {};
  }

  /** Says of this place what its address does not tell. */
  keep(values) {
    const { id } = history.state;
    const before = this.#kept.get(id);
    this.#kept.delete(id);
    this.#kept.set(id, { ...before, ...values });
  }

  #hash(parts) {
    const next = this.#parts;
    const isOther = parts.tab && parts.tab !== this.tab;
    if (isOther) for (const name of [...next.keys()]) if (!OF_ALL.includes(name)) next.delete(name);
    const told = isOther ? this.#tabs.get(parts.tab)?.() : {};
    for (const [name, value] of Object.entries({ ...told, ...parts })) {
      next.delete(name);
      for (const each of [value ?? []].flat()) next.append(name, each);
    }
    if (next.get('tab') === HOME) next.delete('tab');
    return hashOf(next);
  }

  #write(hash, how, state) {
    history[how](state, '', `${location.pathname}${location.search}${hash}`);
    // The page around a Space shows what it is told.
    if (location.ancestorOrigins?.[0] === SPACES) parent.postMessage({ hash }, SPACES);
  }

  #arrive() {
    if (!history.state?.id) this.#write(location.hash, 'replaceState', { id: newId() });
    this.#run = null;
    const isOwn = this.#returning; // whoever left shows already what is here
    this.#returning = false;
    if (!isOwn) this.dispatchEvent(new Event('change'));
    for (const move of this.#waiting.splice(0)) this.go(...move);
  }
}

/** The same parts give the same, in whatever order they are. @param {URLSearchParams} parts */
function hashOf(parts) {
  parts.sort();
  const text = parts.toString();
  return text && `#${text}`;
}

function newId() {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
}

export const place = new Place();
