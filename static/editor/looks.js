// Small pictures of the open photo as looks make it, drawn one after the other while the page has nothing else to do.

import { requestBlob } from '../common/api.js';
import { Renderer } from '../webgl/renderer.js';
import { EMPTY, withPreset } from './document.js';

const SIZE = [176, 118]; // pixels of a picture, at least
const MOST = 480; // of a panorama's
const IDLE = { timeout: 100 };

const idle = () => new Promise((done) => { window.requestIdleCallback ? requestIdleCallback(done, IDLE) : setTimeout(done, 50); });

export class LookPictures {
  #schema;
  #mapsVersion;
  #pictures; // [preset, canvas]
  #renderer = null;
  #photo = null;
  #drawn = null; // id of the photo that the pictures are of, or are becoming
  #seen = false;

  /** @param {object} schema see envo/adjustments.py @param {[object, HTMLCanvasElement][]} pictures by preset */
  constructor(schema, mapsVersion, pictures) {
    this.#schema = schema;
    this.#mapsVersion = mapsVersion;
    this.#pictures = pictures;
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

  #update() {
    const photo = this.#photo;
    if (!this.#seen || !photo || photo.id === this.#drawn) return;
    this.#drawn = photo.id;
    for (const [, canvas] of this.#pictures) canvas.classList.remove('drawn');
    this.#draw(photo).catch(() => { this.#drawn = null; }); // their names say what they are, too
  }

  async #draw(photo) {
    const isStale = () => this.#drawn !== photo.id;
    const [blob, maps] = await Promise.all(['thumbnail', `maps?version=${this.#mapsVersion}`].map((each) => requestBlob('GET', `photos/${photo.id}/${each}`)));
    const bytes = await maps.arrayBuffer();
    if (isStale()) return;
    this.#renderer ??= new Renderer(new OffscreenCanvas(1, 1), this.#schema);
    await this.#renderer.setPhoto({ blob }, photo.width, photo.height);
    if (isStale()) return;
    this.#renderer.setMaps(bytes);
    const scale = Math.max(SIZE[0] / photo.width, SIZE[1] / photo.height);
    const [width, height] = [photo.width, photo.height].map((edge) => Math.min(MOST, Math.round(scale * edge)));
    for (const [preset, canvas] of this.#pictures) {
      await idle();
      if (isStale()) return;
      this.#renderer.setDocument(withPreset(EMPTY, 'image', preset, [], {}));
      const pixels = await this.#renderer.read(width, height);
      if (isStale()) return;
      Object.assign(canvas, { width, height });
      canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
      canvas.classList.add('drawn');
    }
  }
}
