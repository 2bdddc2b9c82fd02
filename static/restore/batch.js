// Many photos at once: which, with which steps, how far, and all of them as one file.

import { address, request } from '../common/api.js';
import { Batch } from '../common/batch.js';
import { h, icon, iconButton, setChildren, tellError } from '../common/dom.js';
import { pickFolder } from '../common/files.js';
import { thumbnail } from '../common/renditions.js';
import { Segmented } from '../common/segmented.js';
import { Progress } from '../common/waiting.js';
import { pickFiles } from '../library/grid.js';
import { library } from '../library/store.js';
import { SizeChoice } from './planpanel.js';

const STEPS = { auto: 'What each needs', same: 'The same for all' };

export class ManyPanel {
  shown = false;
  #batch = new Batch();
  #made = new Set(); // ids of photos that are known to have been restored
  #chosen = new Set(); // ids of photos
  #offered = null; // ids of the photos to choose from; null: all
  #tiles = new Map(); // by id of the photo
  #steps = 'auto';

  /**
   * @param {{maxBytes: number, onToggle: (shown: boolean) => void, onOpen: (photo: string, restored: string) => void,
   *     plan: () => object[], label: (id: string) => string}} options onOpen: what became of a photo is to be seen; plan:
   *     the steps that are switched on for the open photo; label: what one is called
   */
  constructor({ maxBytes, onToggle, onOpen, plan, label }) {
    Object.assign(this, { onToggle, onOpen, plan, label });
    this.tiles = h('div.photo-grid.grid', { role: 'group', 'aria-label': 'Photos to restore' });
    this.end = h('div.grid-end');
    this.none = h('p.batch-none', {}, 'Drop photos or a whole folder here.');
    const add = (name, text, run) => h('button.button', { type: 'button', onclick: run }, icon(name), text);
    this.adding = h('span.batch-adding', {}, add('folder', 'Add a folder', () => pickFolder((files) => library.add(files, maxBytes).catch(tellError))), add('plus', 'Add photos', () => pickFiles(maxBytes)));
    this.back = iconButton('close', 'Back to the photo', () => this.toggle(false));
    this.all = h('button.link', { type: 'button', onclick: () => this.#chooseAll() });
    this.element = h('section.wall.batch', { hidden: true, 'aria-label': 'Restore many' },
      h('div.wall-head', {}, h('h2', {}, 'Restore many'), this.all, h('span.space'),
        this.adding, this.back),
      this.none, this.tiles, this.end);

    this.how = new Segmented('Steps', STEPS, (id) => { this.#steps = id; this.#show(); });
    this.howNote = h('p.panel-note');
    this.size = new SizeChoice(() => this.#show());
    this.wishes = h('div.batch-wishes', {}, h('h3', {}, 'Steps'), this.how.element, this.howNote, this.size.element);
    this.progress = new Progress();
    this.head = h('h2');
    this.said = h('p.batch-said', { role: 'status' });
    this.items = h('ol.batch-items', { 'aria-label': 'Photos' });
    this.far = h('div.batch-far', { hidden: true }, this.said, this.progress.element, this.items);
    this.note = h('p.run-note', { id: 'batch-note', role: 'status' });
    this.run = h('button.button.primary.run', { type: 'button', 'aria-describedby': 'batch-note', onclick: () => this.#start().catch(tellError) });
    this.cancel = h('button.button.run', { type: 'button', onclick: () => this.#batch.cancel().catch(tellError) }, 'Cancel');
    this.zip = h('a.button.primary.run', { download: '' }, icon('download'), h('span'));
    this.again = h('button.button.run', { type: 'button', onclick: () => this.#batch.dismiss() }, 'Restore others');
    this.panel = h('section.batch-panel', { 'aria-label': 'Restore many' },
      h('div.batch-scroll', {}, this.head, this.wishes, this.far),
      h('div.plan-foot', {}, this.note, this.run, this.zip, this.cancel, this.again));

    this.#batch.addEventListener('change', () => this.#changed());
    library.addEventListener('change', () => { if (this.shown) this.#show(); });
    library.addEventListener('added', ({ detail }) => { if (this.shown && !this.#news) this.#arrived(detail.photo.id); });
    new IntersectionObserver(([entry]) => {
      if (entry.isIntersecting && library.photos.length < library.count) library.more().catch(tellError);
    }, { rootMargin: '600px' }).observe(this.end);
    document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && this.element.checkVisibility()) this.toggle(false); });
    this.how.show(this.#steps);
  }

  /** Finds what is under way, or has ended and can still be had. */
  async start(sizes) {
    this.size.offer(sizes);
    await this.#batch.find();
  }

  /** @returns {?import('../common/batch.js').News} */
  get #news() {
    return this.#batch.news;
  }

  toggle(shown) {
    this.shown = shown;
    this.#offered = null;
    this.element.hidden = !shown;
    this.size.show();
    this.#show();
    this.onToggle(shown);
    if (shown) this.back.focus({ preventScroll: true });
  }

  /** Shows photos that were chosen elsewhere, and no others until this is closed. @param {string[]} ids */
  async offer(ids) {
    if (this.#batch.isBusy) throw new Error('Photos are being restored already; please wait for them, or cancel.');
    if (this.#news) this.#batch.dismiss();
    while (ids.some((id) => !library.find(id)) && library.photos.length < library.count) await library.more();
    this.toggle(true);
    this.#offered = new Set(ids);
    this.#chosen = new Set(ids);
    this.#show();
  }

  /** The photos that there are to choose from. */
  get #photos() {
    return this.#offered ? library.photos.filter(({ id }) => this.#offered.has(id)) : library.photos;
  }

  #choose(id, on) {
    if (on) this.#chosen.add(id);
    else this.#chosen.delete(id);
    this.#show();
  }

  #arrived(id) {
    this.#offered?.add(id);
    this.#choose(id, true);
  }

  #chooseAll() {
    const all = this.#chosen.size === this.#photos.length;
    this.#chosen = new Set(all ? [] : this.#photos.map(({ id }) => id));
    this.#show();
  }

  async #start() {
    this.run.disabled = true;
    try {
      const steps = this.#steps === 'auto' ? 'auto' : this.plan();
      const photos = library.photos.map(({ id }) => id).filter((id) => this.#chosen.has(id)).reverse();
      await this.#batch.ask({ photos, steps, size: this.size.chosen });
    } finally {
      this.#show();
    }
  }

  #changed() {
    if (!this.#news) this.#chosen.clear(); // others are to be chosen
    const restored = new Set(this.#news?.items.map((item) => item.made).filter(Boolean));
    const made = [...restored].filter((id) => !this.#made.has(id) && !library.find(id));
    this.#made = restored;
    for (const id of made) request('GET', `photos/${id}`).then((photo) => library.insert(photo)).catch(() => {}); // deleted meanwhile
    this.#show();
  }

  // Showing it

  #show() {
    this.#showTiles();
    const news = this.#news;
    this.wishes.hidden = Boolean(news);
    this.far.hidden = !news;
    this.run.hidden = Boolean(news);
    this.cancel.hidden = !this.#batch.isBusy;
    this.again.hidden = !news || this.#batch.isBusy;
    this.zip.hidden = !news || this.#batch.isBusy || news.done === 0;
    this.note.hidden = Boolean(news);
    if (news) this.#showNews(news);
    else this.#showWishes();
  }

  #showTiles() {
    const items = new Map((this.#news?.items ?? []).map((item) => [item.photo, item]));
    const photos = this.#news ? library.photos.filter(({ id }) => items.has(id)) : this.#photos;
    const known = this.#tiles;
    this.#tiles = new Map();
    setChildren(this.tiles, photos.map((photo) => {
      const tile = known.get(photo.id) ?? this.#tile(photo.id);
      this.#tiles.set(photo.id, tile);
      const item = items.get(photo.id);
      const chosen = this.#news ? item.state === 'working' : this.#chosen.has(photo.id);
      tile.classList.toggle('on', chosen);
      tile.dataset.state = item?.state ?? '';
      const button = tile.querySelector('button');
      button.setAttribute('aria-checked', `${chosen || Boolean(item)}`);
      button.setAttribute('aria-label', photo.name);
      button.title = item?.why || (item?.made ? `${photo.name}: before and after` : photo.name);
      button.disabled = Boolean(this.#news) && !item.made;
      const picture = thumbnail(item?.made ? { id: item.made } : photo);
      const shown = tile.querySelector('img');
      if (shown.src !== picture) shown.src = picture;
      tile.querySelector('.tile-name').textContent = photo.name;
      return tile;
    }));
    this.adding.hidden = Boolean(this.#news);
    this.none.hidden = photos.length > 0 || Boolean(this.#news);
    this.all.hidden = Boolean(this.#news) || !photos.length;
    this.all.textContent = photos.length && this.#chosen.size === photos.length ? 'none' : 'all';
  }

  #tile(id) {
    return h('div.tile', { 'data-photo': id },
      h('button.tile-open', { type: 'button', role: 'checkbox', onclick: () => this.#press(id) },
        h('img', { alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' }),
        h('span.tile-mark', {}, icon('check'), icon('wait'), icon('close'))),
      h('div.tile-foot', {}, h('span.tile-name')));
  }

  #press(id) {
    const item = this.#news?.items.find(({ photo }) => photo === id);
    if (item) this.onOpen(id, item.made);
    else this.#choose(id, !this.#chosen.has(id));
  }

  #showWishes() {
    const count = library.photos.filter(({ id }) => this.#chosen.has(id)).length;
    const steps = this.plan();
    const lacks = this.#steps === 'same' && !steps.length;
    this.head.textContent = count ? `${count} ${count === 1 ? 'photo' : 'photos'} chosen` : 'Choose photos';
    this.how.show(this.#steps);
    if (this.#steps === 'auto') this.howNote.textContent = 'Each photo is looked at, and gets the steps that this look suggests.';
    else this.howNote.textContent = steps.length ? `As they are set for the open photo: ${steps.map(({ id }) => this.label(id)).join(', ')}.` : 'No step is switched on for the open photo.';
    this.note.textContent = lacks ? 'Close this, and switch on the steps that you want.' : count ? '' : 'Choose the photos that are to be restored, or add more.';
    this.run.textContent = count > 1 ? `Restore ${count} photos` : 'Restore';
    this.run.disabled = !count || lacks;
  }

  #showNews({ state, step, done, total, current, items, batch }) {
    const failed = items.filter((item) => item.state === 'failed').length;
    const ended = done + failed;
    this.head.textContent = this.#batch.isBusy ? `Restoring ${total} ${total === 1 ? 'photo' : 'photos'}` : { done: 'Done', cancelled: 'Cancelled' }[state] ?? 'That did not work';
    this.said.textContent = this.#batch.isBusy ? `${ended} of ${total}${current ? ` · ${current.name}: ${current.step}` : ` · ${step}`}` : [`${done} of ${total} restored`, ...(failed ? [`${failed} failed`] : [])].join(', ');
    this.progress.element.hidden = !this.#batch.isBusy;
    this.progress.show((ended + (current?.fraction ?? 0)) / total);
    const known = new Map([...this.items.children].map((row) => [row.dataset.photo, row]));
    setChildren(this.items, items.map((item) => this.#item(known.get(item.photo) ?? h('li', { 'data-photo': item.photo },
      h('span.batch-state', {}, icon('check'), icon('wait'), icon('close')), h('span.batch-name'), h('small')), item)));
    this.zip.href = address(`restorations/batch/${batch}/zip`);
    this.zip.lastChild.textContent = `Download ${done} ${done === 1 ? 'photo' : 'photos'} as a zip`;
  }

  #item(row, { name, state, why }) {
    row.dataset.state = state;
    row.children[1].textContent = name;
    row.lastChild.textContent = why || { waiting: '', working: 'being restored', done: '', failed: 'failed', cancelled: 'not done' }[state];
    return row;
  }
}
