// The picture: the WebGL canvas with the before/after split, and what is said in its place.

import { h } from '../common/dom.js';
import { Viewport } from '../common/viewport.js';
import { Waiting } from '../common/waiting.js';
import { Renderer, NoWebGL2 } from '../webgl/renderer.js';

const NO_WEBGL2 =
  'This browser offers no WebGL 2, which the editor draws with. Please update the browser, or switch on hardware acceleration in its settings.';

export class Stage {
  #size = [1, 1];
  #split = null;
  #unfinished = 0;

  /**
   * @param {object} schema of the adjustments
   * @param {{onView: () => void}} events
   */
  constructor(schema, { onView }) {
    this.onView = onView;
    this.canvas = h('canvas', { 'aria-label': 'The edited photo' });
    this.handle = h('div.split-handle', { role: 'slider', tabindex: 0, 'aria-label': 'Before and after', 'aria-valuemin': 0, 'aria-valuemax': 100, hidden: true });
    this.tags = ['Before', 'After'].map((name) => h('span.tag', { hidden: true }, name));
    this.wait = new Waiting();
    this.notice = h('div.notice', { role: 'alert', hidden: true });
    this.element = h('div.picture', {}, this.canvas, this.tags, this.handle, this.wait.element, this.notice);
    try {
      this.renderer = new Renderer(this.canvas, schema);
    } catch (error) {
      if (!(error instanceof NoWebGL2)) throw error;
      this.say(NO_WEBGL2);
      return;
    }
    this.viewport = new Viewport(this.canvas, (view) => this.#moved(view));
    this.#watchSplit();
    this.canvas.addEventListener('rendererlost', () => this.busy('The graphics processor is away; the photo comes back with it.'));
    this.canvas.addEventListener('rendererrestored', () => this.busy(null));
  }

  /** Shows a photo. @throws what the browser says when it cannot decode it */
  async open(source, width, height) {
    this.#size = [width, height];
    await this.renderer.setPhoto(source, width, height);
    this.viewport.setPhoto(width, height);
  }

  /** Whether the zoom shows more pixels than the rendition has, and finer ones can be had here. */
  isCoarse({ width, linear, display, detail }) {
    const { scale } = this.viewport.view;
    const wanted = !linear && width > display[0] && scale * width > display[0] * 1.05;
    // On a phone the browser would rather close the page than hold a texture of that size.
    const roomy = (navigator.deviceMemory ?? 8) >= 4 && !matchMedia('(pointer: coarse)').matches;
    return wanted && roomy && Math.max(...detail) <= this.renderer.maxEdge;
  }

  /** Shows the same photo in finer pixels. */
  async refine(blob) {
    await this.renderer.refinePhoto(blob);
    this.renderer.requestDraw();
  }

  /** Marks the picture as unfinished until a promise is kept. */
  async until(promise) {
    this.#unfinished += 1;
    this.element.setAttribute('aria-busy', 'true');
    try {
      await promise;
    } finally {
      this.#unfinished -= 1;
      this.element.setAttribute('aria-busy', `${this.#unfinished > 0}`);
    }
  }

  /** A sentence over the canvas while something is under way; null takes it off. */
  busy(sentence, picture = null) {
    this.wait.show(sentence, picture);
  }

  /** A sentence at the top of the picture, with what can be done about it; null takes it off. */
  say(sentence, actions = {}) {
    this.notice.hidden = sentence === null;
    this.notice.replaceChildren(h('span', {}, sentence ?? ''), ...Object.entries(actions).map(([label, run]) =>
      h('button.button', { type: 'button', onclick: () => { this.say(null); run(); } }, label)));
  }

  get splitting() {
    return this.#split !== null;
  }

  /** Shows the original left of a line that can be dragged. */
  toggleSplit() {
    this.#setSplit(this.splitting ? null : 0.5);
  }

  #setSplit(fraction) {
    this.#split = fraction === null ? null : Math.max(0, Math.min(1, fraction));
    this.renderer.setSplit(this.#split);
    this.renderer.requestDraw();
    this.#placeSplit();
  }

  #moved(view) {
    this.renderer.setView(view);
    this.renderer.requestDraw();
    this.#placeSplit();
    this.onView();
  }

  #placeSplit() {
    for (const element of [this.handle, ...this.tags]) element.hidden = !this.splitting;
    if (!this.splitting) return;
    const { scale, x, y } = this.viewport.view;
    const css = (length) => length / this.viewport.ratio;
    const [left, width] = [css(x), css(scale * this.#size[0])];
    const top = Math.max(0, css(y));
    const bottom = Math.min(this.element.clientHeight, css(y + scale * this.#size[1]));
    const at = left + width * this.#split;
    this.handle.style.cssText = `left:${at}px;top:${top}px;height:${bottom - top}px`;
    this.handle.setAttribute('aria-valuenow', Math.round(this.#split * 100));
    this.tags[0].style.cssText = `left:${Math.max(left, 0) + 10}px;top:${bottom - 34}px`;
    this.tags[1].style.cssText = `right:${this.element.clientWidth - Math.min(left + width, this.element.clientWidth) + 10}px;top:${bottom - 34}px`;
  }

  #watchSplit() {
    const fractionAt = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const { scale, x } = this.viewport.view;
      return ((event.clientX - box.left) * this.viewport.ratio - x) / (scale * this.#size[0]);
    };
    this.handle.addEventListener('pointerdown', (event) => this.handle.setPointerCapture(event.pointerId));
    this.handle.addEventListener('pointermove', (event) => {
      if (this.handle.hasPointerCapture(event.pointerId)) this.#setSplit(fractionAt(event));
    });
    this.handle.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
      if (!step) return;
      event.stopPropagation();
      this.#setSplit(this.#split + step);
    });
  }
}
