// How a mask is shown over the photo: tinted, with a line along its edge.

import { contour } from './contour.js';

const STRENGTH = 0.5; // of a tint
const FAINT = 0.25; // of the tint of what is only foreseen
const SHADE = 0.72; // of what is not selected

/** Names and colours to choose from; `rest` darkens what is not selected instead. */
export const COLOURS = {
  blue: [56, 128, 255],
  red: [255, 64, 52],
  green: [64, 214, 92],
  rest: [12, 13, 14],
};

export class Overlay {
  outlined = true;
  #strength;
  #colour = 'blue';
  #mask = null;
  #path = null;

  /** @param {boolean} isFaint for what is only foreseen: a faint tint, and nothing around it is darkened */
  constructor(isFaint = false) {
    this.#strength = isFaint ? FAINT : STRENGTH;
  }

  /** Takes masks of another size; there is nothing to show yet. */
  setSize(width, height) {
    this.canvas = new OffscreenCanvas(width, height);
    this.context = this.canvas.getContext('2d');
    this.image = new ImageData(width, height);
    this.words = new Uint32Array(this.image.data.buffer);
    this.#mask = null;
    this.#path = null;
  }

  /** @param {keyof COLOURS} name */
  setColour(name) {
    this.#colour = name;
    if (this.#mask) this.#tint(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Shows a mask; null: none. */
  show(mask) {
    this.#mask = mask;
    this.#path = null;
    if (mask) this.#tint(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Shows what has changed within a rectangle of the mask; the line is drawn anew with the next `show`. */
  touch(mask, [left, top, right, bottom]) {
    this.#mask = mask;
    if (right > left && bottom > top) this.#tint(left, top, right, bottom);
  }

  #tint(left, top, right, bottom) {
    const { width } = this.canvas;
    const colours = lookup(this.#colour, this.#strength);
    for (let y = top; y < bottom; y += 1) {
      for (let i = y * width + left, end = y * width + right; i < end; i += 1) this.words[i] = colours[this.#mask[i]];
    }
    this.context.putImageData(this.image, 0, 0, left, top, right - left, bottom - top);
  }

  /**
   * @param {CanvasRenderingContext2D} context its unit is a device pixel
   * @param {{scale, x, y: number}} view
   * @param {[number, number]} size of the photo
   * @param {number} ratio device pixels for a pixel of the page
   */
  draw(context, { scale, x, y }, size, ratio) {
    if (!this.#mask) return;
    const [across, down] = [(size[0] * scale) / this.canvas.width, (size[1] * scale) / this.canvas.height];
    context.setTransform(across, 0, 0, down, x, y);
    context.imageSmoothingEnabled = across < 2;
    context.drawImage(this.canvas, 0, 0);
    if (this.outlined) {
      this.#path ??= contour(this.#mask, this.canvas.width, this.canvas.height);
      for (const [width, style] of [[3, '#0008'], [1.3, '#fff']]) {
        context.lineWidth = (width * ratio) / across;
        context.strokeStyle = style;
        context.stroke(this.#path);
      }
    }
    context.resetTransform();
  }
}

/** The colour over the photo for each value of a mask, as the bytes of an ImageData in one number. */
function lookup(name, strength) {
  const [red, green, blue] = COLOURS[name];
  const shade = strength === STRENGTH ? SHADE : 0;
  const alpha = (value) => (name === 'rest' ? shade * (255 - value) : strength * value);
  return Uint32Array.from({ length: 256 }, (_, value) => {
    const bytes = new Uint8Array([red, green, blue, Math.round(alpha(value))]);
    return new Uint32Array(bytes.buffer)[0];
  });
}
