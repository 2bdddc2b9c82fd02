// How the chosen layer lies on the photo: the parts of its mask, what the chosen part is like, and how strongly all shows.

import { h, icon, iconButton, setChildren } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { Segmented } from '../common/segmented.js';
import { Slider } from '../common/slider.js';
import { HOWS, SLIDERS, defaultOf, namesOf, shapeOf } from './masktools/parts.js';

const OPACITY = { id: 'opacity', label: 'Opacity', about: 'How strongly the layer shows.', minimum: 0, maximum: 100, default: 100, step: 1, digits: 0, unit: '%' };

/** How a mask is shown in the photo. */
export const VIEWS = { red: 'Red', white: 'White on black', outline: 'Outline' };

export class MaskPanel {
  /**
   * @param {{brush: import('./masktools/brushpanel.js').BrushPanel, luminance: import('./masktools/ranges.js').LuminanceRange,
   *     colour: import('./masktools/ranges.js').ColourRange}} own what parts of some shapes have besides sliders
   * @param {{onStart: () => void, onOpacity: (value: number) => void, onPart: (change: object) => void,
   *     onChange: (index: number, change: object) => void, onSelect: (index: number) => void, onInvert: (index: number) => void, onRemove: (index: number) => void,
   *     onMore: (by: HTMLElement, how: string) => void, onNew: (by: HTMLElement) => void, onView: (how: string) => void}} events
   *     onPart: of the chosen part, within a gesture; onChange: of any, in a step
   */
  constructor({ brush, luminance, colour }, events) {
    Object.assign(this, { events, luminance, colour });
    const { onStart, onPart } = events;
    this.parts = h('ul.mask-parts', { 'aria-label': 'Parts of the mask' });
    this.more = h('div.mask-more', { role: 'group', 'aria-label': 'More parts' }, Object.entries(HOWS).map(([how, { label, picture }]) =>
      h('button.chip', { type: 'button', 'data-how': how, onclick: ({ currentTarget }) => events.onMore(currentTarget, how) }, icon(picture), label)));
    this.title = h('h3');
    this.own = { brush: brush.element, luminance: luminance.element, colour: colour.element };
    this.sliders = Object.fromEntries(Object.entries(SLIDERS).map(([name, about]) =>
      [name, new Slider({ ...about }, { onStart, onInput: (value) => onPart({ [name]: value }) })]));
    this.part = h('section.mask-part', {}, this.title, Object.values(this.own), Object.values(this.sliders).map(({ element }) => element));
    this.opacity = new Slider(OPACITY, { onStart, onInput: (value) => events.onOpacity(value / 100) });
    this.view = new Segmented('How the mask is shown', VIEWS, events.onView);
    this.masked = h('div', {}, this.parts, this.more, this.part);
    this.shown = h('div.mask-view', {}, h('span', {}, 'Show mask as'), this.view.element);
    this.none = h('div.mask-none', {}, h('p.widget-note', {}, 'The whole photo needs no mask. A new layer has one of its own.'),
      h('button.chip', { type: 'button', onclick: ({ currentTarget }) => events.onNew(currentTarget) }, icon('plus'), 'New mask'));
    this.hows = Object.entries(HOWS).map(([how, { label, picture }]) => h('button', {
      type: 'button', role: 'menuitemradio', 'data-how': how, onclick: () => { this.howMenu.hidePopover(); events.onChange(this.asked, { how }); },
    }, icon(picture), label));
    this.howMenu = menu('how-menu', 'To the parts before', this.hows);
    this.howMenu.setAttribute('role', 'menu');
    this.element = h('div.mask-panel', {}, this.masked, this.none, h('section.mask-whole', {}, h('h3', {}, 'Layer'), this.opacity.element, this.shown), this.howMenu);
  }

  get findable() {
    return [this.opacity, this.sliders.feather];
  }

  /** Whether anything of the layer that is shown is off its default here. */
  isUsed({ opacity, mask }) {
    return opacity < 1 || Boolean(mask && (mask.invert || mask.parts.length > 1 || mask.parts[0].feather || mask.parts[0].refine || mask.parts[0].shape !== 'matte'));
  }

  /**
   * @param {object} layer that is chosen
   * @param {number} index of the chosen part of its mask
   * @param {object} photo
   * @param {(key: string) => string} nameOf a matte
   * @param {number} maxParts
   */
  show({ opacity, mask }, index, photo, nameOf, maxParts) {
    this.opacity.show(Math.round(opacity * 100));
    this.masked.hidden = !mask;
    this.shown.hidden = !mask;
    this.none.hidden = Boolean(mask);
    if (!mask || !photo) return;
    const { parts } = mask;
    const names = namesOf(parts, nameOf);
    setChildren(this.parts, parts.map((part, at) => this.#fill(this.parts.children[at] ?? this.#row(at), part, names[at], at === index, parts.length > 1)));
    for (const button of this.more.children) button.disabled = parts.length >= maxParts;
    const part = parts[index];
    this.title.textContent = names[index];
    for (const [shape, element] of Object.entries(this.own)) element.hidden = shape !== part.shape;
    const { sliders } = shapeOf(part);
    for (const [name, slider] of Object.entries(this.sliders)) {
      slider.element.hidden = !sliders.includes(name);
      if (slider.element.hidden) continue;
      slider.adjustment.default = defaultOf(part, name);
      slider.show(part[name]);
    }
    if (part.shape === 'luminance') this.luminance.show(part, photo);
    if (part.shape === 'colour') this.colour.show(part);
  }

  #row(at) {
    const how = iconButton('add', 'Add', () => this.#ask(how, at), { 'data-act': 'how', 'aria-haspopup': 'menu' });
    return h('li.mask-row', {},
      h('button.mask-row-name', { type: 'button', onclick: () => this.events.onSelect(at) }, h('span'), h('b')),
      how,
      iconButton('invert', 'Invert this part', () => this.events.onInvert(at), { 'data-act': 'invert' }),
      iconButton('trash', 'Delete this part', () => this.events.onRemove(at), { 'data-act': 'remove' }));
  }

  #fill(row, part, name, chosen, canRemove) {
    const [title, how, invert, remove] = row.children;
    const { label, picture } = HOWS[part.how];
    row.setAttribute('aria-current', chosen);
    title.firstChild.replaceChildren(icon(shapeOf(part).picture));
    title.lastChild.textContent = name;
    title.title = name;
    how.replaceChildren(icon(picture));
    how.title = `${label}: how it goes together with the parts before`;
    how.setAttribute('aria-label', how.title);
    invert.setAttribute('aria-pressed', part.invert);
    remove.disabled = !canRemove;
    return row;
  }

  #ask(by, at) {
    this.asked = at;
    for (const each of this.hows) each.setAttribute('aria-checked', by.getAttribute('aria-label').startsWith(each.textContent));
    toggleMenu(this.howMenu, by);
  }
}
