// The layers as one row of mattes, each over its name; a face among several is a heading, its parts beside it.

import { h, icon, setChildren } from '../common/dom.js';
import { roving } from '../common/roving.js';
import { scrolls } from '../common/scrolls.js';
import { Progress } from '../common/waiting.js';
import { isTouched, summary } from './document.js';
import { MatteNotes } from './mattenotes.js';

const THUMB = 44; // pixels, as in editor.css

/**
 * @typedef {object} Entry one layer
 * @property {object} layer of the document
 * @property {string} label
 * @property {string} short the same where there is little room
 * @property {string} full the same with the face that it is of
 * @property {?string} picture address of its small picture
 * @property {string} [symbol] name of an icon in the place of one
 * @property {?number} quality how good its mask was found
 * @property {boolean} [follows] whether it follows somebody into each photo
 * @property {?string} [of] kind of the matte that it lies on then
 * @property {?string} [where] why it lies on none
 * @property {?string} group id of the group it stands in
 *
 * @typedef {object} Group layers beside a heading that folds
 * @property {string} id
 * @property {string} label
 * @property {string} layer id of the one whose mask shows what the group is of
 * @property {?object} face the part of a picture that shows it: {picture, size: [width, height], box: [left, top,
 *     right, bottom] in fractions}
 */

export class LayerRow {
  #open = null; // id of the group whose layers are shown
  #selected = null;

  /**
   * @param {{labels: Object<string, string>, onSelect: (id) => void, onHover: (id | null) => void,
   *     onCutout: (name) => void, onNew: (by: HTMLElement) => void}} options labels of the adjustments
   */
  constructor(options) {
    Object.assign(this, options);
    this.who = h('span.layers-who');
    this.cutout = h('div.cutout', { role: 'group', 'aria-label': 'What is cut out', hidden: true });
    this.notes = new MatteNotes();
    this.layers = h('div.layer-row', { role: 'radiogroup', 'aria-label': 'Layers' });
    this.note = h('div.layer-note', { role: 'status' });
    this.add = h('button.layer.layer-new', { type: 'button', title: 'A new layer with a mask of its own', 'aria-haspopup': 'menu', onclick: () => this.onNew(this.add) },
      h('span.thumb', {}, icon('plus')), h('span.layer-name', {}, 'Mask'));
    this.strip = scrolls(h('div.layer-strip', {}, this.layers, this.note, this.add));
    this.element = h('div.layers', {},
      h('div.layers-head', {}, h('h3', {}, 'Layers'), this.who, this.cutout, this.notes.elements), this.strip);
    this.layers.addEventListener('pointerleave', () => this.onHover(null));
    roving(this.layers, '.layer');
    this.layers.addEventListener('keydown', ({ defaultPrevented }) => {
      const id = document.activeElement.dataset.layer; // whom an arrow key went to; a heading is opened by Enter
      if (defaultPrevented && id) this.onSelect(id);
    });
    // A wheel that only turns goes along the row.
    this.strip.addEventListener('wheel', (event) => {
      if (event.deltaX || this.strip.scrollWidth <= this.strip.clientWidth) return;
      event.preventDefault();
      this.strip.scrollLeft += event.deltaY;
    }, { passive: false });
  }

  /**
   * @param {Entry[]} entries those of one group next to each other
   * @param {Group[]} groups
   * @param {string} selected id of a layer
   */
  show(entries, groups, selected) {
    const group = entries.find(({ layer }) => layer.id === selected)?.group;
    const moved = selected !== this.#selected;
    if (moved && group) this.#open = group;
    this.#selected = selected;
    this.shown = [entries, groups, selected];
    const known = new Map([...this.layers.children].map((each) => [each.dataset.layer ?? each.dataset.group, each]));
    const row = [];
    for (const entry of entries) {
      const { layer, group: id } = entry;
      if (id && !row.some((each) => each.dataset.group === id)) {
        const heading = groups.find((each) => each.id === id);
        row.push(this.#fillHeading(known.get(id) ?? this.#heading(heading), heading, entries.filter((each) => each.group === id)));
      }
      if (!id || this.#open === id) row.push(this.#fill(known.get(layer.id) ?? this.#chip(layer), entry, layer.id === selected));
    }
    setChildren(this.layers, row);
    if (moved) this.#bringIntoView();
  }

  /** Opens the first group alone, for another photo. */
  fold(groups) {
    this.#open = groups[0]?.id ?? null;
  }

  /** Says who is in the photo. */
  showWho(sentence) {
    this.who.textContent = sentence;
    this.who.title = sentence;
  }

  /**
   * Offers what can be cut out of the photo.
   * @param {Object<string, string>} names label by name; a choice of fewer than two is none
   * @param {string} chosen
   */
  showCutout(names, chosen) {
    const choices = Object.entries(names);
    this.cutout.hidden = choices.length < 2;
    const known = new Map([...this.cutout.children].map((each) => [each.dataset.cutout, each]));
    setChildren(this.cutout, choices.map(([name, label]) =>
      known.get(name) ?? h('button', { type: 'button', 'data-cutout': name, onclick: () => this.onCutout(name) }, label)));
    for (const each of this.cutout.children) each.setAttribute('aria-pressed', each.dataset.cutout === chosen);
  }

  /** Says how far the mattes are, in the place where the layers will appear. */
  wait(step, fraction) {
    const bar = new Progress();
    bar.show(fraction);
    this.note.replaceChildren(h('span', {}, step), bar.element);
  }

  /** Says something that stays, with one thing to do about it; an empty sentence says nothing. */
  say(sentence, label, run) {
    this.note.replaceChildren(...(sentence ? [h('span', { title: sentence }, sentence)] : []));
    if (label) this.note.append(h('button.link', { type: 'button', onclick: run }, label));
  }

  #bringIntoView() {
    this.layers.querySelector('[aria-checked=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #heading({ id, label, layer, face }) {
    const thumb = h('span.thumb', {}, face ? null : icon('people'));
    if (face) {
      const [width, height] = face.size;
      const [left, top, right, bottom] = face.box;
      const side = 1.3 * Math.max((right - left) * width, (bottom - top) * height); // with some air around the face
      const scale = THUMB / side;
      const corner = [((left + right) / 2) * width - side / 2, ((top + bottom) / 2) * height - side / 2];
      thumb.style.background = `url("${face.picture}") ${corner.map((at) => `${-at * scale}px`).join(' ')} / ${width * scale}px ${height * scale}px`;
    }
    const fold = h('button.layer.layer-group', { type: 'button', 'data-group': id }, thumb, h('span.layer-name', {}, label));
    fold.addEventListener('click', () => {
      this.#open = this.#open === id ? null : id;
      this.show(...this.shown);
    });
    fold.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') this.onHover(layer); });
    return fold;
  }

  #fillHeading(heading, { id, label }, entries) {
    const changed = entries.filter(({ layer }) => isTouched(layer)).length;
    const about = changed ? `${changed} of ${entries.length} changed` : entries.map((each) => each.label.toLowerCase()).join(', ');
    heading.setAttribute('aria-expanded', this.#open === id);
    heading.classList.toggle('used', changed > 0);
    heading.lastChild.textContent = label;
    say(heading, label, about);
    return heading;
  }

  #chip({ id, mask }) {
    const chip = h('button.layer', { type: 'button', role: 'radio', 'data-layer': id }, h('span.thumb', {}, h('i.matte'), h('i.symbol'), h('i.dot')), h('span.layer-name'));
    chip.addEventListener('click', () => this.onSelect(id));
    chip.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') this.onHover(mask ? id : null); });
    return chip;
  }

  #fill(chip, { layer, short, full, picture, symbol, quality, group, follows, where }, selected) {
    chip.classList.toggle('part', Boolean(group));
    chip.classList.toggle('off', !layer.visible || Boolean(where));
    chip.classList.toggle('follows', Boolean(follows));
    chip.classList.toggle('used', isTouched(layer));
    chip.setAttribute('aria-checked', selected);
    const matte = chip.querySelector('.matte');
    matte.style.backgroundImage = picture ? `url("${picture}")` : '';
    matte.classList.toggle('inverted', layer.mask?.invert ?? false);
    const sign = chip.querySelector('.symbol');
    sign.hidden = Boolean(picture || !symbol);
    matte.hidden = !sign.hidden;
    sign.replaceChildren(...(sign.hidden ? [] : [icon(symbol)]));
    const dot = chip.querySelector('.dot');
    dot.hidden = !quality;
    dot.dataset.quality = quality ?? '';
    chip.lastChild.textContent = short;
    say(chip, full, where ? `${where}, ${summary(layer, this.labels)}` : layer.visible ? summary(layer, this.labels) : `hidden, ${summary(layer, this.labels)}`);
    return chip;
  }
}

function say(button, label, about) {
  button.title = `${label}: ${about}`;
  button.setAttribute('aria-label', button.title);
}
