// The left column: words to look for, and what there is to choose from, with how many photos each.

import { address, request } from '../common/api.js';
import { h, setChildren, tellError } from '../common/dom.js';
import { roving } from '../common/roving.js';
import { Slider } from '../common/slider.js';
import { Stars } from '../library/stars.js';
import { ORDERS } from './query.js';
import { month, number } from './said.js';

const TYPED_MS = 200;
const FEW = { people: 8, tags: 14, cameras: 6 };

/** A list of what photos can be narrowed by; a click narrows, another takes it back. */
class Facet {
  #rows = new Map();
  #isOpen = false;

  /** @param {string} title @param {number} [few] so many are shown until all are asked for */
  constructor(title, few = Infinity) {
    this.few = few;
    this.list = h('div.facet-list');
    this.more = h('button.link.facet-more', { type: 'button', hidden: true, onclick: () => { this.#isOpen = !this.#isOpen; this.show(this.rows); } });
    roving(this.list, '.facet-row');
    this.element = h('section.facet', { 'aria-label': title, hidden: true }, h('h3', {}, title), this.list, this.more);
  }

  /** @param {{key, label: string, count: ?number, on: boolean, inner?: boolean, cover?: string, run: () => void}[]} rows */
  show(rows) {
    this.rows = rows;
    const known = this.#rows;
    this.#rows = new Map();
    const seen = this.#isOpen ? rows : rows.filter(({ on }, index) => index < this.few || on);
    setChildren(this.list, seen.map((row) => {
      const element = known.get(row.key) ?? this.#row(row);
      this.#rows.set(row.key, element);
      element.setAttribute('aria-pressed', row.on);
      element.onclick = row.run;
      element.lastChild.textContent = row.count === null ? '' : number(row.count);
      return element;
    }));
    this.element.hidden = rows.length === 0;
    this.more.hidden = rows.length <= this.few;
    this.more.textContent = this.#isOpen ? 'fewer' : `all ${rows.length}`;
  }

  #row({ label, cover, inner }) {
    const row = h('button.facet-row', { type: 'button' }, ...(cover ? [h('img', { src: address(`gallery/faces/${cover}/crop`), alt: '', loading: 'lazy' })] : []), h('span', {}, label), h('small'));
    row.classList.toggle('inner', Boolean(inner));
    return row;
  }
}

export class Filters {
  #asking = false;
  #again = false; // what was asked for meanwhile is another
  #categories = new Set();
  #facets = null; // that were told last
  #typing = 0;
  #limiting = 0;

  /**
   * @param {{query: import('./query.js').Query, onLimits: (limits: object) => void, onClose: () => void}} options
   *     onLimits: another confidence is wanted, from which on tags or names are shown
   */
  constructor({ query, onLimits, onClose }) {
    Object.assign(this, { query, onLimits });
    this.search = h('input.search', { type: 'search', placeholder: 'Search', 'aria-label': 'Search photos', autocomplete: 'off', spellcheck: 'false' });
    this.search.addEventListener('input', () => this.#type());
    this.search.addEventListener('keydown', (event) => { if (event.key === 'Escape' || event.key === 'Enter') this.search.blur(); });
    this.categories = new Facet('Categories');
    this.people = new Facet('People', FEW.people);
    this.tags = new Facet('Tags', FEW.tags);
    this.dates = new Facet('Date');
    this.cameras = new Facet('Camera', FEW.cameras);
    this.others = new Facet('Also');
    this.order = new Facet('Order');
    this.order.element.classList.add('narrow-only');
    this.stars = new Stars((rating) => query.change({ rating }));
    this.rating = h('section.facet', { 'aria-label': 'Rating' }, h('h3', {}, 'Rating'), h('div.facet-stars', {}, this.stars.element, h('small', {}, 'and more')));
    this.limits = {
      tagSure: this.#limit('tagSure', 'Tags', 'Tags that are less sure than this are not shown, found or written into files', 0.05),
      faceSure: this.#limit('faceSure', 'Names', 'Nobody is named by Envo who is less sure than this', 0.5),
    };
    const sure = h('section.facet.limits', { 'aria-label': 'How sure' }, h('h3', {}, 'Shown from'), Object.values(this.limits).map(({ element }) => element));
    const done = h('button.button.primary.filters-done', { type: 'button', onclick: onClose }, 'Show photos');
    this.element = h('nav.gallery-filters', { 'aria-label': 'Find photos' }, h('div.search-row', {}, this.search),
      h('div.facets', {}, [this.categories, this.people, this.tags].map(({ element }) => element), this.rating,
        [this.dates, this.cameras, this.others, this.order].map(({ element }) => element), sure), done);
    query.addEventListener('change', () => this.#asked());
  }

  /** Shows the limits that hold. @param {{tagSure: number, faceSure: number}} settings */
  showLimits(settings) {
    for (const [name, slider] of Object.entries(this.limits)) slider.show(Math.round(settings[name] * 100));
  }

  /** Whether a word is one of the categories that were found. */
  isCategory(word) {
    return this.#categories.has(word);
  }

  /** Asks anew what there is. */
  async update() {
    this.#again = true;
    if (this.#asking) return; // of many photos this takes a while
    this.#asking = true;
    try {
      while (this.#again) {
        this.#again = false;
        const facets = await request('GET', `gallery/facets?${this.query.params()}`);
        this.#facets = facets;
        if (!this.#again) this.#show(facets);
      }
    } finally {
      this.#asking = false;
    }
  }

  #asked() {
    if (document.activeElement !== this.search) this.search.value = this.query.wish.q;
    if (this.#facets) this.#show(this.#facets); // what is asked for is marked at once
    this.update().catch(tellError);
  }

  #type() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.query.change({ q: this.search.value.trim() }), TYPED_MS);
  }

  #limit(name, label, about, minimum) {
    const control = { id: name, label, about, minimum: minimum * 100, maximum: 99, default: name === 'tagSure' ? 50 : 90, step: 1, digits: 0, unit: '%' };
    const slider = new Slider(control, {
      onStart() {},
      onInput: (value) => {
        slider.show(value);
        clearTimeout(this.#limiting);
        this.#limiting = setTimeout(() => this.onLimits({ [name]: value / 100 }), TYPED_MS);
      },
    });
    return slider;
  }

  #show({ categories, tags, cameras, years, months, people, twins }) {
    const { query } = this;
    const { wish } = query;
    const words = new Set(categories.map(({ word }) => word));
    this.#categories = words;
    const word = (row) => ({ key: row.word, label: row.word, count: row.count, on: wish.tags.includes(row.word), run: () => query.toggleTag(row.word) });
    const lost = wish.tags.filter((each) => !words.has(each) && !tags.some((tag) => tag.word === each)).map((each) => ({ word: each, count: 0 }));
    this.categories.show(categories.map(word));
    this.tags.show([...lost, ...tags.filter((tag) => !words.has(tag.word))].map(word));
    this.people.show(people.map(({ id, name, count, cover }) => ({
      key: id, label: name, count, cover, on: wish.person?.id === id, run: () => query.change({ person: wish.person?.id === id ? null : { id, name } }),
    })));
    this.dates.show(years.flatMap(({ year, count }) => this.#year(year, count, months)));
    this.cameras.show(cameras.map(({ camera, count }) => ({
      key: camera, label: camera, count, on: wish.camera === camera, run: () => query.change({ camera: wish.camera === camera ? '' : camera }),
    })));
    this.others.show(twins || wish.twins ? [{ key: 'twins', label: 'Look alike', count: twins, on: wish.twins, run: () => query.change({ twins: !wish.twins }) }] : []);
    this.order.show(query.orders.map((order) => ({ key: order, label: ORDERS[order], count: null, on: wish.order === order, run: () => query.change({ order }) })));
    this.stars.show(wish.rating);
  }

  /** A year; its months once it is chosen. */
  #year(year, count, months) {
    const { query } = this;
    const { wish } = query;
    const row = (key, label, more, since, until) => {
      const on = wish.since === since && wish.until === until;
      return { key, label, ...more, on, run: () => query.change(on ? { since: '', until: '' } : { since, until }) };
    };
    const rows = [row(`${year}`, `${year}`, { count }, `${year}-01-01`, `${year}-12-31`)];
    if (!wish.since.startsWith(`${year}-`)) return rows;
    return [...rows, ...months.filter((each) => each.month.startsWith(`${year}-`)).map((each) => {
      const [, index] = each.month.split('-').map(Number);
      return row(each.month, month(index), { count: each.count, inner: true }, `${each.month}-01`, `${each.month}-${new Date(year, index, 0).getDate()}`);
    })];
  }
}
