// How the chosen layer lies on the photo: how strongly it shows, and how softly its mask ends.

import { h } from '../common/dom.js';
import { Slider } from '../common/slider.js';

const OPACITY = { id: 'opacity', label: 'Opacity', about: 'How strongly the layer shows.', minimum: 0, maximum: 100, default: 100, step: 1, digits: 0, unit: '%' };
const FEATHER = { id: 'feather', label: 'Feather', about: 'How softly the mask ends.', minimum: 0, maximum: 100, default: 0, step: 1, digits: 0, unit: '%' };

export class MaskPanel {
  /** @param {{onStart: () => void, onOpacity: (value) => void, onFeather: (value) => void}} events */
  constructor({ onStart, onOpacity, onFeather }) {
    this.opacity = new Slider(OPACITY, { onStart, onInput: (percent) => onOpacity(percent / 100) });
    this.feather = new Slider(FEATHER, { onStart, onInput: onFeather });
    this.element = h('div', {}, this.opacity.element, this.feather.element);
  }

  get sliders() {
    return [this.opacity, this.feather];
  }

  /** Whether anything of the layer that is shown is off its default here. */
  get isUsed() {
    return this.sliders.some(({ value, adjustment }) => value !== adjustment.default);
  }

  show({ opacity, mask }) {
    this.opacity.show(Math.round(opacity * 100));
    this.feather.show(mask?.parts[0].feather ?? 0);
    this.feather.element.hidden = !mask;
  }
}
