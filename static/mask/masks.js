// The pixels of what is selected: alpha mattes, one byte a pixel, at the photo's working size.

import { isAsked } from './selection.js';
import { paint } from './strokes.js';
import { decodeGrey, encodeGrey, fromBase64, toBase64 } from './png.js';

const KEPT = 12; // of up to four megabytes

let starts = 0;

/** A mask to go on from; kept as a small file, since undo may want many of them. */
export class Start {
  /** @param {string} png base64 */
  constructor(png) {
    starts += 1;
    this.id = starts;
    this.png = png;
  }
}

/** The masks of one photo's objects. */
export class Masks {
  #kept = new Map(); // by what made them; what was used last stands last

  /**
   * @param {[number, number]} size width and height
   * @param {import('./answers.js').Answers} answers
   */
  constructor(size, answers) {
    this.size = size;
    this.answers = answers;
  }

  get empty() {
    return new Uint8Array(this.size[0] * this.size[1]);
  }

  /**
   * @param {import('./selection.js').Thing} thing
   * @returns {Promise<?Uint8Array>} not to be changed; null while an answer is awaited
   */
  async of(thing) {
    const base = this.#baseKey(thing);
    const keyOf = (count) => `${base} ${thing.strokes.slice(0, count).map(({ id }) => id)}`;
    let count = thing.strokes.length;
    while (count > 0 && !this.#kept.has(keyOf(count))) count -= 1;
    let mask = this.#use(keyOf(count)) ?? (await this.#base(thing));
    if (!mask) return null;
    this.#keep(keyOf(count), mask);
    for (const stroke of thing.strokes.slice(count)) mask = paint(mask, this.size, stroke);
    this.#keep(keyOf(thing.strokes.length), mask);
    return mask;
  }

  /** A mask as a file. */
  encode(mask) {
    return encodeGrey(mask, ...this.size);
  }

  /** @param {Uint8Array} mask @returns {Promise<Start>} */
  async start(mask) {
    return new Start(toBase64(await this.encode(mask)));
  }

  #baseKey(thing) {
    return isAsked(thing) ? `${this.answers.key(thing)} ${thing.choice}` : `${thing.start?.id ?? 0}`;
  }

  async #base(thing) {
    if (!isAsked(thing)) return thing.start ? this.decode(thing.start.png) : this.empty;
    const candidates = this.answers.of(thing)?.candidates;
    return candidates ? this.decode(candidates[Math.min(thing.choice, candidates.length - 1)].mask) : null;
  }

  /** @param {string} png base64 @throws {Error} it is of another size */
  async decode(png) {
    const { pixels, width, height } = await decodeGrey(fromBase64(png));
    if (width !== this.size[0] || height !== this.size[1]) throw new Error('The mask does not have the size of the photo.');
    return pixels;
  }

  #use(key) {
    const mask = this.#kept.get(key);
    if (mask) this.#keep(key, mask);
    return mask;
  }

  #keep(key, mask) {
    this.#kept.delete(key);
    this.#kept.set(key, mask);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
  }
}

/** The union of masks, softly: the most that any of them has. One alone is given back as it is. */
export function union(masks, length) {
  if (masks.length === 1) return masks[0];
  const all = new Uint8Array(length);
  for (const mask of masks) for (let i = 0; i < length; i += 1) if (mask[i] > all[i]) all[i] = mask[i];
  return all;
}

export function inverted(mask) {
  return mask.map((value) => 255 - value);
}

/** Whether nothing at all is in a mask. */
export function isEmpty(mask) {
  return !mask.some((value) => value > 0);
}
