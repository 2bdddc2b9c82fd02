// What was deleted lately; a click brings a photo back.

import { h, tellError } from '../common/dom.js';
import { thumbnail } from '../common/renditions.js';
import { library } from './store.js';

export class Trash {
  constructor() {
    this.tiles = h('div.photo-grid.grid');
    this.element = h('details.trash', { hidden: true }, h('summary', {}, 'Deleted lately'), this.tiles);
    library.addEventListener('change', () => this.element.checkVisibility() && this.update());
  }

  /** Looks what there is; nothing shows nothing. */
  async update() {
    const photos = await library.trash();
    this.element.hidden = photos.length === 0;
    this.tiles.replaceChildren(...photos.map((photo) => h('button.tile', {
      type: 'button',
      title: `Bring ${photo.name} back`,
      onclick: () => library.restore(photo.id).catch(tellError),
    }, h('img', { src: thumbnail(photo), alt: '', loading: 'lazy' }), h('span.tile-name', {}, photo.name))));
  }
}
