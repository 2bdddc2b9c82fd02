// What tabs that work on one photo have in common: the film strip, the invitation where there is no photo, files dropped
// or pasted. The picture and the panel are each tab's own.

import { address, openSession, request } from '../common/api.js';
import { h, iconButton, tellError } from '../common/dom.js';
import { watchDrops } from '../common/drops.js';
import { isAsked, isTyping } from '../common/keys.js';
import { scrolls } from '../common/scrolls.js';
import { shown } from '../common/shown.js';
import { openTab } from '../common/tabs.js';
import { current } from './current.js';
import { removePhotos } from './deeds.js';
import { PhotoStrip, pickFiles } from './grid.js';
import { keeping } from './keeping.js';
import { library } from './store.js';

const ZOOM_STEP = 1.25; // of one press

export class Workspace {
  /**
   * @param {HTMLElement} root an empty element, to be filled
   * @param {{maxBytes: number, shows: [string, string], examples?: string, stage: HTMLElement[], panel: HTMLElement,
   *     invite?: HTMLElement, onShown: () => void, onFiles?: (files: File[]) => File[] | Promise<File[]>}} options shows: see `shown`;
   *     examples: the route that lists them; invite stands below the invitation; onShown is told when the tab comes to be
   *     seen; onFiles takes of dropped files what is no photo, and gives back the others
   */
  constructor(root, { maxBytes, shows, examples = 'examples', stage, panel, invite = null, onShown, onFiles = (files) => files }) {
    this.root = root;
    this.maxBytes = maxBytes;
    Object.assign(this, { shows, examples, invite });
    this.strip = new PhotoStrip({ maxBytes, onOpen: ({ id }) => current.open(id).catch(tellError) });
    this.all = iconButton('grid', 'All photos', () => { library.showAll(); openTab('Gallery'); });
    this.welcome = h('div.welcome');
    root.classList.add('workspace');
    root.append(h('nav.film', { 'aria-label': 'Photos' }, this.all, scrolls(this.strip.element)),
      h('section.stage', {}, stage, this.welcome), panel);
    const add = (files) => { if (files.length) library.add(files, maxBytes).catch(tellError); };
    watchDrops(root, { isShown: () => this.shown, onFiles: (files) => Promise.resolve(onFiles(files)).then(add).catch(tellError) });
    library.addEventListener('change', () => this.#showLibrary());
    current.addEventListener('change', () => this.#showPhoto());
    new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      this.strip.reveal();
      onShown();
    }).observe(root);
  }

  /**
   * Opens the library.
   * @returns {Promise<boolean>} false: it lasts as long as this page
   */
  async start() {
    const [kept] = await Promise.all([current.start(), this.#fillWelcome()]);
    this.#showLibrary();
    this.#showPhoto();
    return kept;
  }

  /** Says that the tab can be used, once it shows the first photo or invites. */
  ready() {
    this.root.classList.add('ready');
  }

  /** Whether the tab is the one that is seen. */
  get shown() {
    return Boolean(this.root.offsetParent);
  }

  /**
   * Listens for the keys of the tab, while it is seen and works on a photo.
   * @param {{viewport: import('../common/viewport.js').Viewport, isOpen: () => boolean, actions: Object<string, (event: KeyboardEvent) => void>}} options
   *     actions: by key, those of the tab alone; the keys of all tabs are known here
   */
  watchKeys({ viewport, isOpen, actions }) {
    const nearer = () => viewport.zoom(viewport.view.scale * ZOOM_STEP);
    const all = {
      0: () => viewport.fit(),
      1: () => viewport.zoom(1),
      '+': nearer,
      '=': nearer,
      '-': () => viewport.zoom(viewport.view.scale / ZOOM_STEP),
      ArrowLeft: () => current.neighbour(-1),
      ArrowRight: () => current.neighbour(1),
      Delete: (event) => this.removePhoto(event),
      ...actions,
    };
    document.addEventListener('keydown', (event) => {
      if (!this.shown || isTyping(event) || isAsked() || event.ctrlKey || event.metaKey || !isOpen()) return;
      if (event.key === 'Escape' && document.querySelector(':popover-open')) return; // it closes that
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key === 'Backspace' ? 'Delete' : event.key;
      if (all[key] && !(key.startsWith('Arrow') && event.target instanceof HTMLInputElement)) all[key](event);
    });
  }

  /** Deletes the open photo, unless the key was meant for a control of the panel. @param {KeyboardEvent} event */
  removePhoto({ target }) {
    if (!target.closest('.panel, .menu')) removePhotos([current.photo.id], current.photo.name).catch(tellError);
  }

  #showLibrary() {
    this.root.classList.toggle('no-photos', library.photos.length === 0 && library.uploads.length === 0);
  }

  #showPhoto() {
    this.root.classList.toggle('open', Boolean(current.photo));
    this.strip.select(current.photo);
  }

  async #fillWelcome() {
    const [names, session] = await Promise.all([request('GET', this.examples), openSession()]);
    const examples = names.map((name) => h('button.example', { type: 'button', title: name, onclick: () => library.addExample(name).catch(tellError) },
      h('img', { src: address(`examples/${name}`), alt: name, loading: 'lazy' })));
    this.welcome.replaceChildren(shown(...this.shows), h('div.invitation', {},
      h('button.drop', { type: 'button', onclick: () => pickFiles(this.maxBytes) },
        h('b', {}, 'Drop a photo here'), h('span', {}, 'or choose one: JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF, BMP or camera RAW')),
      h('p', {}, 'No photo at hand? Try one of ours.'), h('div.examples', {}, examples), ...(this.invite ? [this.invite] : []), h('p.keeping', {}, keeping(session))));
  }
}
