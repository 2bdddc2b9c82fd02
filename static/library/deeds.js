// What is done to photos of the library: deleted, renamed, rated. Each is noted in the journal of the tab that is open,
// so that undo takes it back.

import { request } from '../common/api.js';
import { tellError, toast } from '../common/dom.js';
import { place } from '../common/place.js';
import { Gone, goneIf, journal, undoes } from '../common/undo.js';
import { current } from './current.js';
import { library } from './store.js';

/**
 * Moves photos to the trash.
 * @param {string[]} ids
 * @param {?string} [name] of the photo, where it is one
 */
export async function removePhotos(ids, name = null) {
  if (!ids.length) return;
  const open = ids.includes(current.photo?.id) ? current.photo.id : null;
  await request('POST', 'gallery/delete', { photos: ids });
  const notes = journal();
  const step = notes.add('delete', `deleted ${said(ids, name)}`, { photos: ids, open });
  forget(ids);
  toast(name ? `“${name}” was deleted.` : ids.length === 1 ? 'The photo was deleted.' : `${ids.length} photos were deleted.`,
    { label: 'Undo', run: () => notes.takeBack(step).catch(tellError) });
}

/** Gives a photo another name. @param {{id, name: string}} photo as it is @param {string} name */
export async function renamePhoto({ id, name: before }, name) {
  const { name: after } = await library.rename(id, name);
  if (after !== before) journal().add('rename', `renamed “${before}” to “${after}”`, { photo: id, before, after });
}

/** Gives photos stars. @param {string[]} ids @param {number} rating 0 to 5 @param {?string} [name] of the photo, where it is one */
export async function ratePhotos(ids, rating, name = null) {
  const before = (await rate(ids, rating)).filter((each) => each.rating !== rating);
  const what = rating ? `gave ${said(ids, name)} ${'★'.repeat(rating)}` : `took the stars off ${said(ids, name)}`;
  if (before.length) journal().add('rate', what, { before, rating });
}

function forget(ids) {
  current.pass(ids);
  library.drop(ids);
}

function said(ids, name) {
  return ids.length > 1 ? `${ids.length} photos` : name ? `“${name}”` : 'a photo';
}

undoes('delete', {
  async undo({ photos, open }) {
    const { changed } = await request('POST', 'gallery/restore', { photos });
    await library.refresh();
    const lost = photos.length - changed;
    if (lost) throw new Gone(lost === 1 ? 'A photo that was deleted cannot be brought back: it was removed for good since.' : `${lost} photos cannot be brought back: they were removed for good since.`);
    if (open && place.tab !== 'gallery') await current.open(open, { replaces: true });
  },
  async redo({ photos }) {
    await request('POST', 'gallery/delete', { photos });
    forget(photos);
  },
});

undoes('rename', {
  undo: ({ photo, before, after }) => renameBack(photo, after, before),
  redo: ({ photo, before, after }) => renameBack(photo, before, after),
});

async function renameBack(id, from, to) {
  const photo = await request('GET', `photos/${id}`).catch(goneIf(404, `“${from}” is not in your library any more, so that its name stays.`));
  if (photo.name !== from) throw new Gone(`“${from}” is called “${photo.name}” by now; that stays.`);
  await library.rename(id, to);
}

undoes('rate', {
  undo: ({ before, rating }) => rateAgain(before.map((each) => ({ photos: each.photos, rating: each.rating, having: rating }))),
  redo: ({ before, rating }) => rateAgain(before.map((each) => ({ photos: each.photos, rating, having: each.rating }))),
});

async function rateAgain(groups) {
  let changed = 0;
  for (const { photos, rating, having } of groups) for (const each of await rate(photos, rating, having)) changed += each.photos.length;
  if (!changed) throw new Gone('That was rated otherwise since, or is not in your library any more; it stays as it is.');
}

/** @returns {Promise<{rating: number, photos: string[]}[]>} the stars that they had */
async function rate(photos, rating, having = null) {
  const { before } = await request('POST', 'gallery/rate', { photos, rating, having });
  library.patch(before.flatMap((each) => each.photos), { rating });
  return before;
}

undoes('made', {
  async undo({ photos }) {
    const { changed } = await request('POST', 'gallery/delete', { photos });
    forget(photos);
    if (!changed) throw new Gone('This photo is not in your library any more.');
  },
  async redo({ photos }) {
    const { changed } = await request('POST', 'gallery/restore', { photos });
    await library.refresh();
    if (!changed) throw new Gone('This photo was removed for good since; it cannot be brought back.');
  },
});
