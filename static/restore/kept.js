// What was wished and painted for photos, kept while the window is open: undo goes on after a reload.

import { History } from '../common/history.js';
import { pageStorage } from '../common/storage.js';

const KEPT = 'envo:wishes';
const MOST_STEPS = 40;
const MOST_PHOTOS = 8;

/** @param {[string, {wished: History, strokes: History}][]} sessions by id of the photo, the latest last */
export function keepWishes(sessions) {
  const kept = new Map(JSON.parse(pageStorage.get(KEPT) ?? '[]'));
  for (const [photo, { wished, strokes }] of sessions) {
    kept.delete(photo);
    kept.set(photo, { wished: wished.kept(MOST_STEPS), strokes: strokes.kept(MOST_STEPS) });
  }
  pageStorage.set(KEPT, JSON.stringify([...kept].slice(-MOST_PHOTOS)));
}

/** @param {string} photo id @returns {?{wished: History, strokes: History}} */
export function keptWishes(photo) {
  const kept = new Map(JSON.parse(pageStorage.get(KEPT) ?? '[]')).get(photo);
  return kept ? { wished: History.of(kept.wished), strokes: History.of(kept.strokes) } : null;
}
