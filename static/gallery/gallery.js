// The Gallery tab: all photos on a wall, and the people in them. Puts the head, the filters, the wall and the panel
// together.

import { h, tellError } from '../common/dom.js';
import { Segmented } from '../common/segmented.js';
import { People } from './people/people.js';

const VIEWS = { photos: 'Photos', people: 'People' };

/**
 * @param {HTMLElement} root an empty element, to be filled
 * @param {{maxBytes: number}} options from Python, see tabs/gallery.py
 */
export function mount(root, options) {
  return new Gallery(root, options).start();
}

class Gallery {
  #view = 'photos';

  constructor(root) {
    this.root = root;
    this.people = new People({ onOpen() {}, onShowPerson: () => this.#show('photos') });
    this.views = new Segmented('View', VIEWS, (view) => this.#show(view));
    this.photos = h('section.gallery-photos', { 'aria-label': 'Photos' });
    this.photosPanel = h('section.gallery-about', { 'aria-label': 'About the photos chosen' });
    root.append(
      h('header.gallery-head', {}, this.views.element, h('span.space')),
      h('div.gallery-main', {}, this.photos, this.people.element),
      h('aside.gallery-panel', {}, this.photosPanel, this.people.panel));
  }

  start() {
    this.#show('photos');
    this.root.classList.add('ready');
  }

  #show(view) {
    this.#view = view;
    this.views.show(view);
    this.root.dataset.view = view;
    this.photos.hidden = this.photosPanel.hidden = view !== 'photos';
    this.people.element.hidden = this.people.panel.hidden = view !== 'people';
    if (view === 'people') this.people.show().catch(tellError);
    else this.people.hide();
  }
}
