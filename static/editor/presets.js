// One-click settings, see envo/presets.py: chips for parts of the photo, small pictures for looks of the whole.

import { h } from '../common/dom.js';
import { scrolls } from '../common/scrolls.js';
import { EMPTY, layer, withPreset } from './document.js';
import { LookPictures } from './looks.js';

/** Whether a layer has all that a preset makes of it. */
export function isOn({ adjustments, curves }, layer) {
  return Object.entries(adjustments).every(([name, value]) => layer.adjustments[name] === value)
    && Object.entries(curves).every(([name, points]) => String(layer.curves[name]) === String(points));
}

/** Whether a preset is for the whole photo. */
const isLook = ({ kind }) => kind === 'image';

export class Presets {
  /**
   * @param {{id, label, group, kind: string, adjustments: Object<string, number>, curves: object}[]} presets
   * @param {object} schema see envo/adjustments.py
   * @param {number} mapsVersion of the photo's maps
   * @param {import('./ownpresets.js').OwnPresets} own the visitor's
   * @param {{onChange: (layer: string, put: ?object, taken: object[]) => void, onHover: (layer: string | null) => void}} events
   *     onChange: a preset is to be put on a layer, and those that are taken back for it
   */
  constructor(presets, schema, mapsVersion, own, { onChange, onHover }) {
    this.onChange = onChange;
    this.own = own;
    const looks = [];
    this.entries = presets.map((preset) => {
      const entry = { preset, target: null, on: false };
      const attributes = { type: 'button', 'data-preset': preset.id, 'aria-pressed': 'false', onclick: () => this.#press(entry) };
      if (isLook(preset)) {
        const canvas = h('canvas', { 'aria-hidden': 'true' });
        looks.push({ document: withPreset(EMPTY, 'image', preset, [], {}), canvas });
        entry.button = h('button.look', attributes, canvas, h('span', {}, preset.label));
        return entry;
      }
      entry.button = h('button.chip', attributes, preset.label);
      entry.button.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') onHover(entry.target); });
      entry.button.addEventListener('pointerleave', () => onHover(null));
      return entry;
    });
    this.pictures = new LookPictures(schema, mapsVersion, looks);
    const [parts, ...groups] = [...Map.groupBy(this.entries, ({ preset }) => preset.group)];
    this.element = h('div.presets', {}, own.element, this.#group('chips', parts, h('p', {}, 'They come with the layers that they are for.')),
      groups.map((group) => this.#group('looks', group)));
  }

  #group(kind, [name, entries], ...more) {
    return h('section', { 'aria-label': name, 'data-presets': name }, h('h3', {}, name), scrolls(h(`div.${kind}`, {}, entries.map(({ button }) => button))), more);
  }

  #press(entry) {
    const { preset, target } = entry;
    if (entry.on) this.onChange(target, null, [preset]);
    // A photo has one look; a part may have several presets.
    else this.onChange(target, preset, isLook(preset) ? this.entries.filter((each) => each.on && isLook(each.preset)).map((each) => each.preset) : []);
  }

  /** Whether any is on. */
  get isUsed() {
    return this.own.isUsed || this.entries.some(({ on }) => on);
  }

  /**
   * Shows the presets of the layers that are there.
   * @param {object} document
   * @param {string} selected id of a layer; that of one face among several directs the presets to this face
   */
  show(document, selected) {
    this.own.show(document);
    const face = selected.match(/-\d+$/)?.[0] ?? '';
    for (const entry of this.entries) {
      const { preset, button } = entry;
      const target = layer(document, preset.kind + face) ?? layer(document, preset.kind);
      entry.target = target?.id ?? null;
      button.hidden = !target;
      entry.on = Boolean(target && isOn(preset, target));
      button.setAttribute('aria-pressed', entry.on);
    }
    this.element.classList.toggle('none', this.entries.every(({ preset, target }) => isLook(preset) || !target));
  }
}
