// The bar above the wall: what is looked for, in which order, and what can be added, played and downloaded.

import { h, icon, iconButton } from '../common/dom.js';
import { menu, shortcuts, toggleMenu } from '../common/menu.js';
import { pick, pickFolder } from '../common/files.js';
import { Segmented } from '../common/segmented.js';
import { KEYS } from './keys.js';
import { ORDERS } from './query.js';
import { day, many, number } from './said.js';

const VIEWS = { photos: 'Photos', people: 'People' };

export class Head {
  /**
   * @param {{query: import('./query.js').Query, onView: (view: string) => void, onFiles: (files: File[]) => void,
   *     onFilters: () => void, onPlay: () => void, onTakeAway: (by: HTMLElement) => void, onAbout: () => void}} options
   */
  constructor({ query, onView, onFiles, onFilters, onPlay, onTakeAway, onAbout }) {
    this.query = query;
    this.views = new Segmented('View', VIEWS, onView);
    this.count = h('span.gallery-count', { role: 'status' });
    this.order = h('select.order', { 'aria-label': 'Order', onchange: () => query.change({ order: this.order.value }) });
    this.filters = iconButton('filter', 'Find', onFilters);
    this.filters.classList.add('narrow-only');
    this.play = iconButton('play', 'Play all (P)', onPlay);
    this.takeAway = iconButton('download', 'Download', () => onTakeAway(this.takeAway));
    this.about = iconButton('info', 'About all photos', onAbout);
    this.about.classList.add('narrow-only');
    this.help = shortcuts(KEYS);
    this.keys = iconButton('keyboard', 'Keyboard shortcuts (?)', () => this.showKeys());
    this.keys.classList.add('wide-only');
    const choice = (name, text, run) => h('button', { type: 'button', onclick: () => { this.ways.hidePopover(); run(); } }, icon(name), text);
    this.ways = menu('add-ways', 'Add', choice('plus', 'Photos', () => pick(onFiles)),
      choice('folder', 'A folder', () => pickFolder(onFiles)), choice('many', 'A zip of photos', () => pick(onFiles, { multiple: true, accept: '.zip,application/zip' })));
    this.add = h('button.button.primary.add-photos', { type: 'button', 'aria-label': 'Add photos', onclick: () => toggleMenu(this.ways, this.add) }, icon('plus'), h('span', {}, 'Add photos'));
    this.element = h('header.gallery-head', {}, this.views.element, this.filters, this.count, h('span.space'), this.order, this.play, this.takeAway, this.about, this.keys, this.add, this.ways, this.help);
    this.chips = h('div.query-chips');
    query.addEventListener('change', () => this.#showQuery());
    this.#showQuery();
  }

  /** @param {'photos' | 'people'} view */
  showView(view) {
    this.views.show(view);
    for (const each of [this.count, this.order, this.play, this.takeAway, this.about, this.filters, this.keys]) each.hidden = view !== 'photos';
  }

  /** @param {?number} count of photos found @param {number} chosen */
  showCount(count, chosen) {
    const [some, things] = many(count ?? 0, 'photo').split(' ');
    this.count.replaceChildren(...(count === null ? [] : [chosen ? `${number(chosen)} of ${some}` : some, h('span.wide-only', {}, ` ${things}${chosen ? ' chosen' : ''}`)]));
    for (const each of [this.order, this.play, this.takeAway]) each.disabled = !count;
  }

  showKeys(by = this.keys) {
    toggleMenu(this.help, by.checkVisibility() ? by : this.element);
  }

  #showQuery() {
    const { query } = this;
    const { wish } = query;
    this.order.replaceChildren(...query.orders.map((order) => h('option', { value: order }, ORDERS[order])));
    this.order.value = wish.order;
    this.order.hidden = Boolean(wish.like);
    const chip = (text, part) => h('button.chip', { type: 'button', title: 'Remove this filter', onclick: () => query.change(part) }, text, icon('close'));
    const chips = [
      wish.q && chip(`“${wish.q}”`, { q: '' }),
      ...wish.tags.map((word) => chip(word, { tags: wish.tags.filter((other) => other !== word) })),
      wish.person && chip(wish.person.name, { person: null }),
      wish.like && chip(`like ${wish.like.name}`, { like: null }),
      wish.rating && chip(`${'★'.repeat(wish.rating)} and more`, { rating: 0 }),
      wish.since && chip(wish.since === wish.until ? day(wish.since) : `${day(wish.since)} to ${day(wish.until)}`, { since: '', until: '' }),
      wish.camera && chip(wish.camera, { camera: '' }),
      wish.twins && chip('look alike', { twins: false }),
    ].filter(Boolean);
    const surer = wish.tags.length || wish.person;
    if (surer) chips.push(h('button.chip.unsure-chip', { type: 'button', 'aria-pressed': `${wish.unsure}`, onclick: () => query.change({ unsure: !wish.unsure }) }, 'also less sure ones'));
    if (!query.isAll) chips.push(h('button.link', { type: 'button', onclick: () => query.only() }, 'all photos'));
    this.chips.replaceChildren(...chips);
    this.chips.hidden = chips.length === 0;
    this.filters.setAttribute('aria-pressed', !query.isAll);
  }
}
