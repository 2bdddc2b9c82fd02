// The line under the row of layers: what the chosen one is called, whether it shows, its mask, and all else it can do.

import { h, icon, iconButton } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { isMade, isOwn, isTouched, summary } from './document.js';

const QUALITIES = ['Poor', 'Fair', 'Good', 'Perfect'];

export class LayerLine {
  /**
   * @param {{labels: Object<string, string>, onVisible, onInvert, onReveal, onReset, onDelete, onDuplicate, onFind: () => void,
   *     onMove: (step: number) => void, onRate: (quality: ?number) => void, onRename: (name: string) => void}} events labels of the adjustments
   */
  constructor({ labels, onVisible, onInvert, onReveal, onReset, onDelete, onDuplicate, onMove, onFind, onRate, onRename }) {
    this.labels = labels;
    this.onRate = onRate;
    this.eye = iconButton('eye', 'Hide', onVisible);
    this.label = h('b');
    this.name = h('input.mask-name', { type: 'text', maxlength: 120, autocomplete: 'off', 'aria-label': 'Name' });
    this.name.addEventListener('change', () => { if (this.name.value.trim()) onRename(this.name.value); });
    this.name.addEventListener('keydown', ({ key }) => { if (key === 'Enter') this.name.blur(); });
    this.about = h('small');
    this.invert = iconButton('invert', 'Invert', onInvert);
    this.reveal = iconButton('mask', 'Show mask (O: in another way)', onReveal, { 'aria-label': 'Show mask' });
    this.find = iconButton('search', 'Find a slider', onFind);
    this.find.classList.add('narrow-only');
    this.#fillMenu({ onReset, onDelete, onDuplicate, onMove });
    this.more = iconButton('more', 'More of this layer', () => toggleMenu(this.menu, this.more), { 'aria-haspopup': 'menu' });
    this.element = h('div.layer-line', {},
      this.eye, h('div.line-name', {}, this.label, this.name, this.about), this.invert, this.reveal, this.find, this.more, this.menu);
  }

  #fillMenu({ onReset, onDelete, onDuplicate, onMove }) {
    const item = (picture, text, run) => h('button', { type: 'button', role: 'menuitem', onclick: () => { this.menu.hidePopover(); run(); } }, icon(picture), text);
    this.rename = item('pencil', 'Rename mask', () => { this.name.focus(); this.name.select(); });
    this.reset = item('undo', 'Reset layer', onReset);
    this.duplicate = item('many', 'Duplicate', onDuplicate);
    this.moves = [item('back', 'Move to the left', () => onMove(-1)), item('next', 'Move to the right', () => onMove(1))];
    this.delete = item('trash', 'Delete mask', onDelete);
    this.rates = QUALITIES.map((name, index) => h('button', {
      type: 'button',
      role: 'menuitemradio',
      'data-quality': index + 1,
      onclick: () => {
        this.menu.hidePopover();
        this.onRate(this.quality === index + 1 ? null : index + 1);
      },
    }, h('i.dot', { 'data-quality': index + 1 }), name));
    this.rating = h('div.rating', { role: 'group', 'aria-label': 'How good is this mask?' }, h('h4', { role: 'presentation' }, 'How good is this mask?'), this.rates);
    this.menu = menu('layer-menu', 'Layer', this.rename, this.duplicate, this.moves, this.reset, this.delete, this.rating);
    this.menu.setAttribute('role', 'menu');
  }

  /**
   * @param {import('./layers.js').Entry} entry
   * @param {boolean} revealed whether its mask is shown on the photo
   * @param {[boolean, boolean]} moves whether it can change places with its neighbour on either side
   */
  show({ layer, label, full, quality, follows }, revealed, moves) {
    const { mask, visible } = layer;
    const own = Boolean(mask) && (isOwn(layer.id) || isMade(layer.id));
    const what = isMade(layer.id) ? 'layer' : 'mask';
    this.quality = quality;
    this.eye.replaceChildren(icon(visible ? 'eye' : 'hidden'));
    this.eye.title = visible ? `Hide ${full}` : `Show ${full}`;
    this.eye.setAttribute('aria-label', this.eye.title);
    this.label.textContent = full;
    this.label.title = full;
    const isNamed = own && !(follows && !layer.name);
    this.label.hidden = isNamed;
    for (const each of [this.name, this.rename]) each.hidden = !isNamed;
    this.delete.hidden = !own;
    this.rename.lastChild.textContent = `Rename ${what}`;
    this.delete.lastChild.textContent = `Delete ${what}`;
    this.duplicate.hidden = !mask;
    for (const [index, move] of this.moves.entries()) {
      move.hidden = !isMade(layer.id);
      move.disabled = !moves[index];
    }
    if (document.activeElement !== this.name) this.name.value = label;
    this.about.textContent = summary(layer, this.labels);
    this.about.title = this.about.textContent;
    for (const each of [this.invert, this.reveal]) each.hidden = !mask;
    this.rating.hidden = !mask || isMade(layer.id);
    this.invert.setAttribute('aria-pressed', mask?.invert ?? false);
    this.reveal.setAttribute('aria-pressed', revealed);
    this.reset.disabled = !isTouched(layer);
    for (const [index, rate] of this.rates.entries()) rate.setAttribute('aria-checked', quality === index + 1);
  }
}
