// Small pictures of the open photo as looks make it, drawn one after the other while the page has nothing else to do.

import { requestBlob } from '../common/api.js';
import { idle } from '../common/pause.js';
import { Renderer } from '../webgl/renderer.js';
import { lutTable } from './lut.js';

const SIZE = [176, 118]; // pixels of a picture, at least
const MOST = 480; // of a panorama's
const IDLE_MS = 100;

/** @typedef {{document: object, canvas: HTMLCanvasElement}} Picture of the photo as an edit document makes it */

export class LookPictures {
  #schema;
  #mapsVersion;
  #pictures; // those that come along, and then the visitor's own
  #own = [];
  #renderer = null;
  #photo = null;
  #drawnOf = new WeakMap(); // canvas -> id of the photo that it shows
  #drawing = null; // id of the photo that they are being drawn of
  #luts = new Set(); // ids of those that the renderer has
  #seen = false;

  /** @param {object} schema see envo/adjustments.py @param {number} mapsVersion @param {Picture[]} pictures */
  constructor(schema, mapsVersion, pictures) {
    this.#schema = schema;
    this.#mapsVersion = mapsVersion;
    this.#pictures = pictures;
  }

  /** Takes the visitor's own pictures, in the place of those before. @param {Picture[]} own */
  take(own) {
    this.#own = own;
    this.#update();
  }

  /** Takes the photo that they are of. @param {?import('../library/store.js').Photo} photo */
  open(photo) {
    this.#photo = photo;
    this.#update();
  }

  /** Whether they are seen: nothing is drawn for nobody. */
  see(seen) {
    this.#seen = seen;
    this.#update();
  }

  /** Those that are not of the photo yet, the visitor's own first, for they stand above. */
  get #waiting() {
    return [...this.#own, ...this.#pictures].filter(({ canvas }) => this.#drawnOf.get(canvas) !== this.#photo?.id);
  }

  #update() {
    const photo = this.#photo;
    if (!this.#seen || !photo || photo.id === this.#drawing || !this.#waiting.length) return;
    this.#drawing = photo.id;
    for (const { canvas } of this.#waiting) canvas.classList.remove('drawn');
    this.#draw(photo).catch(() => {}).finally(() => { // their names say what they are, too
      if (this.#drawing === photo.id) this.#drawing = null;
    });
  }

  async #draw(photo) {
    const isStale = () => this.#drawing !== photo.id;
    const [blob, maps] = await Promise.all(['thumbnail', `maps?version=${this.#mapsVersion}`].map((each) => requestBlob('GET', `photos/${photo.id}/${each}`)));
    const bytes = await maps.arrayBuffer();
    if (isStale()) return;
    this.#renderer ??= new Renderer(new OffscreenCanvas(1, 1), this.#schema);
    await this.#renderer.setPhoto({ blob }, photo.width, photo.height);
    if (isStale()) return;
    this.#renderer.setMaps(bytes);
    const scale = Math.max(SIZE[0] / photo.width, SIZE[1] / photo.height);
    const [width, height] = [photo.width, photo.height].map((edge) => Math.min(MOST, Math.round(scale * edge)));
    for (let [picture] = this.#waiting; picture; [picture] = this.#waiting) {
      const { document, canvas } = picture;
      await idle(IDLE_MS);
      await this.#loadLuts(document);
      if (isStale()) return;
      this.#renderer.setDocument(document);
      const pixels = await this.#renderer.read(width, height);
      if (isStale()) return;
      Object.assign(canvas, { width, height });
      canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
      canvas.classList.add('drawn');
      this.#drawnOf.set(canvas, photo.id);
    }
  }

  async #loadLuts({ layers }) {
    for (const { lut } of layers) {
      if (!lut || this.#luts.has(lut.id)) continue;
      this.#luts.add(lut.id);
      const table = await lutTable(lut.id).catch(() => null); // one that is gone is told of where it is put on
      if (table) this.#renderer.setLut(lut.id, table);
    }
  }
}
