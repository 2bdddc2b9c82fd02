// What a selection is good for as it is: cut out, keep the mask, make it a layer of Edit.

import { request, requestFile } from '../common/api.js';
import { h, icon, tellError, toast } from '../common/dom.js';
import { beside, save } from '../common/files.js';
import { openTab } from '../common/tabs.js';
import { library } from '../library/store.js';

/** A group of the panel. */
export class Uses {
  constructor() {
    this.cut = h('button.button', { type: 'button', title: 'What is selected, at full size, the rest transparent' }, 'Cut out as PNG');
    this.keep = h('button.button', { type: 'button', title: 'The mask as a grey PNG' }, icon('download'), 'Keep mask');
    this.layer = h('button.button', { type: 'button', title: 'Opens Edit, with a layer that changes only what is selected' }, 'Use as a layer in Edit');
    this.name = h('input.field', { type: 'text', maxlength: 40, autocomplete: 'off', 'aria-label': 'Name of the layer' });
    this.#run(this.cut, 'Cutting out…', () => this.#cutOut());
    this.#run(this.keep, 'Keep mask', () => this.#keepMask());
    this.#run(this.layer, 'Making the layer…', () => this.#makeLayer());
    this.buttons = [this.cut, this.keep, this.layer];
    this.element = h('div.actions', {}, h('div.action-row', {}, this.cut, this.keep), h('div.action-row', {}, this.name, this.layer));
  }

  /** @param {{ready: boolean, name: string}} state whether there is a selection to use, and what it is called */
  show({ ready, name }) {
    this.name.placeholder = name;
    this.ready = ready;
    for (const button of this.buttons) button.disabled = !ready || this.busy === button;
  }

  /** Lets a button do its work once at a time, and say so. */
  #run(button, meanwhile, work) {
    const label = [...button.childNodes];
    button.addEventListener('click', async () => {
      this.busy = button;
      button.disabled = true;
      if (meanwhile !== button.textContent) button.replaceChildren(meanwhile);
      await work().catch(tellError);
      this.busy = null;
      button.replaceChildren(...label);
      button.disabled = !this.ready;
    });
  }

  async #cutOut() {
    const { photo, png, picture, original } = await this.selector.result();
    const { blob, notes } = await requestFile('POST', `photos/${photo.id}/cutout`, { mask: png, picture, original });
    if (notes) toast(notes);
    save(blob, beside(photo.name, '-cutout.png'));
  }

  async #keepMask() {
    const { photo, file } = await this.selector.result();
    save(file, beside(photo.name, '-mask.png'));
  }

  async #makeLayer() {
    const { photo, png, name, engine } = await this.selector.result();
    const matte = await request('POST', `photos/${photo.id}/own-masks`, { name: this.name.value.trim() || name, mask: png, engine });
    this.name.value = '';
    library.masksChanged(photo.id, { kind: matte.kind, select: true });
    toast(`“${matte.label}” is a layer of this photo now.`);
    openTab('Edit');
  }
}
