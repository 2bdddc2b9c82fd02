// One write for a burst of changes, none lost when the page goes away, none over another window's work.

import { ApiError, beacon, request } from '../common/api.js';
import { storage } from '../common/storage.js';

const RETRY_MS = 4000;
const writer = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
let seq = 0;

/**
 * Saves the edit document of one photo.
 *
 * A write carries the version it stands on; the server refuses it when another window wrote since. `writer` and `seq`
 * let a later write of this page overtake an earlier one whose answer has not come.
 * What could not be sent waits in the browser's own storage and is taken up when the photo is opened again.
 */
export class AutoSaver {
  #timer = 0;
  #sending = null;
  #unsaved = null;
  #parting = null; // what the beacon took along
  #left = false;

  /**
   * @param {{photo: string, version: number, delay: number, onState: (state, reason) => void,
   *     onSaved: (version, edit) => void, onConflict: () => void}} options
   *     delay: ms after the last change; states are 'saved', 'pending', 'saving' and 'failed'; edit: the version that the
   *     photo shows by now
   */
  constructor(options) {
    Object.assign(this, options);
    this.stopped = false;
    addEventListener('pagehide', this.#part);
    document.addEventListener('visibilitychange', this.#hide);
    addEventListener('online', this.#retry);
    this.onState('saved');
  }

  /** The document that an earlier page could not send, if nobody wrote since. */
  static leftover(photo, version) {
    const kept = JSON.parse(storage.get(key(photo)) ?? 'null');
    storage.remove(key(photo));
    return kept?.base === version ? kept.document : null;
  }

  /** Whether there is something that is not saved. */
  get isBehind() {
    return this.#unsaved !== null;
  }

  change(document) {
    this.#unsaved = document;
    if (this.stopped) return;
    this.onState('pending');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), this.delay);
  }

  /** Writes now what is not written. */
  async flush() {
    clearTimeout(this.#timer);
    while (this.#sending) await this.#sending;
    if (!this.isBehind || this.stopped) return;
    this.#sending = this.#send();
    await this.#sending;
  }

  async #send() {
    const document = this.#unsaved;
    this.onState('saving');
    try {
      const { version, edit } = await request('POST', `photos/${this.photo}/edit`, this.write(document));
      this.version = version;
      storage.remove(key(this.photo));
      this.onSaved(version, edit);
      if (this.#unsaved === document) {
        this.#unsaved = null;
        this.onState('saved');
        if (this.#left) this.#unlisten();
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#sending = null;
    }
  }

  #failed(error) {
    if (error instanceof ApiError && error.status === 409) {
      this.stop();
      this.onConflict();
      return;
    }
    this.#keep();
    this.onState('failed', error.message);
    this.#timer = setTimeout(() => this.flush(), RETRY_MS);
  }

  /** What a write of a document sends. */
  write(document) {
    seq += 1;
    return { document, base: this.version, writer, seq };
  }

  /** Writes nothing from now on: another window has the word. */
  stop() {
    this.stopped = true;
    clearTimeout(this.#timer);
  }

  /** Forgets what is not saved. */
  discard() {
    this.#unsaved = null;
  }

  /**
   * Sends what is not saved, now and until it arrives; the page, which shows something else by now, hears no more of it.
   * @returns {Promise<boolean>} whether all is saved
   */
  async leave() {
    this.#left = true;
    this.onState = () => {};
    this.onConflict = () => {};
    await this.flush();
    if (!this.isBehind) this.#unlisten();
    return !this.isBehind;
  }

  /** Waits for the answer to what was sent, and sends no more: the photo is opened again, and what is left taken up. */
  async settle() {
    clearTimeout(this.#timer);
    while (this.#sending) await this.#sending;
    clearTimeout(this.#timer);
    this.#unlisten();
  }

  #unlisten() {
    removeEventListener('pagehide', this.#part);
    document.removeEventListener('visibilitychange', this.#hide);
    removeEventListener('online', this.#retry);
  }

  #part = () => {
    if (!this.isBehind || this.stopped) return;
    // The beacon has no answer, so the document also waits in storage until a later write is acknowledged.
    this.#keep();
    this.#parting = this.#unsaved;
    beacon(`photos/${this.photo}/edit`, this.write(this.#unsaved));
  };

  // A closing page is hidden too, after its beacon; a page that is only left for another must not wait.
  #hide = () => {
    if (document.visibilityState === 'hidden' && this.#unsaved !== this.#parting) this.flush();
  };

  #keep() {
    storage.set(key(this.photo), JSON.stringify({ base: this.version, document: this.#unsaved }));
  }

  #retry = () => this.flush();
}

function key(photo) {
  return `envo:unsaved:${photo}`;
}
