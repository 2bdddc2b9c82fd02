// The row above an export's settings: presets, ready made and the visitor's own.

import { request } from '../common/api.js';
import { asked } from '../common/asked.js';
import { h, icon, iconButton } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { isSame } from '../common/same.js';
import { choices, fitting } from './wish.js';

export class PresetRow {
  #base = null; // the preset that was chosen last
  #settings = null;

  /** @param {(settings: import('./wish.js').Settings) => void} onChoose @param {(sentence: string) => void} onTrouble */
  constructor(onChoose, onTrouble) {
    this.onChoose = onChoose;
    this.list = h('select', { 'aria-label': 'Preset', onchange: () => this.#choose(this.list.value) });
    const act = (run) => () => { this.menu.hidePopover(); run().catch((error) => onTrouble(error.message)); };
    const row = (sign, label, run) => h('button', { type: 'button', onclick: act(run) }, icon(sign), label);
    this.save = row('plus', 'Save as a preset…', () => this.#save());
    this.update = row('check', 'Update', () => this.#update());
    this.rename = row('pencil', 'Rename…', () => this.#rename());
    this.remove = row('trash', 'Delete', () => this.#delete());
    this.menu = menu('export-preset', 'Presets', this.save, this.update, this.rename, this.remove);
    this.more = iconButton('more', 'More for presets', () => { this.#showMenu(); toggleMenu(this.menu, this.more); });
    this.element = h('div.export-presets', {}, h('span', { 'aria-hidden': 'true' }, 'Preset'), this.list, this.more, this.menu);
  }

  /** Shows which preset these settings are, if any. @param {import('./wish.js').Settings} settings */
  show(settings) {
    this.#settings = fitting(settings);
    const isIt = (preset) => isSame(fitting(preset.settings), this.#settings);
    const found = (this.#own && isIt(this.#own) && this.#own) || choices.presets.find(isIt);
    if (found) this.#base = found.id;
    const group = (label, builtIn) => {
      const all = choices.presets.filter((preset) => preset.built_in === builtIn);
      return all.length ? [h('optgroup', { label }, all.map(({ id, name }) => h('option', { value: id }, name)))] : [];
    };
    const none = found ? [] : [h('option', { value: '' }, this.#own ? `${this.#own.name}, changed` : 'None: as set below')];
    this.list.replaceChildren(...none, ...group('Yours', false), ...group('Ready made', true));
    this.list.value = found?.id ?? '';
  }

  /** The visitor's own preset that the settings are, or were before they were changed. */
  get #own() {
    return choices.presets.find(({ id, built_in: isReady }) => !isReady && id === this.#base);
  }

  #choose(id) {
    this.#base = id;
    this.onChoose(choices.presets.find((preset) => preset.id === id).settings);
  }

  #showMenu() {
    const own = this.#own;
    const isChanged = own && !isSame(fitting(own.settings), this.#settings);
    this.update.hidden = !isChanged;
    for (const each of [this.rename, this.remove]) each.hidden = !own;
    if (!own) return;
    this.update.lastChild.textContent = `Update “${own.name}”`;
    this.rename.lastChild.textContent = `Rename “${own.name}”…`;
    this.remove.lastChild.textContent = `Delete “${own.name}”`;
  }

  async #save() {
    const name = await askName('Save as a preset', 'Save', '');
    if (name === null) return;
    const { id } = await request('POST', 'export-presets', { name, settings: this.#settings });
    this.#base = id;
    await this.#load();
  }

  async #update() {
    await request('PATCH', `export-presets/${this.#base}`, { settings: this.#settings });
    await this.#load();
  }

  async #rename() {
    const name = await askName('Rename the preset', 'Rename', this.#own.name);
    if (name === null) return;
    await request('PATCH', `export-presets/${this.#base}`, { name });
    await this.#load();
  }

  async #delete() {
    const { id, name } = this.#own;
    if (!(await asked(`Delete the preset “${name}”?`, 'Delete'))) return;
    await request('DELETE', `export-presets/${id}`);
    this.#base = null;
    await this.#load();
  }

  async #load() {
    await choices.loadPresets();
    this.show(this.#settings);
  }
}

/** @returns {Promise<?string>} null: none is wanted */
async function askName(title, yes, value) {
  const name = h('input', { type: 'text', value, maxlength: 120, required: '', autocomplete: 'off' });
  return (await asked(title, yes, [h('label.preset-field', {}, 'Name', name)])) ? name.value : null;
}
