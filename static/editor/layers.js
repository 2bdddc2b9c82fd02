// The list of layers: eye, picture of the mask, name, what was changed, and how good the mask is.

import { h, icon, iconButton } from '../common/dom.js';
import { Progress } from '../common/waiting.js';
import { isTouched, summary } from './document.js';

const QUALITIES = ['Poor', 'Fair', 'Good', 'Perfect'];
const THUMB = 34; // pixels, as in editor.css

/**
 * @typedef {object} Entry one row
 * @property {object} layer of the document
 * @property {string} label
 * @property {?string} picture address of its small picture
 * @property {?number} quality how good its mask was found
 * @property {boolean} part whether it is a part of a face: a smaller row
 * @property {?string} group id of the group it stands in
 *
 * @typedef {object} Group rows under a heading that folds
 * @property {string} id
 * @property {string} label
 * @property {string} layer id of the one whose mask shows what the group is of
 * @property {?object} face the part of a picture that shows it: {picture, size: [width, height], box: [left, top,
 *     right, bottom] in fractions}
 */

export class LayerList {
  #open = new Set();
  #selected = null;

  /**
   * @param {{labels: Object<string, string>, onSelect: (id) => void, onVisible: (id, visible) => void,
   *     onHover: (id | null) => void, onQuality: (kind, quality | null) => void, onCutout: (name) => void}} options
   *     labels of the adjustments
   */
  constructor(options) {
    Object.assign(this, options);
    this.cutout = h('div.cutout', { role: 'group', 'aria-label': 'What is cut out', hidden: true });
    this.rows = h('div.layer-rows', { role: 'listbox', 'aria-label': 'Layers' });
    this.note = h('div.layer-note', { role: 'status' });
    this.element = h('div.layers', {}, h('div.layers-head', {}, h('h3', {}, 'Layers'), this.cutout), this.rows, this.note);
    this.rows.addEventListener('pointerleave', () => this.onHover(null));
  }

  /**
   * @param {Entry[]} entries those of one group next to each other
   * @param {Group[]} groups the first is open at first
   * @param {string} selected id of a layer
   */
  show(entries, groups, selected) {
    const group = entries.find(({ layer }) => layer.id === selected)?.group;
    const moved = selected !== this.#selected;
    if (moved && group) this.#open.add(group);
    this.#selected = selected;
    this.shown = [entries, groups, selected];
    const known = new Map([...this.rows.children].map((row) => [row.dataset.layer ?? row.dataset.group, row]));
    const rows = [];
    for (const entry of entries) {
      const { layer, group: id } = entry;
      if (id && !rows.some((row) => row.dataset.group === id)) {
        const heading = groups.find((each) => each.id === id);
        rows.push(this.#fillHeading(known.get(id) ?? this.#heading(heading), entries.filter((each) => each.group === id)));
      }
      if (id && !this.#open.has(id)) continue;
      rows.push(this.#fill(known.get(layer.id) ?? this.#row(layer), entry, layer.id === selected));
    }
    if (rows.length !== known.size || rows.some((row, index) => this.rows.children[index] !== row)) {
      this.rows.replaceChildren(...rows);
    }
    if (moved) this.rows.querySelector('.on')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Folds all groups but the first, for another photo. */
  fold(groups) {
    this.#open = new Set(groups.slice(0, 1).map(({ id }) => id));
  }

  /**
   * Offers what can be cut out of the photo.
   * @param {Object<string, string>} names label by name; a choice of fewer than two is none
   * @param {string} chosen
   */
  showCutout(names, chosen) {
    const choices = Object.entries(names);
    this.cutout.hidden = choices.length < 2;
    this.cutout.replaceChildren(...choices.map(([name, label]) =>
      h('button', { type: 'button', 'aria-pressed': `${name === chosen}`, onclick: () => this.onCutout(name) }, label)));
  }

  /** Says how far the mattes are, in the place where the layers will appear. */
  wait(step, fraction) {
    const bar = new Progress();
    bar.show(fraction);
    this.note.replaceChildren(h('span', {}, step), bar.element);
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

  #heading({ id, label, layer, face }) {
    const thumb = h('span.thumb');
    if (face) {
      const [width, height] = face.size;
      const [left, top, right, bottom] = face.box;
      const side = 1.3 * Math.max((right - left) * width, (bottom - top) * height); // with some air around the face
      const scale = THUMB / side;
      const corner = [((left + right) / 2) * width - side / 2, ((top + bottom) / 2) * height - side / 2];
      thumb.style.background = `url("${face.picture}") ${corner.map((at) => `${-at * scale}px`).join(' ')} / ${width * scale}px ${height * scale}px`;
    }
    const fold = h('button.layer.layer-group', { type: 'button' }, icon('chevron'), face ? thumb : icon('people'), h('span.layer-name', {}, h('b', {}, label), h('small')));
    fold.addEventListener('click', () => {
      if (!this.#open.delete(id)) this.#open.add(id);
      this.show(...this.shown);
    });
    fold.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') this.onHover(layer); });
    return h('div', { role: 'presentation', 'data-group': id }, fold);
  }

  #fillHeading(heading, entries) {
    const id = heading.dataset.group;
    const changed = entries.filter(({ layer }) => isTouched(layer)).length;
    heading.firstChild.setAttribute('aria-expanded', this.#open.has(id));
    heading.querySelector('small').textContent = changed ? `${changed} of ${entries.length} changed` : entries.map(({ label }) => label.toLowerCase()).join(', ');
    return heading;
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

  #fill(row, { layer, label, picture, quality, part }, selected) {
    row.classList.toggle('part', part);
    row.classList.toggle('on', selected);
    row.classList.toggle('off', !layer.visible);
    row.setAttribute('aria-selected', selected);
    const eye = row.querySelector('.eye');
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
    if (!button) return row;
    button.dataset.quality = quality ?? '';
    button.firstChild.dataset.quality = quality ?? '';
    button.title = quality ? `Mask: ${QUALITIES[quality - 1].toLowerCase()}` : 'How good is this mask?';
    button.setAttribute('aria-label', `${label}, ${button.title}`);
    for (const item of row.querySelectorAll('[role=menuitemradio]')) {
      item.setAttribute('aria-checked', item.dataset.quality === button.dataset.quality);
    }
    return row;
  }
}
