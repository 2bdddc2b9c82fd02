// How often each tone occurs in the edited photo, red, green and blue.

import { h, icon } from '../common/dom.js';
import { storage } from '../common/storage.js';

const SAMPLES = 192; // long edge of the small picture that is counted
const SETTLE_MS = 120;
const FOLDED = 'envo:histogram-folded';
const COLOURS = ['#ff6b6b', '#5ad17a', '#5a9bff'];

export class Histogram {
  #timer = 0;
  #turn = 0; // counts what was asked for; an answer that comes late is not drawn

  #wanted = null; // the renderer of what is to be counted

  constructor() {
    this.canvas = h('canvas.histogram', { width: 544, height: 260, role: 'img', 'aria-label': 'Histogram of the edited photo' });
  }

  /** Counts what was to be counted while nobody saw it. */
  seen() {
    if (this.#wanted) this.update(this.#wanted);
  }

  /** Counts anew once the photo has not changed for a moment. */
  update(renderer) {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    this.#wanted = renderer;
    if (!this.canvas.checkVisibility()) return; // nothing is counted that nobody sees
    this.#timer = setTimeout(async () => {
      const [width, height] = renderer.size;
      const scale = SAMPLES / Math.max(width, height);
      const pixels = await renderer.read(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
      if (turn === this.#turn) this.#draw(count(pixels));
    }, SETTLE_MS);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#wanted = null;
    const { width, height } = this.canvas;
    this.canvas.getContext('2d').clearRect(0, 0, width, height);
  }

  #draw(channels) {
    const { width, height } = this.canvas;
    const context = this.canvas.getContext('2d');
    // The very ends are left out of the scale: a clipped sky would flatten all the rest.
    const top = Math.max(...channels.map((bins) => Math.max(...bins.slice(1, -1))), 1);
    context.clearRect(0, 0, width, height);
    context.globalCompositeOperation = 'screen';
    context.globalAlpha = 0.62;
    channels.forEach((bins, channel) => {
      context.fillStyle = COLOURS[channel];
      context.beginPath();
      context.moveTo(0, height);
      bins.forEach((bin, tone) => context.lineTo((tone / (bins.length - 1)) * width, height - Math.min(1, Math.sqrt(bin / top)) * (height - 6)));
      context.lineTo(width, height);
      context.fill();
    });
  }
}

/** @returns {number[][]} 128 bins for each of red, green and blue, smoothed over three */
function count(pixels) {
  const channels = COLOURS.map(() => new Array(128).fill(0));
  for (let i = 0; i < pixels.length; i += 4) {
    for (let channel = 0; channel < 3; channel += 1) channels[channel][pixels[i + channel] >> 1] += 1;
  }
  return channels.map((bins) => bins.map((bin, i) => (bin + (bins[i - 1] ?? bin) + (bins[i + 1] ?? bin)) / 3));
}

/** What it stands in beside the tools: it folds, and stays as it was left. */
export class HistogramFold {
  /** @param {HTMLElement} content @param {() => void} onOpen */
  constructor(content, onOpen) {
    this.title = h('h3', {}, 'Histogram');
    this.body = h('div.histogram-body', {}, content);
    this.element = h('details.histogram-fold', { open: storage.get(FOLDED) === null }, h('summary', {}, this.title, icon('chevron')), this.body);
    this.element.addEventListener('toggle', () => {
      if (this.element.open) storage.remove(FOLDED);
      else storage.set(FOLDED, 'yes');
      onOpen();
    });
  }
}
