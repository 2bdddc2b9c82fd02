// The list of layers: eye, picture of the mask, name, what was changed, and how good the mask is.

import { h, icon, iconButton } from '../common/dom.js';
import { labelOf, summary } from './document.js';

const QUALITIES = ['Poor', 'Fair', 'Good', 'Perfect'];

export class LayerList {
  /**
   * @param {{labels: Object<string, string>, onSelect: (id) => void, onVisible: (id, visible) => void,
   *     onHover: (id | null) => void, onQuality: (kind, quality | null) => void}} options labels of the adjustments
   */
  constructor(options) {
    Object.assign(this, options);
    this.rows = h('div.layer-rows', { role: 'listbox', 'aria-label': 'Layers' });
    this.note = h('div.layer-note', { role: 'status' });
    this.element = h('div.layers', {}, h('h3', {}, 'Layers'), this.rows, this.note);
    this.rows.addEventListener('pointerleave', () => this.onHover(null));
  }

  /**
   * @param {object[]} layers of the document
   * @param {string} selected id of a layer
   * @param {(layer) => string | null} pictureOf address of a layer's small picture
   * @param {Object<string, number | null>} qualities by kind of matte
   */
  show(layers, selected, pictureOf, qualities) {
    const known = new Map([...this.rows.children].map((row) => [row.dataset.layer, row]));
    const rows = layers.map((layer) => {
      const row = known.get(layer.id) ?? this.#row(layer);
      this.#fill(row, layer, layer.id === selected, pictureOf(layer), qualities[layer.mask?.kind]);
      return row;
    });
    if (rows.length !== known.size || rows.some((row, index) => this.rows.children[index] !== row)) {
      this.rows.replaceChildren(...rows);
    }
  }

  /** Says how far the mattes are, in the place where the layers will appear. */
  wait(step, fraction) {
    const bar = h('div.bar-track', {}, h('div.bar-fill', { style: fraction === null ? '' : `width:${fraction * 100}%` }));
    if (fraction === null) bar.classList.add('unsure');
    this.note.replaceChildren(h('span', {}, step), bar);
  }

  /** Says something that stays, with one thing to do about it; an empty sentence says nothing. */
  say(sentence, label, run) {
    this.note.replaceChildren(sentence && h('span', {}, sentence));
    if (label) this.note.append(h('button.link', { type: 'button', onclick: run }, label));
  }

  /** Asks how good a layer's mask is, beside the element that was clicked. */
  askQuality(id, anchor) {
    const menu = this.rows.querySelector(`[data-layer="${id}"] .menu`);
    menu.togglePopover();
    const box = anchor.getBoundingClientRect();
    menu.style.top = `${Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8)}px`;
    menu.style.left = `${Math.max(8, box.right - menu.offsetWidth)}px`;
  }

  #row({ id, mask }) {
    const eye = h('button.icon-button.eye', { type: 'button' });
    const row = h('div.layer', { role: 'option', tabindex: 0, 'data-layer': id },
      eye, h('div.thumb'), h('div.layer-name', {}, h('b'), h('small')), mask ? this.#quality(id, mask.kind) : null);
    row.addEventListener('click', () => this.onSelect(id));
    row.addEventListener('keydown', (event) => { if (event.target === row && event.key === 'Enter') this.onSelect(id); });
    row.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') this.onHover(mask ? id : null); });
    return row;
  }

  #quality(id, kind) {
    const menu = h('div.menu', { popover: 'auto', role: 'menu', 'aria-label': 'How good is this mask?' }, h('h4', {}, 'How good is this mask?'));
    QUALITIES.forEach((name, index) => menu.append(h('button', {
      type: 'button',
      role: 'menuitemradio',
      'data-quality': index + 1,
      onclick: () => {
        menu.hidePopover();
        this.onQuality(kind, button.dataset.quality === `${index + 1}` ? null : index + 1);
      },
    }, h('i.dot', { 'data-quality': index + 1 }), name)));
    const button = h('button.quality', { type: 'button' }, h('i.dot'));
    button.addEventListener('click', (event) => {
      event.stopPropagation();
      this.askQuality(id, button);
    });
    menu.addEventListener('click', (event) => event.stopPropagation());
    return h('div', {}, button, menu);
  }

  #fill(row, layer, selected, picture, quality) {
    row.classList.toggle('on', selected);
    row.classList.toggle('off', !layer.visible);
    row.setAttribute('aria-selected', selected);
    const eye = row.querySelector('.eye');
    const label = labelOf(layer);
    eye.replaceChildren(icon(layer.visible ? 'eye' : 'hidden'));
    eye.title = `${layer.visible ? 'Hide' : 'Show'} ${label}`;
    eye.setAttribute('aria-label', eye.title);
    eye.setAttribute('aria-pressed', layer.visible);
    eye.onclick = (event) => {
      event.stopPropagation();
      this.onVisible(layer.id, !layer.visible);
    };
    const thumb = row.querySelector('.thumb');
    thumb.style.backgroundImage = picture ? `url("${picture}")` : '';
    thumb.classList.toggle('inverted', layer.mask?.invert ?? false);
    row.querySelector('b').textContent = label;
    row.querySelector('small').textContent = summary(layer, this.labels);
    const button = row.querySelector('.quality');
    if (!button) return;
    button.dataset.quality = quality ?? '';
    button.firstChild.dataset.quality = quality ?? '';
    button.title = quality ? `Mask: ${QUALITIES[quality - 1].toLowerCase()}` : 'How good is this mask?';
    button.setAttribute('aria-label', `${label}, ${button.title}`);
    for (const item of row.querySelectorAll('[role=menuitemradio]')) {
      item.setAttribute('aria-checked', item.dataset.quality === button.dataset.quality);
    }
  }
}
