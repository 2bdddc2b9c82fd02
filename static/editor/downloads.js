// The open photo as a file: at once as last time, by a preset, or as a dialog asks; how far it is stands on the button.

import { h, icon, tellError, toast } from '../common/dom.js';
import { isAsked, isTyping } from '../common/keys.js';
import { menu, toggleMenu } from '../common/menu.js';
import { openExport } from '../export/dialog.js';
import { Exports } from '../export/exports.js';
import { choices, lastWish, said, saidLast } from '../export/wish.js';
import { library } from '../library/store.js';
import { current } from '../library/current.js';

export class Downloads {
  /** @param {{photo: () => ?object, document: () => object, size: () => [number, number]}} open the photo, its edit as it is now, and how large that makes the picture */
  constructor(open) {
    this.open = open;
    this.exports = new Exports();
    this.exports.addEventListener('change', () => this.#show());
    this.exports.addEventListener('done', () => this.#ended());
    this.exports.addEventListener('made', ({ detail: [made] }) => this.#made(made).catch(tellError));
    const choose = (run, ...content) => h('button', { type: 'button', onclick: () => { this.menu.hidePopover(); run(); } }, ...content);
    this.presets = h('div');
    this.choose = choose;
    this.menu = menu('downloads', 'Download',
      choose(() => this.ask(), icon('sliders'), h('span', {}, 'Export…', h('small', {}, 'format, size, colour, what the file tells'))), this.presets);
    this.label = h('span');
    this.button = h('button.button.primary.download-button', { type: 'button', onclick: () => this.#start() }, icon('download'), this.label);
    this.button.addEventListener('pointerenter', () => { this.button.title = titled(); });
    this.more = h('button.button.primary.download-more', { type: 'button', onclick: () => (this.exports.isBusy ? this.exports.cancel() : this.#openMenu()).catch(tellError) });
    this.element = h('span.download', {}, this.button, this.more);
    this.#show();
  }

  /** Listens for the key. @param {() => boolean} isShown whether a photo is open here, and seen */
  watch(isShown) {
    document.addEventListener('keydown', (event) => {
      if (event.code !== 'KeyE' || !event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey) || !isShown() || isTyping(event) || isAsked()) return;
      event.preventDefault();
      this.ask();
    });
  }

  /** Asks how the photo is to be exported, and exports it. */
  ask() {
    this.#ask().catch(tellError);
  }

  async #ask() {
    const { id } = this.open.photo();
    const document = this.open.document();
    await openExport([id], (wish) => this.exports.start([id], wish, document), { document, size: this.open.size() });
  }

  /** Downloads the photo as a preset says, or as last time. @param {import('../export/wish.js').Preset} [preset] */
  #start(preset) {
    const { id } = this.open.photo();
    const document = this.open.document();
    const run = async () => this.exports.start([id], { ...(preset ?? (await lastWish())), to: 'out' }, document);
    run().catch(tellError);
  }

  async #openMenu() {
    await choices.load();
    this.presets.replaceChildren(...choices.presets.map((preset) => this.choose(() => this.#start(preset), icon('download'), h('span', {}, preset.name, h('small', {}, said(preset.settings))))));
    toggleMenu(this.menu, this.element);
  }

  #show() {
    const { news, isBusy } = this.exports;
    const fraction = news?.current?.fraction ?? null;
    this.element.classList.toggle('busy', isBusy);
    this.button.disabled = isBusy;
    this.label.textContent = !isBusy ? 'Download' : fraction === null ? 'Rendering…' : `Rendering ${Math.round(100 * fraction)}%`;
    this.more.replaceChildren(icon(isBusy ? 'close' : 'chevron'));
    this.more.title = isBusy ? 'Cancel' : 'Export and presets';
    this.more.setAttribute('aria-label', this.more.title);
  }

  /** Says what is to be known of the file, or why there is none. */
  #ended() {
    const { state, step, items: [{ state: ended, why, name }] } = this.exports.news;
    this.exports.dismiss();
    if (state === 'cancelled') return;
    if (state === 'failed' || ended === 'failed') toast(`“${name}” could not be exported: ${why || step}`, { kind: 'error' });
    else if (why) toast(why);
  }

  async #made(id) {
    await library.refresh();
    const { name } = library.find(id) ?? { name: 'The photo' };
    toast(`“${name}” is in your library now.`, { label: 'Open it', run: () => current.open(id).catch(tellError) });
  }
}

/** What a download is like without asking. */
function titled() {
  const last = saidLast();
  return last ? `As last time: ${last}` : 'At full size, with what the photo’s file tells';
}
