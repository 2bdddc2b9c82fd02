// The pictures of a photo, as its edit shows it: each version of an edit has addresses of its own.

import { project } from '../webgl/geometry.js';
import { invert } from '../webgl/matrix.js';
import { address } from './api.js';

/**
 * A photo as it is to be shown. `edit` is the version of its edit that shows, 0 where the photo shows as it came.
 * `whole`: all of the photo, whatever its edit crops.
 * @typedef {{id: string, edit: number, linear: boolean, width: number, height: number, framed: ?Framed, whole?: boolean}} Shown
 */

/**
 * How an edit crops and turns a photo: the size of what it leaves, and the map from places in that, 0 to 1, to places in
 * the photo, as rows of a homography.
 * @typedef {{width: number, height: number, matrix: number[][]}} Framed
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
  return `photos/${photo.id}/rendition${version(photo)}${photo.edit && photo.whole ? '&whole=true' : ''}`;
}

/** All of the photo as its edit shows it, whatever that crops. @template {Shown} T @param {T} photo @returns {T} */
export function uncropped(photo) {
  return { ...photo, whole: true };
}

/** Size of what is shown, in pixels. @param {Shown} photo @returns {[number, number]} */
export function sizeOf({ width, height, edit, framed, whole }) {
  return edit && framed && !whole ? [framed.width, framed.height] : [width, height];
}

/**
 * Where in the picture a box of the photo is.
 * @param {Shown} photo @param {number[]} box left, top, right, bottom in fractions of the photo
 * @returns {?number[]} in fractions of what is shown; null: it is cut off
 */
export function boxIn({ edit, framed, whole }, box) {
  if (!edit || !framed || whole) return box;
  const back = invert(framed.matrix);
  const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const at = (angle) => project(back, [x + ((box[2] - box[0]) / 2) * Math.cos(angle), y + ((box[3] - box[1]) / 2) * Math.sin(angle)]);
  const rim = Array.from({ length: 64 }, (_, i) => at((i * Math.PI) / 32));
  const sides = [Math.min, Math.max].flatMap((most) => [0, 1].map((axis) => most(...rim.map((point) => point[axis]))));
  const isSeen = project(back, [x, y]).every((each) => each >= 0 && each <= 1);
  return isSeen ? sides.map((each) => Math.min(1, Math.max(0, each))) : null;
}

/** Whether the large picture is in linear light, which no browser shows by itself. @param {Shown} photo */
export function isLinear({ linear, edit }) {
  return linear && !edit;
}

function version({ edit }) {
  return edit ? `?edit=${edit}` : '';
}
