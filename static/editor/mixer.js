// The mixer: a band of hues is chosen by its colour, and three sliders change what has such a hue; or it is dragged in
// the photo.

import { h, iconButton } from '../common/dom.js';
import { roving } from '../common/roving.js';
import { Segmented } from '../common/segmented.js';
import { Slider } from '../common/slider.js';
import { oklab } from '../webgl/oklab.js';

const PARTS = { hue: 'Hue', saturation: 'Saturation', lightness: 'Lightness' };
const BEFORE = ['Light', 'Presence', 'White balance', 'Colour']; // sections whose work the mixer finds done
const TURN = 30; // degrees that the track of the hue shows to either side
const GREY = 0.02; // chroma below which a colour has no hue to speak of
const PER_PIXEL = 0.5; // steps of a slider for a pixel of the page that is dragged in the photo

/** @implements {import('./sliders.js').Widget} */
export class Mixer {
  tool = 'Colour';
  section = 'Mixer';
  part = 'saturation'; // that is dragged in the photo

  /**
   * @param {object} schema see envo/adjustments.py
   * @param {{onStart: () => void, onInput: (values: object) => void, onPick: (button: HTMLElement, wish: object) => void,
   *     look: (at: [number, number], change: (layer: object) => object) => ?number[]}} events onPick: see
   *     `Picker.toggle`; look: the colour at a place of the photo, as the layer has it with what of it comes before the
   *     mixer, in linear light
   */
  constructor({ adjustments, bands, constants }, { onStart, onInput, onPick, look }) {
    Object.assign(this, { bands, constants, onStart, onInput, look });
    const own = adjustments.filter(({ section }) => BEFORE.includes(section)).map(({ id }) => id);
    this.before = (layer) => ({ adjustments: Object.fromEntries(Object.entries(layer.adjustments).filter(([id]) => own.includes(id) && id !== 'monochrome')) });
    const byId = Object.fromEntries(adjustments.map((each) => [each.id, each]));
    this.sliders = Object.entries(bands).flatMap(([band, hue]) => Object.entries(PARTS).map(([part, label]) => {
      const adjustment = byId[`${band}_${part}`];
      const slider = new Slider({ ...adjustment, label }, { onStart, onInput: (value) => onInput({ [adjustment.id]: value }) });
      slider.range.setAttribute('aria-label', adjustment.label);
      slider.text.setAttribute('aria-label', `${adjustment.label}, value`);
      slider.range.style.setProperty('--track', `linear-gradient(90deg in oklch, ${TRACKS[part](hue)})`);
      slider.element.dataset.band = band;
      return slider;
    }));
    this.dots = Object.entries(bands).map(([band, hue]) => {
      const name = band[0].toUpperCase() + band.slice(1);
      const dot = h('button.band', { type: 'button', role: 'radio', title: name, 'aria-label': name, 'data-band': band, onclick: () => this.choose(band) });
      dot.style.setProperty('--band', colour(0.7, 0.17, hue));
      return dot;
    });
    this.row = h('div.bands', { role: 'radiogroup', 'aria-label': 'Band' }, this.dots);
    roving(this.row, '.band');
    this.row.addEventListener('keydown', ({ defaultPrevented }) => { if (defaultPrevented) this.choose(document.activeElement.dataset.band); });
    this.parts = new Segmented('What dragging changes', PARTS, (part) => { this.part = part; this.parts.show(part); });
    this.parts.show(this.part);
    this.pick = iconButton('target', 'Drag in the photo to change the colour under the pointer', () => onPick(this.pick, {
      hint: 'Drag a colour up or down',
      onPress: (at) => this.#press(at),
      onDrag: ([, down]) => this.#drag(-down),
    }), { 'aria-pressed': 'false' });
    this.element = h('div.mixer', {}, h('div.bands-row', {}, this.row, this.pick), h('div.drag-parts', {}, h('span', {}, 'Dragging changes'), this.parts.element),
      this.sliders.map(({ element }) => element));
    this.choose(Object.keys(bands)[0]);
  }

  choose(band) {
    this.band = band;
    for (const dot of this.dots) dot.setAttribute('aria-checked', dot.dataset.band === band);
    for (const { element } of this.sliders) element.hidden = element.dataset.band !== band;
  }

  show({ adjustments }) {
    for (const dot of this.dots) dot.classList.toggle('used', Object.keys(PARTS).some((part) => `${dot.dataset.band}_${part}` in adjustments));
  }

  reveal(id) {
    this.choose(id.slice(0, id.lastIndexOf('_')));
    return this.sliders.find(({ adjustment }) => adjustment.id === id).range;
  }

  /** The band of a colour is the one whose hue is nearest. */
  #press(at) {
    const seen = this.look(at, this.before);
    if (!seen) return false;
    const [, a, b] = oklab(seen, this.constants);
    if (Math.hypot(a, b) < GREY) return false;
    const hue = (Math.atan2(b, a) * 180) / Math.PI;
    const away = (band) => Math.abs(((this.bands[band] - hue + 540) % 360) - 180);
    this.choose(Object.keys(this.bands).sort((one, other) => away(one) - away(other))[0]);
    this.dragged = this.sliders.find(({ adjustment }) => adjustment.id === `${this.band}_${this.part}`);
    this.from = this.dragged.value;
    this.begins = true;
    return true;
  }

  #drag(up) {
    const { minimum, maximum, id } = this.dragged.adjustment;
    const value = Math.max(minimum, Math.min(maximum, Math.round(this.from + PER_PIXEL * up)));
    if (value === this.dragged.value) return;
    if (this.begins) this.onStart();
    this.begins = false;
    this.onInput({ [id]: value });
  }
}

/** What the track of each part shows, of a band of this hue. */
const TRACKS = {
  hue: (hue) => [-TURN, 0, TURN].map((turn) => colour(0.7, 0.15, hue + turn)).join(', '),
  saturation: (hue) => [colour(0.6, 0.005, hue), colour(0.68, 0.2, hue)].join(', '),
  lightness: (hue) => [colour(0.3, 0.1, hue), colour(0.65, 0.15, hue), colour(0.92, 0.06, hue)].join(', '),
};

function colour(lightness, chroma, hue) {
  return `oklch(${lightness} ${chroma} ${(hue + 360) % 360})`;
}
