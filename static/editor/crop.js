// The Crop tool: ratio, straightening, turns and perspective in the panel, the crop's frame over the photo.

import { request } from '../common/api.js';
import { h, icon, iconButton, tellError, toast } from '../common/dom.js';
import { isAsked, isTyping } from '../common/keys.js';
import { Segmented } from '../common/segmented.js';
import { Slider } from '../common/slider.js';
import { STRAIGHT, frameSize, framing, isFramed } from '../webgl/geometry.js';
import { acrossRatio, cropOf, degrees, mirrored, moved, pulled, ratioName, slope, swapped, turned, upended, warped, withRatio } from './geometry.js';

const ANGLE = { id: 'crop_angle', field: 'angle', label: 'Angle', about: 'Turns the photo, clockwise above 0; what would be empty is cut off.', minimum: -45, maximum: 45, default: 0, step: 0.1, digits: 1, unit: '°' };
const VERTICAL = { id: 'crop_vertical', field: 'vertical', label: 'Vertical', about: 'Sets upright what falls to the back: above 0 it enlarges the top.', minimum: -100, maximum: 100, default: 0, step: 1, digits: 0, unit: '%' };
const HORIZONTAL = { id: 'crop_horizontal', field: 'horizontal', label: 'Horizontal', about: 'Sets level what flees to a side: above 0 it enlarges the left.', minimum: -100, maximum: 100, default: 0, step: 1, digits: 0, unit: '%' };
const RATIOS = { free: 'Free', original: 'Original', '1:1': '1:1', '4:5': '4:5', '3:2': '3:2', '16:9': '16:9', own: 'Own' };
const LEVEL = 'Draw a line along what is to be level or upright';

export class CropTool {
  #photo = null; // that is open
  #geometry = STRAIGHT;
  #before = null; // the geometry when the tool was opened; null while it is not
  #start = null; // the geometry when the present gesture began
  #ownRatio = false; // whether the fields of a ratio of one's own show, whatever the ratio

  #goesByKeys = false; // what has the focus was gone to by keys, not pressed

  /**
   * @param {import('./stage.js').Stage} stage
   * @param {object} schema see envo/adjustments.py
   * @param {{onStart: () => void, onMove: (geometry: object) => void, onStep: (geometry: object) => void, onDone: () => void}} events
   *     onMove: within the gesture that onStart began; onStep: in one step; onDone: the tool is to be left
   */
  constructor(stage, { constants }, events) {
    Object.assign(this, { stage, k: constants, ...events });
    this.ratio = new Segmented('Ratio', RATIOS, (ratio) => this.#chooseRatio(ratio));
    this.swap = h('button.chip', { type: 'button', title: 'Width and height change places (X)', onclick: () => this.#step(swapped(this.#geometry, this.#size)) }, icon('swap'), 'Swap');
    this.sides = ['Width', 'Height'].map((side) => h('input.ratio-side', { type: 'text', inputmode: 'decimal', autocomplete: 'off', 'aria-label': `${side} of the ratio`, onchange: () => this.#typeRatio() }));
    this.own = h('span.own-ratio', { hidden: true }, this.sides[0], ':', this.sides[1]);
    this.pixels = h('output.crop-size', { 'aria-label': 'Size of the cropped photo' });
    const warp = (adjustment) => new Slider(adjustment, {
      onStart: () => this.#begin(),
      onInput: (value) => this.#move(warped(this.#geometry, { [adjustment.field]: value }, this.#start.crop, this.#size)),
    });
    [this.angle, this.vertical, this.horizontal] = [ANGLE, VERTICAL, HORIZONTAL].map(warp);
    const range = this.angle.range;
    range.addEventListener('pointerdown', () => this.frame.turning(true));
    for (const name of ['pointerup', 'pointercancel', 'blur']) range.addEventListener(name, () => this.frame.turning(false));
    this.level = h('button.chip', { type: 'button', 'aria-pressed': 'false', title: `${LEVEL}; with Ctrl held down at any time`, onclick: () => this.#level(!this.frame.levelling) }, icon('level'), 'Line');
    const auto = (wish, label, title) => h('button.chip', { type: 'button', title, 'aria-label': label === 'Auto' ? 'Auto' : `Auto, ${label.toLowerCase()}`, 'data-wish': wish, onclick: ({ currentTarget }) => this.#auto(wish, currentTarget).catch(tellError) }, icon('spark'), label);
    this.turns = h('div.crop-turns', { role: 'group', 'aria-label': 'Turn and flip' },
      iconButton('left', 'Turn left', () => this.#step(turned(this.#geometry, 3))),
      iconButton('right', 'Turn right', () => this.#step(turned(this.#geometry))),
      iconButton('flip', 'Flip left to right', () => this.#step(mirrored(this.#geometry))),
      iconButton('upend', 'Flip top to bottom', () => this.#step(upended(this.#geometry))),
      h('span.space'),
      iconButton('thirds', 'Other lines: thirds, golden ratio, none (O)', () => this.#nextGrid()));
    this.resetButton = h('button.button', { type: 'button', onclick: () => this.#step(STRAIGHT) }, 'Reset');
    this.element = h('div.crop-tool', {},
      this.turns,
      h('div.crop-part', {}, this.ratio.element, h('div.crop-row', {}, this.swap, this.own, h('span.space'), this.pixels)),
      h('div.crop-part', {}, h('h3', {}, 'Straighten'), this.angle.element, h('div.crop-row', {}, this.level, auto('straighten', 'Auto', 'Sets the photo level by what is in it'))),
      h('div.crop-part', {}, h('h3', {}, 'Perspective'), this.vertical.element, this.horizontal.element,
        h('div.crop-row', {}, auto('vertical', 'Vertical', 'Sets upright lines upright, by those in the photo'), auto('horizontal', 'Horizontal', 'Sets level lines level, by those in the photo'), auto('full', 'Both', 'Sets upright and level lines right, by those in the photo'))),
      h('div.crop-ends', {}, this.resetButton, h('button.button.primary', { type: 'button', title: 'Leaves the tool (Enter); Escape puts back what was', onclick: () => this.onDone() }, 'Done')));
    // Before the keys of the tab hear of it.
    document.addEventListener('keydown', (event) => this.#onKey(event), { capture: true });
    document.addEventListener('pointerdown', () => { this.#goesByKeys = false; }, { capture: true });
  }

  get frame() {
    return this.stage.cropFrame;
  }

  get sliders() {
    return [this.angle, this.vertical, this.horizontal];
  }

  /** Whether anything of the photo is cut, turned or tilted. */
  get isUsed() {
    return isFramed(this.#geometry);
  }

  /** What the pure functions want to know of the photo. */
  get #size() {
    return { size: [this.#photo.width, this.#photo.height], k: this.k, lens: this.stage.renderer.lens };
  }

  /** @param {?object} photo that is open @param {object} document */
  show(photo, { geometry }) {
    const isOther = photo?.id !== this.#photo?.id;
    this.#photo = photo;
    this.#geometry = geometry;
    if (isOther && this.#before) this.#before = geometry;
    if (isOther) this.#start = null;
    this.frame.element.hidden = !photo || !this.isOpen;
    if (!photo) return;
    const { crop, ratio } = geometry;
    if (isOther) this.#ownRatio = false;
    const known = this.#ownRatio ? 'own' : Object.keys(RATIOS).find((each) => [each, acrossRatio(each)].includes(ratio)) ?? 'own';
    for (const button of this.ratio.buttons) {
      const { choice } = button.dataset;
      button.textContent = choice === known && choice.includes(':') ? ratio : RATIOS[choice];
    }
    this.ratio.show(known);
    this.own.hidden = known !== 'own';
    if (ratio.includes(':') && this.#typedRatio !== ratio) this.sides.forEach((side, i) => { side.value = ratio.split(':')[i]; });
    for (const slider of this.sliders) slider.show(geometry[slider.adjustment.field]);
    this.pixels.textContent = framing(geometry, this.#size.size, this.k, this.stage.renderer.lens).size.join(' × ');
    this.resetButton.disabled = !isFramed(geometry) && ratio === 'free';
    this.frame.show(crop ?? cropOf(geometry, this.#size));
  }

  /** The tool was opened: all of the photo is shown, with the crop's frame. */
  open() {
    if (this.#before) return;
    this.#before = this.#geometry;
    this.stage.showUncropped(true);
    this.frame.open({
      onStart: () => this.#begin(),
      onMove: (by, further) => this.#gesture(further, (start, crop) => moved(start, crop, by, this.#size)),
      onPull: (handle, by, further) => this.#gesture(further, (start, crop) => pulled(start, crop, handle, by, this.#size)),
      onTurn: (by) => this.#gesture(false, (start) => warped(this.#geometry, { angle: degrees(start.angle + by) }, start.crop, this.#size)),
      onPinch: (by, turned) => this.#pinch(by, turned),
      onLine: (from, to) => this.#drawLevel(slope(from, to)),
    });
    this.stage.viewport.fit();
    this.show(this.#photo, { geometry: this.#geometry });
  }

  /** It was left: what the crop leaves of the photo is shown. */
  close() {
    if (!this.#before) return;
    this.#before = null;
    this.#level(false);
    this.frame.close();
    this.stage.showUncropped(false);
    this.stage.viewport.fit();
  }

  get isOpen() {
    return this.#before !== null;
  }

  #begin() {
    this.#start = this.#geometry;
    this.onStart();
  }

  #step(geometry) {
    this.#ownRatio = false;
    this.onStep(geometry);
  }

  #move(geometry) {
    this.onMove(geometry);
  }

  /** @param {boolean} further whether it goes on from what is now, not from where the gesture began */
  #gesture(further, change) {
    const start = further ? this.#geometry : this.#start;
    this.#move(change(start, cropOf(start, this.#size)));
  }

  /** Two fingers: the photo turns with them; as they part, what is seen of it shrinks. */
  #pinch(by, turned) {
    const start = this.#start;
    const [l, t, r, b] = cropOf(start, this.#size);
    const wished = [(r - l) * by, (b - t) * by].map((each) => Math.min(each, 1));
    const middle = [(l + r) / 2, (t + b) / 2];
    const crop = [0, 1].map((i) => middle[i] - wished[i] / 2).concat([0, 1].map((i) => middle[i] + wished[i] / 2));
    this.#move(warped(start, { angle: degrees(start.angle + turned) }, crop, this.#size));
  }

  #chooseRatio(ratio) {
    this.#ownRatio = ratio === 'own';
    if (ratio === 'own') {
      if (!this.#geometry.ratio.includes(':')) {
        const frame = frameSize(this.#geometry, this.#size.size);
        const [l, t, r, b] = cropOf(this.#geometry, this.#size);
        const name = ratioName(Math.round((r - l) * frame[0]), Math.round((b - t) * frame[1]));
        if (name) this.onStep({ ...this.#geometry, ratio: name });
      }
      this.show(this.#photo, { geometry: this.#geometry });
      this.sides[0].select();
      this.sides[0].focus();
    } else if (ratio !== this.#geometry.ratio && acrossRatio(ratio) !== this.#geometry.ratio) this.#step(withRatio(this.#geometry, ratio, this.#size));
    else this.show(this.#photo, { geometry: this.#geometry });
  }

  /** What the fields say, as the document writes it; null where that is no ratio. */
  get #typedRatio() {
    return ratioName(...this.sides.map((side) => Number.parseFloat(side.value.replace(',', '.'))));
  }

  #typeRatio() {
    const name = this.#typedRatio;
    if (name && name !== this.#geometry.ratio) this.onStep(withRatio(this.#geometry, name, this.#size));
  }

  #level(levels) {
    this.frame.levels(levels);
    this.level.setAttribute('aria-pressed', levels);
    this.stage.picker.say(levels ? LEVEL : '');
  }

  #drawLevel(off) {
    this.#level(false);
    const { crop, angle } = this.#geometry;
    const to = degrees(angle - off);
    if (to !== angle) this.#step(warped(this.#geometry, { angle: to }, crop, this.#size));
  }

  /** Lets the photo itself say how it is to be turned or tilted. */
  async #auto(wish, button) {
    const photo = this.#photo;
    button.setAttribute('aria-busy', 'true');
    try {
      const found = await request('POST', `photos/${photo.id}/geometry`, { wish, geometry: this.#geometry });
      if (photo.id !== this.#photo?.id) return;
      const { angle, vertical, horizontal, said } = found;
      const change = { angle, vertical, horizontal };
      if (Object.entries(change).some(([name, value]) => value !== this.#geometry[name])) this.#step(warped(this.#geometry, change, this.#geometry.crop, this.#size));
      toast(said);
    } finally {
      button.setAttribute('aria-busy', 'false');
    }
  }

  #nextGrid() {
    toast({ thirds: 'Lines at the thirds.', golden: 'Lines at the golden ratio.', none: 'No lines.' }[this.frame.nextGrid()]);
  }

  #cancel() {
    if (this.frame.levelling) {
      this.#level(false);
      return;
    }
    if (JSON.stringify(this.#before) !== JSON.stringify(this.#geometry)) this.#step(this.#before);
    this.onDone();
  }

  #onKey(event) {
    if (!this.isOpen || !this.element.checkVisibility() || isTyping(event) || isAsked() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector(':popover-open')) return;
    if (event.key === 'Tab') this.#goesByKeys = true;
    const chosen = this.#goesByKeys && event.target.closest?.('button, a'); // Enter is meant for it
    const does = {
      x: () => this.swap.click(),
      o: () => this.#nextGrid(),
      Escape: () => this.#cancel(),
      ...(chosen && !this.frame.element.contains(chosen) ? {} : { Enter: () => this.onDone() }),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }
}
