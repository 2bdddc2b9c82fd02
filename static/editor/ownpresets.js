// The visitor's own presets: kept from an edit, brought as files, put on by a click, taken back by another.

import { request, requestFile, upload } from '../common/api.js';
import { asked } from '../common/asked.js';
import { h, icon, iconButton, tellError, toast } from '../common/dom.js';
import { pick, save } from '../common/files.js';
import { menu, toggleMenu } from '../common/menu.js';
import { goneIf, journal, undoes } from '../common/undo.js';
import { chosenOf } from '../library/copies.js';
import { isIn, pictured, without } from './copied.js';

const ACCEPT = '.json,.xmp';
const isFile = ({ name }) => /\.envo\.json$/i.test(name);
const isXmp = ({ name }) => /\.xmp$/i.test(name);
/** Whether an .xmp file is a preset: those that lie beside photos do not say of which kind they are. */
const isPreset = async (file) => isFile(file) || (isXmp(file) && (await file.text()).includes('PresetType'));

/**
 * @typedef {{id: string, name: string, group: string, copy: object}} OwnPreset see envo/ownpresets.py
 */

export class OwnPresets {
  /** @type {OwnPreset[]} */
  all = [];
  #entries = new Map(); // id -> {preset, element, button, canvas}
  #open = null; // the preset whose menu is open

  /**
   * @param {object} schema see envo/adjustments.py
   * @param {Object<string, number>} defaults of adjustments
   * @param {{photo: () => ?object, document: () => object, nameOf: (layer: {id, name: string}) => string,
   *     put: (copy: object) => Promise<?string>, onStep: (document: object) => void, onPictures: (pictures: object[]) => void,
   *     onList: () => void, onBrought: () => void}} options put: pastes into the edit, in one step, and gives what is to be
   *     said of it; onPictures: these small pictures are wanted; onList: there are others; onBrought: files brought some
   */
  constructor(schema, defaults, options) {
    Object.assign(this, { schema, defaults, ...options });
    this.none = h('p.presets-none', {}, 'What you keep of an edit stands here, for all of your photos.');
    this.groups = h('div.own-groups');
    this.keep = h('button.button', { type: 'button', onclick: () => this.#keep().catch(tellError) }, icon('plus'), 'Save preset…');
    this.bringing = h('button.button', { type: 'button', title: 'Presets of Envo or Lightroom: .envo.json, .xmp', onclick: () => pick((files) => this.bring(files).catch(tellError), { multiple: true, accept: ACCEPT }) }, icon('upload'), 'Open a file…');
    this.menu = this.#menu();
    this.element = h('section.own-presets', { 'aria-label': 'Your presets', 'data-presets': 'Yours' }, h('div.presets-bar', {}, this.keep, this.bringing), this.none, this.groups, this.menu);
    undoes('preset-delete', {
      undo: async ({ preset }) => { await request('POST', `presets/${preset}/restore`).catch(goneIf(404, 'This preset was removed for good since.')); await this.load(); },
      redo: async ({ preset }) => { await request('DELETE', `presets/${preset}`).catch(goneIf(404, 'This preset is not among yours any more.')); await this.load(); },
    });
  }

  /** Gets the list. */
  async load() {
    ({ presets: this.all } = await request('GET', 'presets'));
    this.#list();
  }

  /** Whether any is on. */
  get isUsed() {
    return [...this.#entries.values()].some(({ on }) => on);
  }

  /** Shows which are on. @param {object} document */
  show(document) {
    for (const entry of this.#entries.values()) {
      entry.on = isIn(entry.preset.copy, document, this.schema);
      entry.button.setAttribute('aria-pressed', entry.on);
    }
  }

  /** Keeps the presets that are among files. @param {File[]} files @returns {Promise<File[]>} the others */
  async take(files) {
    const are = await Promise.all(files.map(isPreset));
    const mine = files.filter((_, at) => are[at]);
    if (mine.length) await this.bring(mine);
    return files.filter((_, at) => !are[at]);
  }

  /** Keeps presets of files. @param {File[]} files */
  async bring(files) {
    const brought = [];
    const troubles = [];
    const said = [];
    for (const file of files) {
      try {
        const { preset, said: sentence } = await upload(`presets/files?name=${encodeURIComponent(file.name)}`, file, () => {});
        brought.push(preset);
        if (sentence) said.push(sentence);
      } catch (error) {
        troubles.push(`${file.name}: ${error.message}`);
      }
    }
    await this.load();
    const what = brought.length === 1 ? `“${brought[0].name}” is among your presets now.` : `${brought.length} presets are among yours now.`;
    if (troubles.length) toast(troubles.join(' '), { kind: 'error' });
    if (!brought.length) return;
    toast([what, ...said].join(' '));
    this.onBrought();
    this.#entries.get(brought[0].id)?.element.scrollIntoView({ block: 'nearest' });
  }

  #list() {
    const before = this.#entries;
    this.#entries = new Map(this.all.map((preset) => [preset.id, this.#entry(preset, before.get(preset.id))]));
    const groups = Map.groupBy(this.#entries.values(), ({ preset }) => preset.group);
    this.groups.replaceChildren(...[...groups].map(([name, entries]) => h('section', { 'aria-label': name || 'Your presets' },
      h('h3', {}, name || 'Yours'), h('div.looks', {}, entries.map(({ element }) => element)))));
    this.none.hidden = this.all.length > 0;
    this.onPictures([...this.#entries.values()].map(({ preset, canvas }) => ({ document: pictured(preset.copy), canvas })));
    this.onList();
  }

  #entry(preset, known) {
    if (known) {
      known.preset = preset;
      known.label.textContent = preset.name;
      known.more.title = `More for ${preset.name}`;
      known.more.setAttribute('aria-label', known.more.title);
      return known;
    }
    const canvas = h('canvas', { 'aria-hidden': 'true' });
    const label = h('span', {}, preset.name);
    const entry = { preset, canvas, label, on: false };
    entry.button = h('button.look', { type: 'button', 'data-own': preset.id, 'aria-pressed': 'false', onclick: () => this.#press(entry).catch(tellError) }, canvas, label);
    entry.more = iconButton('more', `More for ${preset.name}`, () => this.#more(entry), { 'aria-haspopup': 'menu' });
    entry.element = h('div.own-look', {}, entry.button, entry.more);
    return entry;
  }

  async #press({ preset: { name, copy }, on }) {
    if (on) {
      this.onStep(without(copy, this.document(), this.defaults));
      return;
    }
    const said = await this.put(copy);
    if (said) toast(`“${name}”: ${said}`);
  }

  #menu() {
    const row = (sign, label, run) => h('button', { type: 'button', role: 'menuitem', onclick: () => { element.hidePopover(); run(this.#open.preset).catch(tellError); } }, icon(sign), label);
    const element = menu('own-preset', 'Preset',
      row('pencil', 'Rename or move…', (preset) => this.#change(preset)),
      row('download', 'Download', (preset) => this.#download(preset)),
      row('trash', 'Delete', (preset) => this.#delete(preset)));
    element.setAttribute('role', 'menu');
    return element;
  }

  #more(entry) {
    this.#open = entry;
    this.menu.querySelector('h4').textContent = entry.preset.name;
    toggleMenu(this.menu, entry.more);
  }

  /** Fields for a preset's name and group. */
  #fields({ name, group }) {
    const groups = [...new Set(this.all.map((each) => each.group).filter(Boolean))];
    const field = (label, value, more) => h('label.preset-field', {}, label, h('input', { type: 'text', value, maxlength: 120, ...more }));
    return [
      field('Name', name, { name: 'name', required: '', autocomplete: 'off' }),
      field('Group', group, { name: 'group', list: 'own-preset-groups', autocomplete: 'off', placeholder: 'none' }),
      h('datalist', { id: 'own-preset-groups' }, groups.map((each) => h('option', { value: each }))),
    ];
  }

  async #keep() {
    const fields = this.#fields({ name: `Preset ${this.all.length + 1}`, group: '' });
    const [name, group] = fields.map((each) => each.querySelector?.('input'));
    const copy = await chosenOf(this.photo(), { document: this.document(), nameOf: this.nameOf, title: 'Save as a preset', yes: 'Save', fields });
    if (!copy) return;
    const kept = await request('POST', 'presets', { name: name.value, group: group.value, copy });
    await this.load();
    toast(`“${kept.name}” is among your presets now.`);
    this.#entries.get(kept.id)?.element.scrollIntoView({ block: 'nearest' });
  }

  async #change(preset) {
    const fields = this.#fields(preset);
    const [name, group] = fields.map((each) => each.querySelector?.('input'));
    if (!(await asked('Rename or move', 'Done', fields))) return;
    await request('PATCH', `presets/${preset.id}`, { name: name.value, group: group.value });
    await this.load();
  }

  async #download({ id }) {
    const { name } = this.all.find((each) => each.id === id);
    const { blob } = await requestFile('GET', `presets/${id}/file`);
    save(blob, `${name.replaceAll('/', '-')}.envo.json`);
  }

  async #delete({ id, name }) {
    await request('DELETE', `presets/${id}`);
    const notes = journal('edit');
    const step = notes.add('preset-delete', `deleted the preset “${name}”`, { preset: id });
    await this.load();
    toast(`The preset “${name}” was deleted.`, { label: 'Undo', run: () => notes.takeBack(step).catch(tellError) });
  }
}
