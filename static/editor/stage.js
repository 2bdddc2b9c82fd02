// The picture: the WebGL canvas with the before/after split, and what is said in its place.

import { h } from '../common/dom.js';
import { Split } from '../common/split.js';
import { Viewport } from '../common/viewport.js';
import { Waiting } from '../common/waiting.js';
import { atPhoto, atPicture } from '../webgl/geometry.js';
import { NoWebGL2 } from '../webgl/gl.js';
import { Renderer } from '../webgl/renderer.js';
import { CropFrame } from './cropframe.js';
import { Picker } from './picker.js';

const NO_WEBGL2 =
  'This browser offers no WebGL 2, which the editor draws with. Please update the browser, or switch on hardware acceleration in its settings.';

export class Stage {
  #size = [1, 1]; // of the picture that the edit leaves of the photo, in the photo's pixels
  #unfinished = 0;
  /** What draws in the photo: its `isOn` tells whether it does, its `takes` whether a press is for it. */
  tool = { isOn: false, takes: () => false };

  /**
   * @param {object} schema of the adjustments
   * @param {{onView: () => void}} events
   */
  constructor(schema, { onView }) {
    this.onView = onView;
    this.canvas = h('canvas', { 'aria-label': 'The edited photo' });
    this.split = new Split(() => this.#drawSplit());
    this.wait = new Waiting();
    this.state = h('div.stage-state', { role: 'status', hidden: true });
    this.notice = h('div.notice', { role: 'alert', hidden: true });
    this.element = h('div.picture', {}, this.canvas, this.split.elements, this.wait.element, this.state, this.notice);
    this.picker = new Picker(this.element, this.canvas, (event) => this.viewport.locate(event));
    this.cropFrame = new CropFrame(this.element, this.canvas);
    this.element.append(this.cropFrame.element, this.picker.hint);
    try {
      this.renderer = new Renderer(this.canvas, schema);
    } catch (error) {
      if (!(error instanceof NoWebGL2)) throw error;
      this.say(NO_WEBGL2);
      return;
    }
    this.#followScreen();
    this.viewport = new Viewport(this.canvas, (view) => this.#moved(view), (event) => this.#pans(event));
    this.canvas.addEventListener('dblclick', (event) => { if (!this.tool.isOn) this.viewport.toggle(event); });
    this.split.holdOn(this.canvas, (event) => !this.tool.takes(event));
    this.canvas.addEventListener('rendererlost', () => this.busy('The graphics processor is away; the photo comes back with it.'));
    this.canvas.addEventListener('rendererrestored', () => this.busy(null));
  }

  /** Shows a photo. @throws what the browser says when it cannot decode it */
  async open(source, width, height) {
    await this.renderer.setPhoto(source, width, height);
    this.#size = this.renderer.framing.size;
    this.viewport.setPhoto(...this.#size);
  }

  /** Shows what an edit makes of the photo. */
  show(document) {
    this.renderer.setDocument(document);
    this.#framed();
  }

  /** Shows all of the frame, with what the crop leaves out, or the crop alone. */
  showUncropped(uncropped) {
    this.renderer.setUncropped(uncropped);
    this.#framed();
  }

  /** A place in the picture as one in the photo, both in pixels. */
  toPhoto(point) {
    return atPhoto(this.renderer.framing, point);
  }

  /** A place in the photo as one in the picture, both in pixels. */
  toPicture(point) {
    return atPicture(this.renderer.framing, point);
  }

  /** Draws in the colours that the screen has, also when the window comes to another one. */
  #followScreen() {
    const wide = matchMedia('(color-gamut: p3)');
    const follow = () => {
      this.renderer.setGamut(wide.matches ? 'display-p3' : 'srgb');
      this.renderer.requestDraw();
    };
    wide.addEventListener('change', follow);
    follow();
  }

  /** Draws, and fits the view to the picture where that has another size now. */
  #framed() {
    const { size } = this.renderer.framing;
    if (String(size) !== String(this.#size)) {
      this.#size = size;
      this.viewport.setSize(...size);
    }
    this.renderer.requestDraw();
  }

  /**
   * The colour that an edit leaves at a place of the picture, before the view transform; null outside.
   * @param {object} document of the geometry that is shown @param {[number, number]} at in the picture's pixels
   * @returns {?number[]} linear sRGB, 0 to 1
   */
  look(document, [x, y]) {
    const [width, height] = this.#size;
    if (x < 0 || y < 0 || x >= width || y >= height) return null;
    return this.renderer.sample({ ...document, view: 'none' }, [x, y]);
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
  async refine(source) {
    await this.renderer.refinePhoto(source);
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

  /** What is under way with the photo that is shown; '' for nothing. */
  note(sentence) {
    this.state.textContent = sentence;
    this.state.hidden = !sentence;
  }

  /** A sentence at the top of the picture, with what can be done about it; null takes it off. */
  say(sentence, actions = {}) {
    this.notice.hidden = sentence === null;
    this.notice.replaceChildren(h('span', {}, sentence ?? ''), ...Object.entries(actions).map(([label, run]) =>
      h('button.button', { type: 'button', onclick: () => { this.say(null); run(); } }, label)));
  }

  get splitting() {
    return this.split.at !== null;
  }

  /** Shows the original left of a line that can be dragged. */
  toggleSplit() {
    this.split.toggle();
  }

  /** Whether a press takes hold of the photo: the middle button does while something is drawn with the others. */
  #pans(event) {
    return !this.tool.takes(event) && (event.button === 0 || (event.button === 1 && this.tool.isOn));
  }

  #drawSplit() {
    this.renderer.setSplit(this.split.at);
    this.renderer.setBefore(this.split.held);
    this.renderer.requestDraw();
  }

  #moved(view) {
    this.renderer.setView(view);
    this.renderer.requestDraw();
    const onPage = (length) => length / this.viewport.ratio;
    for (const each of [this.split, this.cropFrame]) each.frame(onPage(view.x), onPage(view.y), onPage(view.scale * this.#size[0]), onPage(view.scale * this.#size[1]));
    this.onView();
  }
}
