// How the chosen layer lies on the photo: opacity, feather, invert, and a look at its mask; the name of one's own mask.

import { h, icon } from '../common/dom.js';
import { Slider } from '../common/slider.js';
import { isOwn } from './document.js';

const OPACITY = { id: 'opacity', label: 'Opacity', about: 'How strongly the layer shows.', minimum: 0, maximum: 100, default: 100, step: 1, digits: 0, unit: '%' };
const FEATHER = { id: 'feather', label: 'Feather', about: 'How softly the mask ends.', minimum: 0, maximum: 100, default: 0, step: 1, digits: 0, unit: '%' };

export class MaskPanel {
  /** @param {{onStart, onOpacity: (value) => void, onFeather: (value) => void, onInvert, onReveal, onVisible,
   *     onDelete: () => void, onRate: (anchor) => void, onRename: (name) => void}} events */
  constructor({ onStart, onOpacity, onFeather, onInvert, onReveal, onVisible, onDelete, onRate, onRename }) {
    this.opacity = new Slider(OPACITY, { onStart, onInput: (percent) => onOpacity(percent / 100) });
    this.feather = new Slider(FEATHER, { onStart, onInput: onFeather });
    this.invert = h('button.chip', { type: 'button', onclick: onInvert }, icon('invert'), 'Invert');
    this.reveal = h('button.chip', { type: 'button', onclick: onReveal }, icon('mask'), 'Show mask');
    // On a wide page these two are in the layer's row.
    this.visible = h('button.chip.narrow-only', { type: 'button', onclick: onVisible }, icon('eye'), 'Visible');
    this.rate = h('button.chip.narrow-only', { type: 'button', onclick: () => onRate(this.rate) }, 'Rate');
    this.delete = h('button.chip', { type: 'button', onclick: onDelete }, icon('trash'), 'Delete mask');
    this.chips = h('div.chips', {}, this.visible, this.invert, this.reveal, this.rate, this.delete);
    this.name = h('input.mask-name', { type: 'text', maxlength: 120, 'aria-label': 'Name of the mask' });
    this.name.addEventListener('change', () => { if (this.name.value.trim()) onRename(this.name.value); });
    this.name.addEventListener('keydown', ({ key }) => { if (key === 'Enter') this.name.blur(); });
    this.element = h('div.group.mask-panel', {}, this.name, this.opacity.element, this.feather.element, this.chips);
  }

  /** @param {string} label of the layer */
  show({ opacity, mask, visible }, revealed, label) {
    const own = Boolean(mask) && isOwn(mask.kind);
    this.name.hidden = !own;
    this.delete.hidden = !own;
    if (document.activeElement !== this.name) this.name.value = label;
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
