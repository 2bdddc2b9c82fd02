// A photo as large as its place allows, with layers over it that cover it exactly.

import { address } from '../common/api.js';
import { h } from '../common/dom.js';
import { boxIn, isLinear, rendition, sizeOf, thumbnail } from '../common/renditions.js';
import { loadBitmap } from '../mask/photo.js';

const ENLARGED = 2; // times its own pixels, at most

export class Picture {
  #turn = 0;
  #size = [1, 1];
  #photo = null;

  /** @param {HTMLElement[]} layers to lie over the photo */
  constructor(layers = []) {
    this.boxes = h('div.lightbox-boxes');
    this.frame = h('div.lightbox-frame', {}, this.boxes, layers);
    this.element = h('div.lightbox-picture', {}, this.frame);
    new ResizeObserver(() => this.#place()).observe(this.element);
  }

  /**
   * Shows a photo, its thumbnail first.
   * @param {import('./pages.js').Photo} photo
   * @returns {Promise<boolean>} false: another was asked for meanwhile
   */
  async show(photo) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#photo = photo;
    this.#size = sizeOf(photo);
    this.frame.style.backgroundImage = `url("${thumbnail(photo)}")`;
    this.shown?.remove();
    this.shown = null;
    this.#place();
    this.element.setAttribute('aria-busy', 'true');
    const shown = isLinear(photo) ? drawn(await loadBitmap(photo)) : await loaded(photo);
    if (turn !== this.#turn) return false;
    this.element.setAttribute('aria-busy', 'false');
    this.shown = shown;
    this.frame.prepend(shown);
    return true;
  }

  /** Loads a photo that will probably be wanted next. @param {?import('./pages.js').Photo} photo */
  prepare(photo) {
    if (photo && !isLinear(photo)) new Image().src = address(rendition(photo));
  }

  /** Outlines where something is seen. @param {number[][]} boxes in fractions of the photo @param {string} [word] */
  outline(boxes, word = '') {
    const seen = boxes.map((box) => boxIn(this.#photo, box)).filter(Boolean);
    this.boxes.replaceChildren(...seen.map(([left, top, right, bottom], index) =>
      h('div.thing-box', { style: `left:${left * 100}%;top:${top * 100}%;width:${(right - left) * 100}%;height:${(bottom - top) * 100}%` }, ...(index ? [] : [h('span', {}, word)]))));
  }

  #place() {
    const { clientWidth, clientHeight } = this.element;
    const [width, height] = this.#size;
    const scale = Math.min(clientWidth / width, clientHeight / height, ENLARGED);
    this.frame.style.width = `${Math.round(width * scale)}px`;
    this.frame.style.height = `${Math.round(height * scale)}px`;
  }
}

async function loaded(photo) {
  const image = h('img', { src: address(rendition(photo)), alt: photo.name, draggable: 'false' });
  await image.decode();
  return image;
}

function drawn(bitmap) {
  const canvas = h('canvas', { width: bitmap.width, height: bitmap.height });
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}
