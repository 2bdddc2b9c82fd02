// Photos that leave as files, or become new photos: asked for, followed, cancelled. The server renders them.

import { address, request } from '../common/api.js';
import { Batch } from '../common/batch.js';
import { h } from '../common/dom.js';
import { isBusy } from '../common/engines.js';
import { journal } from '../common/undo.js';
import { allSent } from '../library/unsaved.js';

/** Events: those of `Batch`, and `made` (detail: ids of photos that were made). */
export class Exports extends Batch {
  constructor() {
    super('renderings');
    this.addEventListener('done', () => this.#ended());
  }

  /**
   * Has photos exported; what leaves as a file is downloaded once it is there.
   * @param {string[]} photos ids
   * @param {import('./wish.js').Wish} wish
   * @param {?object} [document] the edit of one photo, as the page has it; else what is saved
   * @throws {Error} it cannot be done
   */
  async start(photos, { settings, to }, document = null) {
    if (this.isBusy) throw new Error('An export is under way; please wait for it, or cancel it.');
    if (!document) await allSent();
    await this.ask({ photos, settings, document, to: to === 'library' ? to : photos.length === 1 ? 'file' : 'zip' });
  }

  /** Finds those under way since before the page was loaded; one photo's is asked for where it is open. */
  async find() {
    await super.find((news) => isBusy(news) && news.to !== 'file');
  }

  /** Downloads the file. */
  download() {
    h('a', { href: address(`renderings/${this.news.batch}/file`), download: '' }).click();
  }

  /** What became of it is no longer wanted, nor is the file. */
  async forget() {
    const { batch } = this.news;
    this.dismiss();
    await request('DELETE', `renderings/${batch}`);
  }

  #ended() {
    const { to, state, done, items } = this.news;
    if (state !== 'done' || !done) return;
    if (to !== 'library') {
      this.download();
      return;
    }
    const made = items.map((item) => item.made).filter(Boolean);
    journal().add('made', made.length === 1 ? 'made a photo' : `made ${made.length} photos`, { photos: made });
    this.dispatchEvent(new CustomEvent('made', { detail: made }));
  }
}
