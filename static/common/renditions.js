// The pictures of a photo, as its edit shows it: each version of an edit has addresses of its own.

import { address } from './api.js';

/**
 * A photo as it is to be shown. `edit` is the version of its edit that shows, 0 where the photo shows as it came.
 * @typedef {{id: string, edit: number, linear: boolean}} Shown
 */

/** The photo as it came, to be shown in the place of the edited one. @template {Shown} T @param {T} photo @returns {T} */
export function asItCame(photo) {
  return { ...photo, edit: 0 };
}

/** Address of the small picture. @param {Shown} photo */
export function thumbnail(photo) {
  return address(`photos/${photo.id}/thumbnail${version(photo)}`);
}

/** Path of the large picture. @param {Shown} photo */
export function rendition(photo) {
  return `photos/${photo.id}/rendition${version(photo)}`;
}

/** Whether the large picture is in linear light, which no browser shows by itself. @param {Shown} photo */
export function isLinear({ linear, edit }) {
  return linear && !edit;
}

function version({ edit }) {
  return edit ? `?edit=${edit}` : '';
}
