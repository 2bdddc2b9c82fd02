// What was wished and painted for photos, kept while the window is open: undo goes on after a reload.

import { History } from '../common/history.js';
import { KeptOfPhotos } from '../common/storage.js';

const MOST_STEPS = 40; // kept of a photo
const kept = new KeptOfPhotos('envo:wishes', 8);

/** @param {[string, {wished: History, strokes: History}][]} sessions by id of the photo, the latest last */
export function keepWishes(sessions) {
  kept.keep(sessions.map(([photo, { wished, strokes }]) => [photo, { wished: wished.kept(MOST_STEPS), strokes: strokes.kept(MOST_STEPS) }]));
}

/** @param {string} photo id @returns {?{wished: History, strokes: History}} */
export function keptWishes(photo) {
  const wishes = kept.get(photo);
  return wishes ? { wished: History.of(wishes.wished), strokes: History.of(wishes.strokes) } : null;
}
