// How photos are to be exported: a dialog, the same for one and for many.

import { request } from '../common/api.js';
import { h, iconButton } from '../common/dom.js';
import { Segmented } from '../common/segmented.js';
import { many } from '../gallery/said.js';
import { ColourPart, FormatPart, HdrPart, MetadataPart, NamePart, SizePart } from './parts.js';
import { PresetRow } from './presets.js';
import { Preview } from './preview.js';
import { WatermarkPart } from './watermark.js';
import { fitting, keepWish, lastWish } from './wish.js';

/**
 * Asks how photos are to be exported, and has that done; what was wished is remembered.
 * @param {string[]} ids of the photos
 * @param {(wish: import('./wish.js').Wish) => Promise} run
 * @param {{document?: ?object, size?: [number, number]}} [open] of one that is open: its edit as the page has it, and how large
 *     that makes the picture
 */
export async function openExport(ids, run, open = {}) {
  const [wish, photo] = await Promise.all([lastWish(), request('GET', `photos/${ids[0]}`)]);
  new Dialog(ids, photo, wish, run, open).open();
}

class Dialog {
  #at = 0; // the photo that is previewed

  constructor(ids, photo, { settings, to }, run, { document: edit = null, size = null }) {
    Object.assign(this, { ids, photo, settings, to, run, edit, openSize: size });
    const onChange = (change) => this.#change({ ...this.settings, ...change });
    const tell = (sentence) => this.#tell(sentence);
    this.presets = new PresetRow((chosen) => this.#change(chosen), tell);
    this.name = new NamePart(onChange);
    this.watermark = new WatermarkPart(onChange, tell);
    this.parts = [new FormatPart(onChange), new SizePart(onChange), new ColourPart(onChange), new HdrPart(onChange), new MetadataPart(onChange), this.watermark, this.name];
    this.preview = new Preview((name) => this.name.showExample(name), (step) => this.#step(step).catch((error) => tell(error.message)));
    this.preview.steps.hidden = ids.length === 1;
    this.where = new Segmented('Where to', ids.length === 1 ? { out: 'A file', library: 'A new photo' } : { out: 'A zip', library: 'New photos' }, (chosen) => { this.to = chosen; this.where.show(chosen); });
    this.said = h('p.export-told', { role: 'alert' });
    this.yes = h('button.button.primary', { type: 'submit', autofocus: '' }, 'Export');
    const title = ids.length === 1 ? `Export “${photo.name}”` : `Export ${many(ids.length, 'photo')}`;
    const close = () => this.element.close();
    this.form = h('form', { method: 'dialog', noValidate: true },
      h('header.export-head', {}, h('h2', {}, title), iconButton('close', 'Close', close)),
      h('div.export-body', {}, this.preview.element, h('div.export-settings', {}, this.presets.element, this.parts.map(({ element }) => element))),
      h('footer.export-foot', {}, this.where.element, this.said, h('span.ask-answers', {}, h('button.button', { type: 'button', onclick: close }, 'Cancel'),
        this.yes)));
    this.element = h('dialog.export', { 'aria-label': title }, this.form);
    this.form.addEventListener('submit', (event) => { event.preventDefault(); this.#done().catch((error) => tell(error.message)); });
    this.element.addEventListener('keydown', (event) => event.stopPropagation());
    this.element.addEventListener('click', (event) => { if (event.target === this.element) close(); });
  }

  open() {
    document.querySelector('.gradio-container').append(this.element);
    this.where.show(this.to);
    this.#show();
    this.element.showModal();
    this.watermark.load().catch((error) => this.#tell(error.message));
    this.element.addEventListener('close', () => { this.preview.end(); this.element.remove(); });
  }

  /** Goes on, unless something was typed that cannot be. */
  async #done() {
    const wrong = this.form.querySelector('input:invalid');
    if (wrong) {
      wrong.closest('details').open = true;
      wrong.reportValidity();
      return;
    }
    const wish = { settings: fitting(this.settings), to: this.to };
    this.yes.disabled = true;
    try {
      await this.run(wish);
    } finally {
      this.yes.disabled = false;
    }
    keepWish(wish);
    this.element.close();
  }

  /** How large the picture is that the photo's edit shows. */
  get #size() {
    const { width, height } = this.photo.framed ?? this.photo;
    return (this.#at === 0 && this.openSize) || [width, height];
  }

  /** What one format has not stays as it was set, for the next one. */
  #change(settings) {
    this.settings = settings;
    this.#tell('');
    this.#show();
  }

  #show() {
    const { ids, photo } = this;
    const settings = fitting(this.settings);
    const about = { photo, size: this.#size, count: ids.length };
    for (const part of this.parts) part.show(settings, about);
    this.presets.show(settings);
    const edit = this.#at === 0 && this.edit ? { document: this.edit } : {};
    this.preview.show({ photo: photo.id, name: photo.name, body: { ...edit, settings, number: this.#at + 1, count: ids.length } });
  }

  async #step(step) {
    const { ids } = this;
    this.#at = (this.#at + step + ids.length) % ids.length;
    const photo = await request('GET', `photos/${ids[this.#at]}`);
    if (photo.id !== ids[this.#at]) return; // another one is wanted by now
    this.photo = photo;
    this.#show();
  }

  #tell(sentence) {
    this.said.textContent = sentence;
  }
}
