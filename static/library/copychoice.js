// Which parts of an edit are wanted: a dialog, whose answer is remembered.

import { h } from '../common/dom.js';
import { storage } from '../common/storage.js';

const REMEMBERED = 'envo:copy-choice';
const SHAPES = { geometry: 'Crop, straightening, perspective', turns: 'Turns and flip', lens: 'Lens corrections' };

/**
 * @typedef {object} Parts what can be copied of an edit, see tabs/routes/pastes.py
 * @property {{name: string, used: boolean}[]} groups
 * @property {boolean} geometry whether there is some
 * @property {boolean} turns
 * @property {boolean} lens
 * @property {?boolean} development of a RAW; null for other photos
 * @property {{id: string, name: string, own: boolean}[]} layers own: its mask is one of this photo
 *
 * @typedef {{groups: string[], geometry: boolean, turns: boolean, lens: boolean, development: boolean, layers: string[]}} Choice see envo/copies.py
 */

/** What was wanted last: names of what was not, and which shapes were. */
function remembered() {
  return { groups: [], layers: [], geometry: false, turns: false, lens: false, development: true, ...JSON.parse(storage.get(REMEMBERED) ?? '{}') };
}

/**
 * Asks what of an edit is wanted.
 * @param {Parts} parts
 * @param {{title: string, yes: string, nameOf?: (layer: {id, name}) => string, fields?: HTMLElement[]}} how
 *     yes: what the button says; nameOf: what the page calls a layer; fields: what is asked besides, above the parts
 * @returns {Promise<?Choice>} null: it is not wanted
 */
export function askChoice(parts, { title, yes, nameOf = ({ name }) => name, fields = [] }) {
  const before = remembered();
  const boxes = [];
  const row = (key, name, checked, note = '') => {
    const box = h('input', { type: 'checkbox', 'data-part': key, checked });
    boxes.push(box);
    return h('label.choice-row', {}, box, h('span', {}, name), h('small', {}, note));
  };
  const groups = parts.groups.map(({ name, used }) => row(`group ${name}`, name, !before.groups.includes(name), used ? '' : 'as it came'));
  if (parts.development !== null) groups.push(row('development', 'RAW', before.development, parts.development ? '' : 'as it came'));
  const shapes = Object.entries(SHAPES).map(([key, label]) => row(key, label, before[key], parts[key] ? '' : 'as it came'));
  const layers = parts.layers.map((layer) => row(`layer ${layer.id}`, nameOf(layer), !before.layers.includes(layer.id), layer.own ? 'its mask stays here' : ''));
  const section = (label, rows) => (rows.length ? [h('h4', {}, label), ...rows] : []);
  const done = h('button.button.primary', { type: 'submit', autofocus: '' }, yes);
  const check = (on) => { for (const box of boxes) box.checked = on; show(); };
  const show = () => { done.disabled = !boxes.some(({ checked }) => checked); };
  const form = h('form', { method: 'dialog' }, h('b', {}, title), ...fields,
    h('div.choice-parts', {}, section('Whole photo', groups), section('Layers', layers), section('Shape', shapes)),
    h('div.ask-answers', {}, h('button.link', { type: 'button', onclick: () => check(true) }, 'All'), h('button.link', { type: 'button', onclick: () => check(false) }, 'None'),
      h('span.space'), h('button.button', { type: 'button', onclick: () => dialog.close('') }, 'Cancel'), done));
  const dialog = h('dialog.ask.copy-choice', { 'aria-label': title }, form);
  form.addEventListener('submit', (event) => { event.preventDefault(); dialog.close('yes'); });
  form.addEventListener('change', show);
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(''); });
  document.querySelector('.gradio-container').append(dialog);
  dialog.showModal();
  show();
  const isOn = (key) => boxes.find(({ dataset }) => dataset.part === key).checked;
  return new Promise((answer) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (dialog.returnValue !== 'yes') {
        answer(null);
        return;
      }
      const [allGroups, allLayers] = [parts.groups.map(({ name }) => name), parts.layers.map(({ id }) => id)];
      const choice = {
        groups: allGroups.filter((name) => isOn(`group ${name}`)),
        geometry: isOn('geometry'),
        turns: isOn('turns'),
        lens: isOn('lens'),
        development: parts.development !== null && isOn('development'),
        layers: allLayers.filter((id) => isOn(`layer ${id}`)),
      };
      const off = (all, on, was) => [...was.filter((name) => !all.includes(name)), ...all.filter((name) => !on.includes(name))];
      const kept = { ...choice, groups: off(allGroups, choice.groups, before.groups), layers: off(allLayers, choice.layers, before.layers) };
      storage.set(REMEMBERED, JSON.stringify(kept));
      answer(choice);
    });
  });
}
