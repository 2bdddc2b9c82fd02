// Ranges of a mask: from how dark to how light, on a histogram of the photo; and a colour, each picked in the photo.

import { requestBlob } from '../../common/api.js';
import { h, iconButton } from '../../common/dom.js';
import { Slider } from '../../common/slider.js';
import { oklab } from '../../webgl/oklab.js';
import { toEncoded, toLinear } from '../../webgl/srgb.js';

const WIDTH = 256; // of the histogram: a bin for each column
const HEIGHT = 48;
const AROUND = 0.06; // of lightness, to both sides of what is picked
const LEAST = 0.01; // between the ends of a range

/** @typedef {(at: [number, number]) => ?number[]} Look the photo's colour as it came at a place of the picture, linear */

export class LuminanceRange {
  #counted = null; // the photo whose tones the histogram shows

  /**
   * @param {object} schema of the adjustments
   * @param {{onStart: () => void, onInput: (change: object) => void, onPick: (button: HTMLElement, wish: object) => void, look: Look}} events
   */
  constructor({ constants }, { onStart, onInput, onPick, look }) {
    this.constants = constants;
    const percent = (id, label, about, rest) => ({ id, label, about, minimum: 0, maximum: 100, default: rest, step: 1, digits: 0, unit: '%' });
    this.low = new Slider(percent('low', 'From', 'The darkest that belongs to it.', 0), { onStart, onInput: (value) => onInput(this.#kept(value / 100, null)) });
    this.high = new Slider(percent('high', 'To', 'The lightest that belongs to it.', 100), { onStart, onInput: (value) => onInput(this.#kept(null, value / 100)) });
    this.canvas = h('canvas', { width: WIDTH, height: HEIGHT, role: 'img', 'aria-label': 'Tones of the photo, and the range' });
    this.range = h('i');
    const lightness = (at) => { const linear = look(at); return linear && oklab(linear, constants)[0]; };
    this.pipette = iconButton('pipette', 'Pick in the photo', () => this.pick());
    this.pick = () => onPick(this.pipette, {
      hint: 'Click what is as light, or drag over it',
      onPress: (at) => {
        const picked = lightness(at);
        if (picked === null) return false;
        onStart();
        this.picked = [picked, picked];
        onInput(around(this.picked));
        return true;
      },
      onDrag: (_, at) => {
        const picked = lightness(at);
        if (picked === null) return;
        this.picked = [Math.min(this.picked[0], picked), Math.max(this.picked[1], picked)];
        onInput(around(this.picked));
      },
    });
    this.element = h('div.range', {}, h('div.range-tones', {}, h('div.tones', {}, this.canvas, this.range), this.pipette), this.low.element, this.high.element);
  }

  show({ low, high }, photo) {
    this.shown = { low, high };
    this.low.show(Math.round(100 * low));
    this.high.show(Math.round(100 * high));
    this.range.style.left = `${100 * low}%`;
    this.range.style.right = `${100 * (1 - high)}%`;
    if (photo.id !== this.#counted) this.#count(photo).catch(() => { this.#counted = null; });
  }

  /** One end moves; it takes the other along. */
  #kept(low, high) {
    const { shown } = this;
    if (low !== null) return { low: Math.min(low, 1 - LEAST), high: Math.max(shown.high, Math.min(low, 1 - LEAST) + LEAST) };
    return { low: Math.min(shown.low, Math.max(high, LEAST) - LEAST), high: Math.max(high, LEAST) };
  }

  async #count({ id }) {
    this.#counted = id;
    const context = this.canvas.getContext('2d');
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const bitmap = await createImageBitmap(await requestBlob('GET', `photos/${id}/thumbnail`));
    const small = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    small.drawImage(bitmap, 0, 0);
    const { data } = small.getImageData(0, 0, bitmap.width, bitmap.height);
    bitmap.close();
    if (this.#counted !== id) return;
    const bins = new Uint32Array(WIDTH);
    for (let at = 0; at < data.length; at += 4) {
      const linear = [...data.subarray(at, at + 3)].map((value) => toLinear(value / 255));
      bins[Math.min(WIDTH - 1, Math.floor(oklab(linear, this.constants)[0] * WIDTH))] += 1;
    }
    const most = Math.max(...bins.slice(1, -1), 1);
    context.fillStyle = '#9b9ea6';
    bins.forEach((bin, tone) => context.fillRect(tone, HEIGHT, 1, -Math.min(1, Math.sqrt(bin / most)) * (HEIGHT - 4)));
  }
}

/** The range about what was picked. */
function around([least, most]) {
  const round = (value) => Math.round(Math.max(0, Math.min(1, value)) * 1000) / 1000;
  return { low: round(least - AROUND), high: round(most + AROUND) };
}

export class ColourRange {
  /** @param {{onStart: () => void, onInput: (change: object) => void, onPick: (button: HTMLElement, wish: object) => void, look: Look}} events */
  constructor({ onStart, onInput, onPick, look }) {
    this.swatch = h('i.colour-swatch');
    this.pipette = iconButton('pipette', 'Pick in the photo', () => this.pick());
    const take = (at) => {
      const colour = colourAt(look, at);
      if (colour) onInput({ colour });
      return Boolean(colour);
    };
    this.pick = () => onPick(this.pipette, {
      hint: 'Click the colour that is meant',
      onPress: (at) => {
        if (!look(at)) return false;
        onStart();
        return take(at);
      },
      onDrag: (_, at) => take(at),
    });
    this.element = h('div.range-colour', {}, this.swatch, h('span', {}, 'Colour of the photo'), this.pipette);
  }

  show({ colour }) {
    this.swatch.style.background = `rgb(${colour.map((value) => Math.round(255 * value))})`;
  }
}

/** A colour of the photo as a part has it, encoded sRGB; null outside. @param {Look} look */
export function colourAt(look, at) {
  return look(at)?.map((value) => Math.round(Math.max(0, Math.min(1, toEncoded(value))) * 1e4) / 1e4) ?? null;
}
