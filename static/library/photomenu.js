// What can be done with one photo, wherever it is shown: a menu at its tile, or beside its name.

import { h, icon, tellError } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { copyEdit, pasteEdit } from './copies.js';
import { removePhotos } from './deeds.js';

/**
 * Opens the menu of a photo.
 * @param {HTMLElement} by where it opens
 * @param {{id, name: string}} photo
 * @param {Row[]} [more] rows before the last ones
 * @param {Row[]} [edits] rows by which its edit is copied and pasted
 * @typedef {[string, string, () => void]} Row icon, words, what is done
 */
export function photoMenu(by, photo, more = [], edits = editRows(photo)) {
  const row = (sign, label, run) => h('button', { type: 'button', onclick: () => { element.hidePopover(); run(); } }, icon(sign), label);
  const element = menu('photo-menu', photo.name,
    ...[...more, ...edits].map((each) => row(...each)),
    row('trash', 'Delete', () => removePhotos([photo.id], photo.name).catch(tellError)));
  element.addEventListener('toggle', ({ newState }) => { if (newState === 'closed') element.remove(); });
  document.querySelector('.gradio-container').append(element);
  toggleMenu(element, by);
  element.querySelector('button').focus();
}

/** @returns {Row[]} */
function editRows(photo) {
  return [
    ['copy', 'Copy edit…', () => copyEdit(photo).catch(tellError)],
    ['paste', 'Paste edit', () => pasteEdit([photo.id]).catch(tellError)],
  ];
}
