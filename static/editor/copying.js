// The edit of the open photo copied, what was copied last pasted into it, and the edit of the photo before.

import { request } from '../common/api.js';
import { tellError, toast } from '../common/dom.js';
import { isAsked, isTyping } from '../common/keys.js';
import { pageStorage } from '../common/storage.js';
import { copyEdit, pastesHere, wanted } from '../library/copies.js';
import { allSent } from '../library/unsaved.js';

const OPENED = 'envo:opened-before'; // the photo that is open, and the one before, the latest first

export class Copying {
  /**
   * @param {{photo: () => ?{id, name: string}, document: () => object, nameOf: (layer: {id, name: string}) => string,
   *     onPaste: (document: object) => void}} options document: the edit as it is now; nameOf: what a layer is called here
   */
  constructor(options) {
    Object.assign(this, options);
    /** What the photo's menu offers, see `photoMenu`. */
    this.rows = [
      ['copy', 'Copy edit…', () => this.copy().catch(tellError)],
      ['paste', 'Paste edit', () => this.paste().catch(tellError)],
      ['back', 'Edit of the photo before', () => this.previous().catch(tellError)],
    ];
  }

  /** Listens for the keys, and pastes wherever it is asked for. @param {() => boolean} isShown whether a photo is open here, and seen */
  watch(isShown) {
    pastesHere((id) => (isShown() && this.photo().id === id ? this.paste() : null));
    document.addEventListener('keydown', (event) => {
      const { code, shiftKey, altKey, ctrlKey, metaKey } = event;
      const run = shiftKey && !altKey ? { KeyC: this.copy, KeyV: this.paste }[code] : altKey && !shiftKey && code === 'KeyV' ? this.previous : null;
      if (!run || !(ctrlKey || metaKey) || !isShown() || isTyping(event) || isAsked()) return;
      event.preventDefault();
      run.call(this).catch(tellError);
    });
  }

  /** A photo was opened. */
  opened({ id, name }) {
    const [last, before] = this.#opened;
    if (last?.id !== id) pageStorage.set(OPENED, JSON.stringify([{ id, name }, last ?? before].filter(Boolean)));
  }

  get #opened() {
    return JSON.parse(pageStorage.get(OPENED) ?? '[]');
  }

  async copy() {
    await copyEdit(this.photo(), { document: this.document(), nameOf: this.nameOf });
  }

  async paste() {
    const last = wanted();
    if (last) await this.#put(last.copy, last.from);
  }

  /** Gives the photo all of the edit of the one that was open before, but for its turns. */
  async previous() {
    const [, before] = this.#opened;
    await allSent();
    const { document } = before ? await request('GET', `photos/${before.id}/edit`).catch(() => ({})) : {};
    if (!document) {
      toast(before ? `“${before.name}” was not edited, or is not in your library any more.` : 'No other photo was open before this one.');
      return;
    }
    const { copy } = await request('POST', 'copies', { document, choice: { geometry: true, lens: true } });
    await this.#put(copy, before.name);
  }

  /**
   * Pastes a copy into the edit, in one step.
   * @returns {Promise<?string>} what is to be said of it; null: another photo is open by now
   */
  async put(copy) {
    const photo = this.photo();
    const document = this.document();
    const { document: made, left, lacking } = await request('POST', `photos/${photo.id}/pasted`, { document, copy });
    if (this.photo()?.id !== photo.id) return null;
    if (this.document() !== document) return this.put(copy); // something was done meanwhile
    this.onPaste(made);
    return [lacking.length ? `${lacking.join(', ')}: not in this photo.` : '', ...left].filter(Boolean).join(' ');
  }

  /** Pastes a copy, and says so. @param {string} from the name of the photo that it is of */
  async #put(copy, from) {
    const said = await this.put(copy);
    if (said !== null) toast([`The edit of “${from}” was pasted.`, said].filter(Boolean).join(' '));
  }
}
