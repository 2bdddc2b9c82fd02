// The tone curve of the chosen layer, drawn on the histogram: its points are dragged, added, taken away.

import { h, iconButton } from '../common/dom.js';
import { Segmented } from '../common/segmented.js';
import { curve } from '../webgl/curve.js';
import { oklab } from '../webgl/oklab.js';

const CHANNELS = { rgb: 'RGB', red: 'Red', green: 'Green', blue: 'Blue' };
const STRAIGHT = [[0, 0], [1, 1]];
const APART = 0.01; // that points are at least, from left to right
const NEAR = 16; // pixels of the page within which a press takes hold of a point
const OUT = 36; // pixels outside at which a point that is dragged is taken away
const DOUBLE_MS = 500; // within which a second press is a double click's
const STEP = 0.01; // of an arrow key; with Shift 5 times as far
const SAMPLES = 128; // of the curve as it is drawn
const SVG = 'http://www.w3.org/2000/svg';

export class Curve {
  channel = 'rgb';
  curves = {};
  #loose = {}; // points that lie on a straight line: they change nothing, so the document has none of them
  #begins = false; // the next change is a step
  #drag = null; // {index, out: all points as they were before the dragged one was drawn out}
  #addedAt = 0; // when a press put a point, in ms: a double click that began so takes none away

  /**
   * @param {HTMLElement} histogram that it is drawn on
   * @param {object} schema see envo/adjustments.py
   * @param {{onStart: () => void, onCurves: (curves: object) => void, onPick: (button: HTMLElement, wish: object) => void,
   *     look: (at: [number, number], change: (layer: object) => object) => ?number[]}} events onCurves: all of the
   *     layer's; onPick: see `Picker.toggle`; look: the colour at a place of the photo, as the layer has it with what of
   *     it comes before the curve, in linear light
   */
  constructor(histogram, { max_curve_points: most, adjustments, constants }, { onStart, onCurves, onPick, look }) {
    Object.assign(this, { onStart, onCurves, look, most, constants });
    this.before = adjustments.filter(({ group, section }) => group === 'Light' || section === 'White balance').map(({ id }) => id);
    this.lines = Object.fromEntries(Object.keys(CHANNELS).map((name) => [name, svg('path', { 'data-channel': name })]));
    const grid = svg('path', { class: 'curve-grid', d: 'M25 0V100M50 0V100M75 0V100M0 25H100M0 50H100M0 75H100M0 100 100 0' });
    const drawing = svg('svg', { viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    drawing.append(grid, ...Object.values(this.lines));
    this.handles = h('div.curve-points');
    this.area = h('div.curve-area', { role: 'group', 'aria-label': 'Tone curve' }, histogram, drawing, this.handles);
    this.channels = new Segmented('Curve of', CHANNELS, (name) => { this.channel = name; this.#draw(); });
    this.pick = iconButton('pipette', 'Click in the photo to put a point at that tone', () => onPick(this.pick, {
      hint: 'Click a tone to put a point there',
      onPress: (at) => this.#putAt(at),
    }), { 'aria-pressed': 'false' });
    this.reset = h('button.link', { type: 'button', 'aria-label': 'Reset the curve', onclick: () => this.#step(STRAIGHT) }, 'reset');
    this.element = h('div.curve', {}, this.area, h('div.curve-bar', {}, this.channels.element, this.pick, this.reset));
    this.#watch();
    this.#draw();
  }

  /** The points of the channel that is shown. */
  get points() {
    return this.curves[this.channel] ?? this.#loose[this.channel] ?? STRAIGHT;
  }

  /** @param {object} layer */
  show({ id, curves }) {
    if (id !== this.layer) this.#loose = {};
    this.layer = id;
    this.curves = curves;
    this.#draw();
  }

  /** Forgets what is in no document: another photo is opened. */
  forget() {
    this.#loose = {};
  }

  isUsed({ curves }) {
    return Object.keys(curves).length > 0;
  }

  /** Shows the histogram alone, or the curve on it. */
  showPlain(isPlain) {
    this.element.classList.toggle('plain', isPlain);
  }

  // Changing it

  /** Puts a point on the curve, at the tone of a place in the photo. @returns {boolean} whether there is such a place */
  #putAt(place) {
    const linear = this.look(place, (layer) => this.#upTo(layer));
    if (!linear) return false;
    const x = this.channel === 'rgb' ? encode(oklab(linear, this.constants)[0] ** 3) : encode(linear[Object.keys(CHANNELS).indexOf(this.channel) - 1]);
    const at = this.#free(x);
    if (at !== null) this.#step(insert(this.points, [at, curve(this.points)(at)]), at);
    return true;
  }

  /** What of a layer comes before the curve that is shown. */
  #upTo({ adjustments, curves: { rgb } }) {
    if (this.channel !== 'rgb') return { adjustments, curves: rgb ? { rgb } : {} };
    return { adjustments: Object.fromEntries(Object.entries(adjustments).filter(([id]) => this.before.includes(id))) };
  }

  #step(points, focused = null) {
    this.#begins = true;
    this.#set(points);
    if (focused !== null) this.handles.children[this.points.findIndex(([x]) => x === focused)]?.focus();
  }

  #set(points) {
    const { channel } = this;
    const { [channel]: before, ...others } = this.curves;
    const straight = isStraight(points);
    this.#loose[channel] = straight ? points : undefined;
    if (straight && !before) {
      this.#draw();
      return;
    }
    if (this.#begins) this.onStart();
    this.#begins = false;
    this.onCurves(straight ? others : { ...others, [channel]: points.map((point) => point.map(rounded)) });
  }

  /** Where a new point can lie near x; null: nowhere. */
  #free(x) {
    const { points } = this;
    if (points.length >= this.most) return null;
    const at = rounded(Math.max(0, Math.min(1, x)));
    return points.every(([other]) => Math.abs(other - at) >= APART) ? at : null;
  }

  /** Moves a point as far as its neighbours let it. */
  #move(index, [x, y]) {
    const { points } = this;
    const least = index ? points[index - 1][0] + APART : 0;
    const most = index < points.length - 1 ? points[index + 1][0] - APART : 1;
    const to = [Math.max(least, Math.min(most, x)), Math.max(0, Math.min(1, y))];
    this.#set(points.map((point, at) => (at === index ? to : point)));
  }

  /** Takes a point away; one at an end goes back into its corner. */
  #remove(index) {
    const { points } = this;
    const last = points.length - 1;
    if (index === 0 || index === last) this.#step(points.map((point, at) => (at === index ? STRAIGHT[Math.sign(index)] : point)));
    else this.#step(points.filter((_, at) => at !== index));
    this.handles.children[Math.min(index, this.points.length - 1)]?.focus();
  }

  #watch() {
    const { area } = this;
    area.addEventListener('pointerdown', (event) => this.#press(event));
    area.addEventListener('pointermove', (event) => this.#dragTo(event));
    for (const name of ['pointerup', 'pointercancel']) area.addEventListener(name, () => this.#release());
    area.addEventListener('dblclick', (event) => {
      const { nearest, distance } = this.#nearest(event);
      if (distance <= NEAR && event.timeStamp - this.#addedAt > DOUBLE_MS) this.#remove(nearest);
    });
    area.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.handles.getBoundingClientRect();
    return { x: (clientX - left) / width, y: 1 - (clientY - top) / height, width, height };
  }

  /** The point that an event is nearest to, and how far that is in pixels of the page. */
  #nearest(event) {
    const { x, y, width, height } = this.#at(event);
    const away = this.points.map(([px, py]) => Math.hypot((px - x) * width, (py - y) * height));
    const distance = Math.min(...away);
    return { nearest: away.indexOf(distance), distance };
  }

  #press(event) {
    if (event.button !== 0 || this.#drag || this.element.matches('.plain')) return;
    const { x, y } = this.#at(event);
    const { nearest, distance } = this.#nearest(event);
    const at = distance <= NEAR ? null : this.#free(x);
    if (distance > NEAR && at === null) return;
    event.preventDefault(); // the point has the focus, not what is under the pointer
    this.area.setPointerCapture(event.pointerId);
    this.#begins = true;
    if (at !== null) {
      this.#set(insert(this.points, [at, Math.max(0, Math.min(1, y))]));
      this.#addedAt = event.timeStamp;
    }
    this.#drag = { index: at === null ? nearest : this.points.findIndex(([px]) => px === at), out: null };
    this.handles.children[this.#drag.index]?.focus({ focusVisible: false });
  }

  #dragTo(event) {
    const drag = this.#drag;
    if (!drag) return;
    const { x, y, width, height } = this.#at(event);
    const isEnd = drag.index === 0 || drag.index === (drag.out ?? this.points).length - 1;
    const beyond = Math.max(-x * width, (x - 1) * width, -y * height, (y - 1) * height);
    if (!isEnd && beyond > OUT) {
      // Taken away while it is outside: who comes back has it again.
      drag.out ??= this.points;
      this.#set(drag.out.filter((_, at) => at !== drag.index));
      return;
    }
    if (drag.out) {
      this.#set(drag.out);
      drag.out = null;
    }
    this.#move(drag.index, [x, y]);
  }

  #release() {
    this.#drag = null;
  }

  #onKey(event) {
    const { key, shiftKey, target } = event;
    if (!target.matches('.curve-point')) return;
    const index = indexOf(target);
    const far = shiftKey ? 5 * STEP : STEP;
    const by = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, far], ArrowDown: [0, -far] }[key];
    if (by) {
      const [x, y] = this.points[index];
      this.#begins = true;
      this.#move(index, [x + by[0], y + by[1]]);
    } else if (key === 'Delete' || key === 'Backspace') {
      this.#remove(index);
    } else if (key === 'Insert' || key === '+') {
      const [from, to] = index < this.points.length - 1 ? [index, index + 1] : [index - 1, index];
      const middle = rounded((this.points[from][0] + this.points[to][0]) / 2);
      if (this.#free(middle) !== null) this.#step(insert(this.points, [middle, curve(this.points)(middle)]), middle);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // Showing it

  #draw() {
    this.channels.show(this.channel);
    for (const button of this.channels.buttons) button.classList.toggle('used', button.dataset.choice in this.curves);
    this.reset.hidden = !(this.channel in this.curves);
    for (const [name, line] of Object.entries(this.lines)) {
      const points = this.curves[name] ?? STRAIGHT;
      const isShown = name === this.channel;
      line.classList.toggle('on', isShown);
      line.style.display = isShown || name in this.curves ? '' : 'none';
      line.setAttribute('d', path(points));
    }
    this.area.dataset.channel = this.channel;
    const { points } = this;
    while (this.handles.children.length > points.length) this.handles.lastChild.remove();
    while (this.handles.children.length < points.length) {
      this.handles.append(h('div.curve-point', { role: 'slider', tabindex: 0, 'aria-valuemin': 0, 'aria-valuemax': 100 }));
    }
    for (const [index, [x, y]] of points.entries()) {
      const handle = this.handles.children[index];
      handle.style.cssText = `left:${100 * x}%;bottom:${100 * y}%`;
      handle.setAttribute('aria-label', `${CHANNELS[this.channel]} curve, point ${index + 1} of ${points.length}`);
      handle.setAttribute('aria-valuenow', Math.round(100 * y));
      handle.setAttribute('aria-valuetext', `${Math.round(100 * x)}% becomes ${Math.round(100 * y)}%`);
    }
  }
}

/** The sRGB transfer function, for 0 to 1. */
const encode = (value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function path(points) {
  const height = curve(points);
  const steps = Array.from({ length: SAMPLES + 1 }, (_, step) => step / SAMPLES);
  return `M${steps.map((x) => `${(100 * x).toFixed(2)} ${(100 - 100 * height(x)).toFixed(2)}`).join('L')}`;
}

const rounded = (value) => Number(value.toFixed(4));

const indexOf = (handle) => [...handle.parentElement.children].indexOf(handle);

const insert = (points, point) => [...points, point].sort(([one], [other]) => one - other);

const isStraight = (points) => points.every(([x, y]) => x === y);
