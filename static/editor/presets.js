// One-click settings for a layer, see envo/presets.py.

import { h } from '../common/dom.js';
import { layer } from './document.js';

export class Presets {
  /**
   * @param {{id, label, kind: string, adjustments: Object<string, number>}[]} presets
   * @param {{onApply: (layer: string, values) => void, onTakeBack: (layer: string, names: string[]) => void,
   *     onHover: (layer: string | null) => void}} events
   */
  constructor(presets, { onApply, onTakeBack, onHover }) {
    this.chips = presets.map((preset) => {
      const chip = h('button.chip', { type: 'button', 'data-preset': preset.id }, preset.label);
      const entry = { ...preset, chip, target: null };
      chip.addEventListener('click', () => {
        const on = chip.getAttribute('aria-pressed') === 'true';
        if (on) onTakeBack(entry.target, Object.keys(preset.adjustments));
        else onApply(entry.target, preset.adjustments);
      });
      chip.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') onHover(entry.target); });
      chip.addEventListener('pointerleave', () => onHover(null));
      return entry;
    });
    this.element = h('div.presets', {},
      h('div.chips', {}, this.chips.map(({ chip }) => chip)), h('p', {}, 'They come with the layers that they are for.'));
  }

  /** Whether any is on. */
  get isUsed() {
    return this.chips.some(({ chip }) => chip.getAttribute('aria-pressed') === 'true');
  }

  /**
   * Shows the presets of the layers that are there.
   * @param {object} document
   * @param {string} selected id of a layer; that of one face among several directs the presets to this face
   */
  show(document, selected) {
    const face = selected.match(/-\d+$/)?.[0] ?? '';
    for (const entry of this.chips) {
      const target = layer(document, entry.kind + face) ?? layer(document, entry.kind);
      const on = target && Object.entries(entry.adjustments).every(([name, value]) => target.adjustments[name] === value);
      entry.target = target?.id ?? null;
      entry.chip.hidden = !target;
      entry.chip.setAttribute('aria-pressed', Boolean(on));
    }
    this.element.classList.toggle('none', this.chips.every(({ target }) => !target));
  }
}
