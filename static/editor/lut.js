// The LUT of the chosen layer: one of the visitor's, or a .cube file that they bring.

import { request, requestBlob, upload } from '../common/api.js';
import { h, icon, iconButton, tellError } from '../common/dom.js';
import { pick } from '../common/files.js';
import { menu, toggleMenu } from '../common/menu.js';

/** Whether a file is a LUT. @param {File} file */
export const isCube = ({ name }) => /\.cube$/i.test(name);

/** @implements {import('./sliders.js').Widget} */
export class LutChoice {
  tool = 'Colour';
  section = 'LUT';
  cleared = { lut: null };

  /** @param {{onLut: (lut: ?{id: string, name: string}) => void}} events */
  constructor({ onLut }) {
    this.onLut = onLut;
    this.name = h('span');
    this.button = h('button.choice', { type: 'button', 'aria-haspopup': 'menu', onclick: () => this.#open().catch(tellError) }, this.name, icon('chevron'));
    this.list = h('div', { role: 'presentation' });
    this.menu = menu('luts', 'LUT', this.list,
      h('button', { type: 'button', role: 'menuitem', onclick: () => { this.menu.hidePopover(); this.#pick(); } }, icon('upload'), 'Open a .cube file…'));
    this.menu.setAttribute('role', 'menu');
    this.element = h('div.lut-choice', {}, this.button, this.menu);
  }

  show({ lut }) {
    this.lut = lut;
    this.name.textContent = lut?.name ?? 'None';
    this.button.setAttribute('aria-label', `LUT: ${this.name.textContent}`);
    this.element.parentElement?.classList.toggle('without-lut', !lut);
  }

  isUsed({ lut }) {
    return Boolean(lut);
  }

  /** There is no strength without a LUT. */
  reveal() {
    return this.lut ? null : this.button;
  }

  /** Keeps a .cube file, and gives the layer its LUT. @param {File} file */
  async bring(file) {
    const { id, name } = await upload(`luts?name=${encodeURIComponent(file.name)}`, file, () => {});
    this.onLut({ id, name });
  }

  #pick() {
    pick(([file]) => this.bring(file).catch(tellError), { accept: '.cube' });
  }

  /** The menu of those that are kept; who has none is asked for a file. */
  async #open() {
    const { luts } = await request('GET', 'luts');
    if (!luts.length && !this.lut) {
      this.#pick();
      return;
    }
    this.list.replaceChildren(this.#row(null, 'None'), ...luts.map(({ id, name }) => this.#row({ id, name }, name)));
    toggleMenu(this.menu, this.button);
  }

  #row(lut, name) {
    const choose = h('button', {
      type: 'button', role: 'menuitemradio', 'aria-checked': `${(this.lut?.id ?? null) === (lut?.id ?? null)}`,
      onclick: () => { this.menu.hidePopover(); if (lut?.id !== this.lut?.id) this.onLut(lut); },
    }, name);
    if (!lut || lut.id === this.lut?.id) return choose;
    const row = h('div.lut-row', { role: 'presentation' }, choose);
    // Edits of other photos may use it: it goes at the second click.
    const sure = h('button.sure', { type: 'button', role: 'menuitem', hidden: true, onclick: () => this.#delete(lut.id, row).catch(tellError) }, 'Delete for good');
    const remove = iconButton('trash', `Delete ${name}`, () => { remove.hidden = true; sure.hidden = false; sure.focus(); }, { role: 'menuitem' });
    row.append(remove, sure);
    return row;
  }

  async #delete(id, row) {
    await request('DELETE', `luts/${id}`);
    row.remove();
  }
}

/** The table of a LUT, as the renderer takes it. */
export async function lutTable(id) {
  const blob = await requestBlob('GET', `luts/${id}`);
  return blob.arrayBuffer();
}
