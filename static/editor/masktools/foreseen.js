// The line around what a click would find, over the picture as the edit frames it.

import { h } from '../../common/dom.js';
import { trace } from '../../mask/contour.js';

export class Foreseen {
  /**
   * @param {import('../stage.js').Stage} stage
   * @param {() => object} photo that is open
   */
  constructor(stage, photo) {
    Object.assign(this, { stage, photo });
    this.svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    this.element = h('div.foreseen', { hidden: true });
    this.element.append(this.svg);
  }

  /** @param {?{pixels: Uint8Array, width: number, height: number}} mask of the photo; null: none */
  show(mask) {
    this.element.hidden = !mask;
    if (!mask) return;
    const { pixels, width, height } = mask;
    const across = this.photo().width / width;
    const down = this.photo().height / height;
    const onPicture = ([x, y]) => this.stage.toPicture([x * across, y * down]).map((each) => each.toFixed(1)).join(' ');
    const pieces = [];
    trace(pixels, width, height, (...ends) => pieces.push(`M${ends.map(onPicture).join('L')}`));
    this.svg.setAttribute('viewBox', `0 0 ${this.stage.renderer.framing.size.join(' ')}`);
    this.svg.innerHTML = ['shade', 'line'].map((kind) => `<path class="${kind}" d="${pieces.join('')}"/>`).join('');
    this.place();
  }

  /** Puts it where the picture is by now. */
  place() {
    if (this.element.hidden) return;
    const { view, ratio } = this.stage.viewport;
    const [width, height] = this.stage.renderer.framing.size;
    const onPage = (length) => `${length / ratio}px`;
    Object.assign(this.element.style, { left: onPage(view.x), top: onPage(view.y), width: onPage(width * view.scale), height: onPage(height * view.scale) });
  }
}
