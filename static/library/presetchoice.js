// One of the visitor's own presets, put on many photos: a list to choose from.

import { request } from '../common/api.js';
import { h, toast } from '../common/dom.js';
import { pastes } from './copies.js';

/** Puts a preset, which is asked for, on photos. @param {string[]} ids */
export async function putPreset(ids) {
  const { presets } = await request('GET', 'presets');
  if (!presets.length) {
    toast('You have no presets of your own yet: save one in Edit, or import it there.');
    return;
  }
  const preset = await chosen(presets, ids.length === 1 ? 'Put a preset on the photo' : `Put a preset on ${ids.length} photos`);
  if (preset) await pastes.start(ids, preset.copy, 'preset');
}

/** @param {{id, name, group: string}[]} presets @param {string} title @returns {Promise<?object>} null: none */
function chosen(presets, title) {
  const choice = (preset) => h('button', { type: 'button', value: preset.id, onclick: () => dialog.close(preset.id) }, preset.name);
  const groups = [...Map.groupBy(presets, ({ group }) => group)].map(([name, all]) => h('section', {}, h('h4', {}, name || 'Yours'), all.map(choice)));
  const dialog = h('dialog.ask.preset-choice', { 'aria-label': title }, h('b', {}, title), h('div.preset-choices', {}, groups),
    h('div.ask-answers', {}, h('button.button', { type: 'button', onclick: () => dialog.close('') }, 'Cancel')));
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(''); });
  document.querySelector('.gradio-container').append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(presets.find(({ id }) => id === dialog.returnValue) ?? null);
    });
  });
}
