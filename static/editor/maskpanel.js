// How the chosen layer lies on the photo: opacity, feather, invert, and a look at its mask.

import { h, icon } from '../common/dom.js';
import { Slider } from '../common/slider.js';

const OPACITY = { id: 'opacity', label: 'Opacity', about: 'How strongly the layer shows.', minimum: 0, maximum: 100, default: 100, step: 1, digits: 0, unit: '%' };
const FEATHER = { id: 'feather', label: 'Feather', about: 'How softly the mask ends.', minimum: 0, maximum: 100, default: 0, step: 1, digits: 0, unit: '%' };

export class MaskPanel {
  /** @param {{onStart, onOpacity: (value) => void, onFeather: (value) => void, onInvert, onReveal, onVisible: () => void,
   *     onRate: (anchor) => void}} events */
  constructor({ onStart, onOpacity, onFeather, onInvert, onReveal, onVisible, onRate }) {
    this.opacity = new Slider(OPACITY, { onStart, onInput: (percent) => onOpacity(percent / 100) });
    this.feather = new Slider(FEATHER, { onStart, onInput: onFeather });
    this.invert = h('button.chip', { type: 'button', onclick: onInvert }, icon('invert'), 'Invert');
    this.reveal = h('button.chip', { type: 'button', onclick: onReveal }, icon('mask'), 'Show mask');
    // On a wide page these two are in the layer's row.
    this.visible = h('button.chip.narrow-only', { type: 'button', onclick: onVisible }, icon('eye'), 'Visible');
    this.rate = h('button.chip.narrow-only', { type: 'button', onclick: () => onRate(this.rate) }, 'Rate');
    this.chips = h('div.chips', {}, this.visible, this.invert, this.reveal, this.rate);
    this.element = h('div.group.mask-panel', {}, this.opacity.element, this.feather.element, this.chips);
  }

  show({ opacity, mask, visible }, revealed) {
    this.opacity.show(Math.round(opacity * 100));
    this.feather.show(mask?.feather ?? 0);
    this.feather.element.hidden = !mask;
    this.invert.hidden = !mask;
    this.reveal.hidden = !mask;
    this.rate.hidden = !mask;
    this.visible.setAttribute('aria-pressed', visible);
    this.invert.setAttribute('aria-pressed', mask?.invert ?? false);
    this.reveal.setAttribute('aria-pressed', revealed);
  }
}
