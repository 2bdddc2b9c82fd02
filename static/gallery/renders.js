// Photos rendered with their edits: into a zip, or as new photos; asked for in a dialog, done on the server.

import { address, request } from '../common/api.js';
import { Batch } from '../common/batch.js';
import { h } from '../common/dom.js';
import { Segmented } from '../common/segmented.js';
import { storage } from '../common/storage.js';
import { journal } from '../common/undo.js';
import { allSent } from '../library/unsaved.js';
import { many } from './said.js';

const REMEMBERED = 'envo:render';
const TO = { zip: 'A zip', library: 'New photos' };
const FORMATS = { JPEG: 'JPEG', PNG: 'PNG', WebP: 'WebP' };

export class Renders extends Batch {
  doing = 'Rendering';

  /** @param {number} most photos at a time */
  constructor(most) {
    super('renderings');
    this.most = most;
    this.addEventListener('done', () => this.#ended());
  }

  /** Asks how, and has photos rendered. @param {string[]} photos ids */
  async start(photos) {
    if (photos.length > this.most) throw new Error(`At most ${this.most} photos can be rendered at a time; please choose fewer.`);
    const how = await ask(photos.length);
    if (!how) return;
    await allSent();
    await this.ask({ photos, to: how.to, settings: { format: how.format, quality: how.quality } });
  }

  /** Downloads the zip. */
  download() {
    h('a', { href: address(`renderings/${this.news.batch}/file`), download: '' }).click();
  }

  /** What became of it is no longer wanted, nor is the zip. */
  async forget() {
    const { batch } = this.news;
    this.dismiss();
    await request('DELETE', `renderings/${batch}`);
  }

  #ended() {
    const { to, state, done, items } = this.news;
    if (state !== 'done' || !done) return;
    if (to === 'zip') this.download();
    else journal('gallery').add('made', `made ${many(done, 'photo')}`, { photos: items.map(({ made }) => made).filter(Boolean) });
  }
}

/** @returns {Promise<?{to: string, format: string, quality: number}>} null: not at all */
function ask(count) {
  const how = { to: 'zip', format: 'JPEG', quality: 92, ...JSON.parse(storage.get(REMEMBERED) ?? '{}') };
  const title = `Render ${many(count, 'photo')} with ${count === 1 ? 'its edit' : 'their edits'}`;
  const choice = (label, choices, name) => new Segmented(label, choices, (chosen) => { how[name] = chosen; show(); });
  const to = choice('Where to', TO, 'to');
  const format = choice('Format', FORMATS, 'format');
  const quality = h('input', { type: 'range', min: 50, max: 100, value: how.quality, 'aria-label': 'Quality' });
  const shown = h('output');
  quality.addEventListener('input', () => { how.quality = quality.valueAsNumber; show(); });
  const rated = h('label.quality-row', {}, 'Quality', quality, shown);
  const about = h('p');
  const show = () => {
    to.show(how.to);
    format.show(how.format);
    shown.textContent = how.quality;
    rated.hidden = how.format === 'PNG';
    about.textContent = how.to === 'zip' ? 'At full size, with what is known of each; the zip is kept for an hour.' : 'At full size; each becomes a photo of its own in your library.';
  };
  const dialog = h('dialog.ask.render-how', { 'aria-label': title });
  dialog.append(h('b', {}, title), about, to.element, format.element, rated, h('div.ask-answers', {},
    h('button.button', { type: 'button', onclick: () => dialog.close('') }, 'Cancel'),
    h('button.button.primary', { type: 'button', autofocus: '', onclick: () => dialog.close('yes') }, 'Render')));
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(''); });
  document.querySelector('.gradio-container').append(dialog);
  show();
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (dialog.returnValue === 'yes') storage.set(REMEMBERED, JSON.stringify(how));
      answer(dialog.returnValue === 'yes' ? how : null);
    });
  });
}
