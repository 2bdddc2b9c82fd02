// The strip of photos, of which one is open.

import { h, tellError } from '../common/dom.js';
import { pick } from '../common/files.js';
import { isTyping } from '../common/keys.js';
import { thumbnail } from '../common/renditions.js';
import { roving } from '../common/roving.js';
import { removePhotos, renamePhoto } from './deeds.js';
import { photoMenu } from './photomenu.js';
import { library } from './store.js';

/** Asks for files and adds them to the library. */
export function pickFiles(maxBytes) {
  pick((files) => library.add(files, maxBytes).catch(tellError));
}

/**
 * Lets a name be edited in place, by a click, Enter or F2; Enter or leaving keeps it, Escape does not.
 * @param {HTMLElement} element that shows the name of the photo
 * @param {() => ?{id, name: string}} photo that it is of
 * @param {() => void} [onRenamed] is told once the server has the name
 */
export function renamable(element, photo, onRenamed = () => {}) {
  const edit = () => { if (photo()) editName(element, photo(), onRenamed); };
  element.tabIndex = 0;
  element.role = 'button';
  element.title = 'Rename';
  element.addEventListener('click', edit);
  element.addEventListener('keydown', (event) => {
    if (element.isContentEditable || !['Enter', 'F2'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    edit();
  });
}

function editName(element, photo, onRenamed) {
  if (element.isContentEditable) return;
  element.role = 'textbox';
  element.ariaLabel = 'Name of the photo';
  element.contentEditable = 'plaintext-only';
  element.focus();
  getSelection().selectAllChildren(element);
  const finish = (keep) => {
    element.contentEditable = 'false';
    element.role = 'button';
    element.ariaLabel = null;
    element.removeEventListener('keydown', onKey);
    element.removeEventListener('blur', onBlur);
    const name = element.textContent.trim();
    element.textContent = photo.name;
    if (keep && name && name !== photo.name) renamePhoto(photo, name).then(onRenamed, tellError);
  };
  const onBlur = () => finish(true);
  const onKey = (event) => {
    event.stopPropagation();
    if (event.key === 'Enter' || event.key === 'Escape') {
      event.preventDefault();
      finish(event.key === 'Enter');
      element.focus();
    }
  };
  element.addEventListener('keydown', onKey);
  element.addEventListener('blur', onBlur);
}

export class PhotoStrip {
  /** @param {{maxBytes: number, onOpen: (photo) => void}} options */
  constructor({ maxBytes, onOpen }) {
    this.onOpen = onOpen;
    this.tiles = new Map();
    this.add = h('button.tile-add', { type: 'button', title: 'Add photos', 'aria-label': 'Add photos', onclick: () => pickFiles(maxBytes) }, '+');
    this.uploads = h('div.uploads');
    this.end = h('div.grid-end');
    this.element = h('div.photo-grid.strip', { role: 'list', 'aria-label': 'Photos' }, slot(this.add), this.uploads, this.end);
    roving(this.element, '.tile-add, .tile-open');
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('contextmenu', (event) => this.#onMenu(event));
    library.addEventListener('change', () => this.#update());
    new IntersectionObserver(([entry]) => {
      if (entry.isIntersecting && library.photos.length < library.count) library.more().catch(tellError);
    }, { rootMargin: '600px' }).observe(this.end);
    this.#update();
  }

  /** Marks the open photo, which may be one of many that were not loaded yet. @param {?object} photo */
  select(photo) {
    this.selected = photo;
    this.#update();
    for (const [id, tile] of this.tiles) mark(tile.element, id === photo?.id);
    this.reveal();
  }

  /** Brings the open photo into sight. */
  reveal() {
    this.tiles.get(this.selected?.id)?.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #photoAt({ target }) {
    const id = target.closest('.tile')?.dataset.photo;
    return id && !isTyping({ target }) ? library.find(id) : null;
  }

  /** Delete means the photo that has the focus. */
  #onKey(event) {
    const photo = ['Delete', 'Backspace'].includes(event.key) && this.#photoAt(event);
    if (!photo) return;
    event.preventDefault();
    event.stopPropagation();
    removePhotos([photo.id], photo.name).catch(tellError);
  }

  #onMenu(event) {
    const photo = this.#photoAt(event);
    if (!photo) return;
    event.preventDefault();
    photoMenu(event.target.closest('.tile'), photo);
  }

  /** All that were loaded, and the open one. */
  get #photos() {
    const { photos } = library;
    const isMissing = this.selected && photos.length < library.count && !library.find(this.selected.id);
    return isMissing ? [...photos, this.selected] : photos;
  }

  #update() {
    this.uploads.replaceChildren(...library.uploads.map(({ name, fraction }) =>
      slot(h('div.tile-upload', { title: name, role: 'progressbar', 'aria-label': `Uploading ${name}`, 'aria-valuenow': Math.round(fraction * 100), style: `--done:${fraction}` },
        h('span', {}, `${Math.round(fraction * 100)}%`)))));
    const photos = this.#photos;
    const ids = new Set(photos.map((photo) => photo.id));
    for (const [id, tile] of this.tiles) {
      if (!ids.has(id)) {
        tile.element.remove();
        this.tiles.delete(id);
      }
    }
    let previous = this.uploads;
    for (const photo of photos) {
      if (!this.tiles.has(photo.id)) this.tiles.set(photo.id, this.#tile(photo.id));
      const tile = this.tiles.get(photo.id);
      tile.show(photo);
      if (previous.nextElementSibling !== tile.element) previous.after(tile.element);
      previous = tile.element;
    }
  }

  #tile(id) {
    const picture = h('img', { alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' });
    const open = h('button.tile-open', { type: 'button', onclick: () => this.onOpen(library.find(id) ?? this.selected) }, picture);
    const element = h('div.tile', { role: 'listitem', 'data-photo': id }, open);
    mark(element, id === this.selected?.id);
    return { element, show: (photo) => show(open, photo) };
  }
}

function mark(tile, isOpen) {
  tile.classList.toggle('on', isOpen);
  tile.querySelector('.tile-open').ariaCurrent = isOpen ? 'true' : null;
}

/** A place in the list for what is no photo. */
function slot(element) {
  return h('div.slot', { role: 'listitem' }, element);
}

function show(button, photo) {
  const picture = button.firstChild;
  if (picture.src !== thumbnail(photo)) picture.src = thumbnail(photo);
  button.title = photo.name;
  button.setAttribute('aria-label', `Open ${photo.name}`);
}
