// The scratches of one photo: those that were found, and what the visitor has painted over them.

import { requestBlob } from '../common/api.js';
import { History } from '../common/history.js';
import { decodeGrey, encodeGrey, toBase64 } from '../mask/png.js';
import { Painter, paint } from '../mask/strokes.js';

export class Marks {
  /** Strokes of brush and eraser. @type {History} of arrays */
  strokes = new History([]);
  /** What is painted on, uint8 row by row; null: not known yet. */
  mask = null;
  size = null;
  #found = null;
  #key = null; // of what found them
  #count = 0;

  /** @param {string} photo id @param {?History} [strokes] that were painted before */
  constructor(photo, strokes = null) {
    this.photo = photo;
    if (!strokes) return;
    this.strokes = strokes;
    this.#count = Math.max(0, ...strokes.states.flat().map(({ id }) => id));
  }

  /** Whether they are others than those that were found. */
  get corrected() {
    return this.strokes.present.length > 0;
  }

  /**
   * Has the scratches found; what was painted stays.
   * @param {import('../common/renditions.js').Shown} photo as it is begun with
   * @param {string} engine
   * @param {object} settings of the step
   * @returns {Promise<boolean>} false: somebody has asked for others meanwhile
   */
  async find({ edit }, engine, settings) {
    const query = new URLSearchParams({ engine, ...settings, original: !edit }).toString();
    const key = `${query} ${edit}`;
    if (key === this.#key && this.mask) return true;
    this.#key = key;
    const file = await requestBlob('GET', `photos/${this.photo}/marks?${query}`);
    const { pixels, width, height } = await decodeGrey(new Uint8Array(await file.arrayBuffer()));
    if (key !== this.#key) return false;
    this.#found = pixels;
    this.size = [width, height];
    this.#paintAll();
    return true;
  }

  /** Begins a stroke. @returns {{to: (point) => number[], end: (keep: boolean) => void}} `to` tells what it changed */
  stroke(adds, radius) {
    this.#count += 1;
    const stroke = { id: this.#count, adds, radius, points: [] };
    const painter = new Painter(this.mask.slice(), this.size, stroke);
    this.mask = painter.mask;
    return {
      to: (point) => {
        stroke.points.push(point);
        return painter.to(point);
      },
      end: (keep) => {
        if (keep) this.strokes.push([...this.strokes.present, stroke]);
        else this.#paintAll();
      },
    };
  }

  undo() {
    this.strokes.undo();
    this.#paintAll();
  }

  redo() {
    this.strokes.redo();
    this.#paintAll();
  }

  get doneAt() {
    return this.strokes.doneAt;
  }

  get undoneAt() {
    return this.strokes.undoneAt;
  }

  /** Goes back to what was found, as a step that undo takes back. */
  reset() {
    this.strokes.push([]);
    this.#paintAll();
  }

  /** @returns {Promise<string>} PNG, base64 */
  async png() {
    return toBase64(await encodeGrey(this.mask, ...this.size));
  }

  #paintAll() {
    this.mask = this.strokes.present.reduce((mask, stroke) => paint(mask, this.size, stroke), this.#found);
  }
}
