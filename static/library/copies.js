// Edits that are copied, and pasted on photos. What was copied last is kept in the browser; the server pastes.

import { ApiError, request } from '../common/api.js';
import { tellError, toast } from '../common/dom.js';
import { isBusy } from '../common/engines.js';
import { pause } from '../common/pause.js';
import { place } from '../common/place.js';
import { storage } from '../common/storage.js';
import { Gone, goneIf, journal, undoes } from '../common/undo.js';
import { askChoice } from './copychoice.js';
import { library } from './store.js';
import { allSent } from './unsaved.js';

const COPY = 'envo:copy';
const AGAIN_MS = 2000; // after the connection was lost
const DONE = { paste: 'pasted an edit on', sync: 'gave an edit to', preset: 'put a preset on', reset: 'reset the edit of' };

/** What was copied last. @returns {?{copy: object, from: string}} from: the name of the photo */
export function copied() {
  return JSON.parse(storage.get(COPY) ?? 'null');
}

/**
 * Copies what is chosen of a photo's edit.
 * @param {{id, name: string}} photo
 * @param {{document?: object, nameOf?: (layer) => string}} [how] document: the edit as a page has it; else what is
 *     saved; nameOf: what the page calls a layer
 */
export async function copyEdit(photo, how = {}) {
  const copy = await chosenOf(photo, { ...how, title: `Copy the edit of “${photo.name}”`, yes: 'Copy' });
  if (!copy) return;
  storage.set(COPY, JSON.stringify({ copy, from: photo.name }));
  toast(`The edit of “${photo.name}” is copied; paste it here, or on many photos in Gallery.`);
}

/** Asks what of a photo's edit is wanted. @returns {Promise<?object>} the copy; null: nothing */
export async function chosenOf({ id }, { document, nameOf, ...how }) {
  if (!document) await allSent();
  const parts = await request('POST', `photos/${id}/parts`, { document: document ?? null });
  const choice = await askChoice(parts, { ...how, nameOf });
  return choice && (await request('POST', 'copies', { document: parts.document, choice })).copy;
}

/** What was copied last, or a hint to copy something first. @returns {?{copy: object, from: string}} */
export function wanted() {
  const last = copied();
  if (!last) toast('Copy the edit of a photo first.');
  return last;
}

let here = () => null;

/** @param {(id: string) => ?Promise} paste into the photo if it is open in the tab that is seen, as a step of its edit */
export function pastesHere(paste) {
  here = paste;
}

/** Pastes what was copied last. @param {string[]} ids of photos */
export async function pasteEdit(ids) {
  const inPlace = ids.length === 1 && here(ids[0]);
  if (inPlace) {
    await inPlace;
    return;
  }
  const last = wanted();
  if (last) await pastes.start(ids, last.copy, 'paste');
}

/** Gives photos the edit of one. @param {{id, name: string}} photo @param {string[]} ids of all, it may be among them */
export async function syncEdits(photo, ids) {
  const others = ids.filter((id) => id !== photo.id);
  const copy = await chosenOf(photo, { title: `Give the edit of “${photo.name}” to ${others.length === 1 ? 'the other' : `${others.length} others`}`, yes: 'Sync' });
  if (copy) await pastes.start(others, copy, 'sync');
}

/**
 * How far a paste is, see tabs/work/pastes.py.
 * @typedef {{paste: string, what: string, state: string, step: string, fraction: number, number: number, done: number,
 *     total: number, photos?: string[], failed?: {photo, name, why: string}[], left?: number, notes?: string[],
 *     lacking?: {kind, label: string, photos: string[]}[], absent?: {person, name: ?string, photos: string[]}[],
 *     unsure?: {person, name: ?string, photos: string[], faces: {id, photo, photoName: string}[]}[]}} Paste absent, unsure:
 *     people whom the edit follows
 */

/** Pastes on photos. Event: `change`, with those that are under way, or of which something is to be told. */
class Pastes extends EventTarget {
  /** @type {Paste[]} */
  all = [];

  /**
   * @param {string[]} ids of photos
   * @param {?object} copy null: their edits are reset
   * @param {'paste' | 'sync' | 'preset' | 'reset'} what
   */
  async start(ids, copy, what) {
    await allSent();
    const { paste } = await request('POST', 'pastes', { photos: ids, copy, what });
    const step = journal().add('paste', `${DONE[what]} ${ids.length === 1 ? 'a photo' : `${ids.length} photos`}`, { paste });
    await this.#follow({ paste, what, state: 'working', step: '', fraction: 0, number: -1, done: 0, total: ids.length, undo: () => step });
  }

  /** Follows what is under way since before the page was loaded. */
  async find() {
    const { pastes: found } = await request('GET', 'pastes');
    const known = new Set(this.all.map(({ paste }) => paste));
    for (const each of found) if (isBusy(each) && !known.has(each.paste)) this.#follow({ ...each, step: '', fraction: 0, number: -1, done: 0, total: 0 });
  }

  async cancel({ paste }) {
    await request('DELETE', `pastes/${paste}`);
  }

  /** Asks again what there is to tell of one that is over: something of it may have been settled. */
  async look(paste) {
    this.#take(paste, await request('GET', `pastes/${paste}`));
  }

  /** What became of it is no longer wanted. */
  dismiss(paste) {
    this.#take(paste, null);
  }

  /** Takes back what a paste did. */
  undo(paste) {
    return takeBack(paste);
  }

  async #follow(begun) {
    const { paste } = begun;
    this.all = [...this.all, begun];
    this.#tell();
    let news = begun;
    while (isBusy(news)) {
      try {
        const { done } = news;
        news = await request('GET', `pastes/${paste}?seen=${news.number}`);
        this.#take(paste, news);
        if (news.done !== done) library.pasted(news.photos ?? null);
      } catch (error) {
        if (!(error instanceof ApiError)) {
          await pause(AGAIN_MS);
          continue;
        }
        this.#take(paste, null);
        tellError(error);
        return;
      }
    }
    await library.refresh().catch(tellError);
    if (place.tab !== 'gallery' && this.#find(paste)) {
      toast(said(news));
      this.#take(paste, null);
    }
  }

  #find(paste) {
    return this.all.find((each) => each.paste === paste);
  }

  #take(paste, news) {
    this.all = this.all.flatMap((each) => (each.paste !== paste ? [each] : news ? [{ ...each, ...news }] : []));
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}

export const pastes = new Pastes();

/** What came of a paste, as a sentence. @param {Paste} news */
export function said({ what, state, done, total, failed = [], lacking = [], absent = [], unsure = [] }) {
  const photos = done === 1 ? '1 photo' : `${done} photos`;
  const did = what === 'reset' ? `The edit of ${photos} was reset` : `The edit is on ${photos}`;
  const parts = [
    state === 'cancelled' ? `${did}; that was stopped before the other ${total - done}` : did,
    failed.length ? `${failed.length} could not be changed` : '',
    ...lacking.map(lackingSaid),
    ...absent.map(absentSaid),
    ...unsure.filter(({ faces }) => faces.length).map(({ name, faces }) => `${name ?? 'Somebody'}: to be confirmed in ${faces.length === 1 ? '1 photo' : `${faces.length} photos`}`),
  ];
  return `${parts.filter(Boolean).join('. ')}.`;
}

/** That a part is not in all photos. */
export function lackingSaid({ label, photos }) {
  return `${label}: not in ${photos.length === 1 ? '1 photo' : `${photos.length} photos`}`;
}

/** That somebody whom the edit follows is not in all photos, as far as the gallery tells. */
export function absentSaid({ name, photos }) {
  return `${name ?? 'Somebody'}: not found in ${photos.length === 1 ? '1 photo' : `${photos.length} photos`}`;
}

/** Takes back the step of the journal that a paste was. */
async function takeBack({ paste, undo }) {
  if (undo) await journal().takeBack(undo());
  else await exchange(paste, 'undo');
}

undoes('paste', {
  undo: ({ paste }) => exchange(paste, 'undo'),
  redo: ({ paste }) => exchange(paste, 'redo'),
});

/** Gives photos the edits back that they had before a paste, or after it. @param {'undo' | 'redo'} which */
async function exchange(paste, which) {
  await allSent();
  const { photos, kept } = await request('POST', `pastes/${paste}/${which}`).catch(goneIf(404, 'This cannot be taken back any more; the photos stay as they are.'));
  pastes.dismiss(paste);
  library.pasted(photos);
  await library.refresh();
  const others = kept === 1 ? 'One photo was edited since; it stays as it is.' : `${kept} photos were edited since; they stay as they are.`;
  if (!photos.length) throw new Gone(kept ? others : 'There is nothing to take back: no photo was changed.');
  if (kept) toast(others, { kind: 'error' });
}
