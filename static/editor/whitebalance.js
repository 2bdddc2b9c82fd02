// What is grey in the photo is clicked, and temperature and tint follow; or the light that the photo was taken in is
// chosen by its name.

import { h, icon, iconButton, toast } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { lightMatrix } from '../webgl/light.js';
import { apply } from '../webgl/matrix.js';

const DAYLIGHT = 5500; // kelvin for which a camera is taken to have been set that does not tell
const AS_SHOT = 'As shot';
const LIGHTS = {
  Daylight: [5200, 0],
  Cloudy: [6000, 0],
  Shade: [7000, 0],
  Tungsten: [3200, 0],
  Fluorescent: [4000, 20],
  Flash: [5700, 0],
};
const BLACK = 0.004; // linear light below which nothing is told from a colour
const ROUNDS = 30; // of Newton's method, which needs about six

/** @implements {import('./sliders.js').Widget} */
export class WhiteBalance {
  tool = 'Colour';
  section = 'White balance';
  set = null; // kelvin for which the camera was set, where it tells that
  #measure = null; // of the temperature, in kelvin

  /**
   * @param {object} schema see envo/adjustments.py
   * @param {{onSet: (values: object) => void, onPick: (button: HTMLElement, wish: object) => void,
   *     look: (at: [number, number]) => ?number[], onMeasure: (measure: ?object) => void}} events onSet: in one step;
   *     onPick: see `Picker.toggle`; look: the colour at a place of the photo that the layers below leave, in linear
   *     light; onMeasure: in what the temperature is told, see `Slider.measured`
   */
  constructor({ adjustments, constants }, { onSet, onPick, look, onMeasure }) {
    Object.assign(this, { constants, onSet, look, onMeasure });
    this.ranges = Object.fromEntries(adjustments.filter(({ id }) => ['temperature', 'tint'].includes(id)).map((each) => [each.id, each]));
    this.pick = iconButton('pipette', 'Click something grey in the photo', () => onPick(this.pick, {
      hint: 'Click something that should be grey',
      once: true,
      onPress: (at) => this.#take(at),
    }), { 'aria-pressed': 'false' });
    this.name = h('span');
    this.lights = [AS_SHOT, ...Object.keys(LIGHTS)].map((name) => h('button', {
      type: 'button', role: 'menuitemradio', 'data-light': name, onclick: () => { this.menu.hidePopover(); onSet(this.#valuesOf(name)); },
    }, name));
    this.menu = menu('lights', 'Light of the photo', this.lights);
    this.menu.setAttribute('role', 'menu');
    this.button = h('button.choice', { type: 'button', 'aria-haspopup': 'menu', onclick: () => toggleMenu(this.menu, this.button) }, this.name, icon('chevron'));
    this.element = h('div.white-balance', {}, this.button, this.pick, this.menu);
  }

  /** Learns for which light the camera was set. @param {?number} kelvin null: it does not tell */
  begin(kelvin) {
    this.set = kelvin;
    this.#measure = kelvin && {
      unit: 'K',
      written: (temperature) => String(this.#kelvin(temperature)),
      read: (typed) => (1e6 / kelvin - 1e6 / Math.max(typed, 1)) / this.constants.mired,
    };
  }

  show({ adjustments, mask }) {
    this.onMeasure(mask ? null : this.#measure); // what is masked is warmer or cooler than the rest
    const now = { temperature: adjustments.temperature ?? 0, tint: adjustments.tint ?? 0 };
    const isIt = (light) => Object.entries(this.#valuesOf(light)).every(([id, value]) => now[id] === value);
    const name = [AS_SHOT, ...Object.keys(LIGHTS)].find(isIt) ?? 'Custom';
    this.name.textContent = this.set ? `${name}, ${this.#kelvin(now.temperature)} K` : name;
    for (const light of this.lights) light.setAttribute('aria-checked', light.dataset.light === name);
  }

  /** What the sliders are for a photo taken in such light, as the camera was set. */
  #valuesOf(name) {
    if (name === AS_SHOT) return { temperature: 0, tint: 0 };
    const [kelvin, tint] = LIGHTS[name];
    return { temperature: this.#within('temperature', (1e6 / (this.set ?? DAYLIGHT) - 1e6 / kelvin) / this.constants.mired), tint: this.#within('tint', tint) };
  }

  /** The light that the photo is taken to have been shot in, in kelvin. */
  #kelvin(temperature) {
    const mired = Math.max(1e6 / this.set - this.constants.mired * temperature, 20);
    return Math.round(1e6 / mired / 50) * 50;
  }

  #within(id, value) {
    const { minimum, maximum, step } = this.ranges[id];
    return Math.max(minimum, Math.min(maximum, Math.round(value / step) * step)) + 0; // no minus zero
  }

  #take(at) {
    const seen = this.look(at);
    if (!seen) return false;
    if (Math.min(...seen) < BLACK || Math.max(...seen) > 0.995) {
      toast('This place is too dark or too bright to tell its colour; please click another one.', { kind: 'error' });
      return false;
    }
    const found = neutral(seen, this.constants);
    const values = { temperature: this.#within('temperature', found.temperature), tint: this.#within('tint', found.tint) };
    this.onSet(values);
    if (Object.keys(values).some((id) => Math.abs(values[id] - found[id]) > this.ranges[id].step)) {
      toast('This is so far from grey that the sliders do not reach it.');
    }
    return true;
  }
}

/**
 * Temperature and tint that make a colour grey, perhaps beyond the sliders' ends.
 * @param {number[]} colour linear sRGB, all above 0
 * @param {object} k the schema's constants
 */
export function neutral(colour, k) {
  // How far red and blue are from green, in powers of e.
  const off = (temperature, tint) => {
    const value = (id) => ({ temperature, tint, exposure: 0 })[id];
    const [red, green, blue] = apply(lightMatrix(value, k), colour).map((each) => Math.log(Math.max(each, 1e-9)));
    return [red - green, blue - green];
  };
  let at = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [f, g] = off(...at);
    if (Math.hypot(f, g) < 1e-6) break;
    const [f1, g1] = off(at[0] + 0.5, at[1]);
    const [f2, g2] = off(at[0], at[1] + 0.5);
    const [a, b, c, d] = [2 * (f1 - f), 2 * (f2 - f), 2 * (g1 - g), 2 * (g2 - g)];
    const determinant = a * d - b * c;
    const step = [(d * f - b * g) / determinant, (a * g - c * f) / determinant];
    const far = Math.max(1, Math.hypot(...step) / 40); // no leap out of where daylight is known
    at = at.map((value, axis) => Math.max(-FAR, Math.min(FAR, value - step[axis] / far)));
  }
  return { temperature: at[0], tint: at[1] };
}

const FAR = 165; // within which the light of a day is known
