// What actions made of photos, and what each was made with, in words.

import { address, request, requestFile } from '../common/api.js';

/**
 * @typedef {object} Result
 * @property {string} id
 * @property {string} photo id
 * @property {string} action `erase`, `replace` or `background`
 * @property {string} engine
 * @property {string} label what the page calls the engine
 * @property {object} settings that made it
 * @property {boolean} invert whether everything but the selection was changed
 * @property {number} grow by how many pixels of the masks the selection was grown
 * @property {?string} start id of the result that it goes on from; null for the photo
 * @property {?string} first id of the result of whose hole it is another fill; null for that one
 * @property {boolean} chosen whether it is the one of the fills of its hole that is shown
 * @property {boolean} masked whether other fills can be made of it
 * @property {number} edit version of the photo's edit that is in it; 0: none
 * @property {number} seconds
 * @property {string} note a sentence to read, or ''
 * @property {number} width
 * @property {number} height
 * @property {boolean} alpha
 * @property {?import('../library/store.js').Photo} kept the photo of the library that it is; null where that was deleted
 */

/** The results by photo, oldest first. Event: `change` (detail: id of the photo). */
export class Results extends EventTarget {
  #known = new Map();

  /** The results of a photo, and of those that fill one hole the one that is chosen. @param {string} photo id @returns {Result[]} */
  of(photo) {
    const holes = Map.groupBy(this.#all(photo), ({ id, first }) => first ?? id);
    return [...holes.values()].map((fills) => fills.find(({ chosen }) => chosen) ?? fills[0]);
  }

  /** The results that fill one hole: a result alone, or with others, oldest first. @param {Result} result */
  fills({ photo, id, first }) {
    return this.#all(photo).filter((other) => (other.first ?? other.id) === (first ?? id));
  }

  find(photo, id) {
    return this.#all(photo).find((result) => result.id === id);
  }

  /** Asks the server: another window may have made some. */
  async load(photo) {
    this.#set(photo, (await request('GET', `photos/${photo}/results`)).results);
  }

  async remove({ photo, id }) {
    await request('DELETE', `photos/${photo}/results/${id}`);
    this.#set(photo, this.#all(photo).filter((result) => result.id !== id));
  }

  /**
   * Lets a result be the one of its hole's fills that is shown, and that is a photo of the library.
   * @returns {Promise<{photo: ?import('../library/store.js').Photo, gone: string[], notes: string[]}>} gone: ids of photos that went to the trash
   */
  async choose({ photo, id }) {
    const answer = await request('POST', `photos/${photo}/results/${id}/choose`);
    await this.load(photo);
    return answer;
  }

  async restore({ photo, id }) {
    await request('POST', `photos/${photo}/results/${id}/restore`);
    await this.load(photo);
  }

  /** Makes a photo of the library from it, unless it is one. @returns {Promise<{photo: import('../library/store.js').Photo, notes: string[]}>} the notes are sentences */
  async keep({ photo, id }) {
    const kept = await request('POST', `photos/${photo}/results/${id}/keep`);
    await this.load(photo);
    return kept;
  }

  /** @returns {Promise<{blob: Blob, notes: string}>} the picture at full size, with what made it in its metadata */
  file({ photo, id }) {
    return requestFile('GET', `photos/${photo}/results/${id}/download`);
  }

  thumbnail({ photo, id }) {
    return address(`photos/${photo}/results/${id}/thumbnail`);
  }

  /** A result and what it goes on from, the first one first; ends at one that is not there any more. */
  chain(result) {
    const before = result.start && this.find(result.photo, result.start);
    return [...(before ? this.chain(before) : []), result];
  }

  /** Its number among the results of its photo, as the page counts them. */
  number({ photo, id, first }) {
    return this.of(photo).findIndex((result) => (result.first ?? result.id) === (first ?? id)) + 1;
  }

  #all(photo) {
    return this.#known.get(photo) ?? [];
  }

  #set(photo, results) {
    this.#known.set(photo, results);
    this.dispatchEvent(new CustomEvent('change', { detail: photo }));
  }
}

/** What an action does, what it is called while it is done, and what its result is called. */
export const ACTIONS = {
  replace: { label: 'Replace', doing: 'Replacing', done: 'Replaced' },
  erase: { label: 'Erase', doing: 'Erasing', done: 'Erased' },
  background: { label: 'Background', doing: 'New background', done: 'New background' },
};

/** The one setting that tells a result from the ones beside it. */
export function gist({ action, settings, label }, kinds) {
  if (action === 'replace') return settings.prompt || 'no prompt';
  if (action === 'background') return kinds.find(({ id }) => id === settings.kind)?.label ?? settings.kind;
  return label;
}
