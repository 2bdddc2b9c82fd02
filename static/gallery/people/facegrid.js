// Faces side by side, in sections, loaded as they come into sight; some are chosen by click, touch or keys.

import { h, icon, iconButton, setChildren, tellError } from '../../common/dom.js';
import { allFaces, facesOf, howSure, likely, MOST } from './corrections.js';
import { picture } from './namefield.js';

const PAGE = 120;

export class FaceGrid {
  /** @type {import('./corrections.js').Face[]} */
  faces = [];
  count = 0;
  /** Whether each face tells who it may be. */
  names = false;
  #path = '';
  #order = '';
  #turn = 0;
  #loading = null;
  #tiles = new Map(); // by id of the face
  #chosen = new Set(); // ids
  #at = null; // id of the face that the keys are on
  #from = null; // id of the one chosen last

  /**
   * @param {{sections: () => {id: string, title: string, about?: string}[], sectionOf: (face) => string,
   *     onChoose: () => void, onOpen: (photo: string) => void, confirm?: (faces) => void, refuse?: (faces) => void}} options
   *     sections: all there may be, in their order; onChoose: others are chosen; onOpen: a photo is to be seen;
   *     confirm, refuse: offered on each face that was not named
   */
  constructor({ sections, sectionOf, onChoose, onOpen, confirm = null, refuse = null }) {
    Object.assign(this, { sections, sectionOf, onChoose, onOpen, confirm, refuse });
    this.end = h('div.grid-end');
    this.parts = h('div.face-parts');
    this.element = h('div.face-grid', {}, this.parts, this.end);
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('focusin', ({ target }) => this.#stand(target.closest('[data-face]')?.dataset.face));
    new IntersectionObserver(([entry]) => { if (entry.isIntersecting) this.#more().catch(tellError); }, { rootMargin: '800px' }).observe(this.end);
  }

  /** Shows the faces of a route. @param {string} path @param {string} [order] */
  async open(path, order = '') {
    const other = path !== this.#path;
    this.#path = path;
    this.#order = order;
    if (other) {
      this.#chosen.clear();
      this.#at = null;
      this.#take([], 0);
    }
    await this.reload();
  }

  /** Asks anew for what is shown. */
  async reload() {
    this.#turn += 1;
    const turn = this.#turn;
    this.#loading = null;
    const wanted = Math.max(PAGE, this.faces.length);
    const faces = [];
    let count = 0;
    do {
      const page = await this.#page(faces.length, Math.min(MOST, wanted - faces.length));
      if (turn !== this.#turn) return;
      faces.push(...page.faces);
      count = page.faces.length ? page.count : faces.length;
    } while (faces.length < Math.min(wanted, count));
    this.#take(faces, count);
  }

  async #more() {
    if (this.#loading || !this.faces.length || this.faces.length >= this.count) return;
    const turn = this.#turn;
    this.#loading = this.#page(this.faces.length, PAGE);
    try {
      const { faces, count } = await this.#loading;
      if (turn !== this.#turn) return;
      const known = new Set(this.faces.map(({ id }) => id));
      this.#take([...this.faces, ...faces.filter(({ id }) => !known.has(id))], faces.length ? count : this.faces.length);
    } finally {
      if (turn === this.#turn) this.#loading = null;
    }
  }

  #page(offset, limit) {
    return facesOf(this.#path, { offset, limit, ...(this.#order && { order: this.#order }) });
  }

  // What is chosen

  /** Those chosen, in the order they are shown. */
  get chosen() {
    return this.shown.filter(({ id }) => this.#chosen.has(id));
  }

  /** Those that a key is meant for: what is chosen, else the one that the keys are on. */
  get meant() {
    const { chosen } = this;
    return chosen.length || !this.element.contains(document.activeElement) ? chosen : this.faces.filter(({ id }) => id === this.#at);
  }

  /** All loaded, in the order they are shown. */
  get shown() {
    const order = [...this.parts.querySelectorAll('[data-face]')].map(({ dataset }) => dataset.face);
    const byId = new Map(this.faces.map((face) => [face.id, face]));
    return order.map((id) => byId.get(id));
  }

  choose(faces) {
    for (const { id } of faces) this.#set(id, true);
    this.#mark();
  }

  chooseNone() {
    this.#chosen.clear();
    this.#mark();
  }

  /** Chooses all faces of a section, those too that were not loaded yet; once more, none of them. */
  async chooseAll(section) {
    if (this.faces.length < this.count) {
      const all = await allFaces(this.#path);
      this.#take(all, all.length);
    }
    const ids = this.faces.filter((face) => this.sectionOf(face) === section).map(({ id }) => id);
    const on = !ids.every((id) => this.#chosen.has(id));
    for (const id of ids) this.#set(id, on);
    this.#mark();
  }

  #set(id, on) {
    if (on) this.#chosen.add(id);
    else this.#chosen.delete(id);
  }

  #press(id, { shiftKey }) {
    const order = this.shown.map((face) => face.id);
    const [from, to] = [order.indexOf(this.#from), order.indexOf(id)];
    if (shiftKey && from >= 0) {
      for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#set(each, true);
    } else {
      this.#set(id, !this.#chosen.has(id));
    }
    this.#from = id;
    this.#mark();
  }

  #mark() {
    for (const [id, tile] of this.#tiles) {
      tile.classList.toggle('on', this.#chosen.has(id));
      tile.firstChild.setAttribute('aria-checked', `${this.#chosen.has(id)}`);
    }
    this.onChoose();
  }

  // Keys

  /** Puts the keys on the face they were on last, else on the first. */
  focus() {
    (this.#tiles.get(this.#at) ?? this.parts.querySelector('[data-face]'))?.firstChild.focus({ preventScroll: true });
  }

  /** Moves the keys off faces that are dealt with, to the next one. */
  step(faces) {
    const ids = new Set(faces.map(({ id }) => id));
    const order = this.shown.map(({ id }) => id);
    const last = Math.max(...order.map((id, index) => (ids.has(id) ? index : -1)));
    const next = order.slice(last + 1).find((id) => !ids.has(id)) ?? order.findLast((id) => !ids.has(id));
    if (next) this.#go(next);
  }

  /** Shows that faces are being dealt with, until they are shown anew. */
  fade(faces) {
    for (const { id } of faces) this.#tiles.get(id).classList.add('leaving');
  }

  #stand(id) {
    if (!id) return;
    if (this.#tiles.has(this.#at)) this.#tiles.get(this.#at).firstChild.tabIndex = -1;
    this.#at = id;
    this.#tiles.get(id).firstChild.tabIndex = 0;
  }

  #go(id) {
    const tile = this.#tiles.get(id);
    tile.firstChild.focus({ preventScroll: true });
    tile.scrollIntoView({ block: 'nearest' });
  }

  #onKey(event) {
    const order = this.shown.map(({ id }) => id);
    const from = order.indexOf(this.#at);
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, ArrowUp: this.#beside(order, from, -1), ArrowDown: this.#beside(order, from, 1), Home: 0, End: order.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = order[Math.max(0, Math.min(order.length - 1, to))];
    if (event.shiftKey) {
      this.#set(this.#at, true);
      this.#set(next, true);
      this.#from = next;
      this.#mark();
    }
    this.#go(next);
  }

  /** Place of the face nearest to one, in the row above (-1) or below (1). */
  #beside(order, from, way) {
    if (from < 0) return 0;
    const middles = order.map((id) => {
      const box = this.#tiles.get(id).getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    });
    const [x, y] = middles[from];
    const rows = middles.map((middle) => way * (middle[1] - y)).filter((apart) => apart > 8);
    if (!rows.length) return from;
    const row = Math.min(...rows);
    const far = (index) => (Math.abs(way * (middles[index][1] - y) - row) < 8 ? Math.abs(middles[index][0] - x) : Infinity);
    return order.reduce((best, _, index) => (far(index) < far(best) ? index : best), from);
  }

  // Showing it

  #take(faces, count) {
    this.faces = faces;
    this.count = count;
    const ids = new Set(faces.map(({ id }) => id));
    this.#chosen = new Set([...this.#chosen].filter((id) => ids.has(id)));
    for (const id of this.#tiles.keys()) if (!ids.has(id)) this.#tiles.delete(id);
    this.show();
  }

  /** Shows each face in its section; to be called when a face belongs elsewhere. */
  show() {
    const focused = this.element.contains(document.activeElement);
    const bySection = Map.groupBy(this.faces, this.sectionOf);
    setChildren(this.parts, this.sections().filter(({ id }) => bySection.has(id)).map((section) => this.#part(section, bySection.get(section.id))));
    if (!this.#tiles.has(this.#at)) this.#at = this.parts.querySelector('[data-face]')?.dataset.face ?? null;
    this.#stand(this.#at);
    if (focused && !this.element.contains(document.activeElement)) this.focus();
    this.#mark();
  }

  #part({ id, title, about = '' }, faces) {
    let part = [...this.parts.children].find(({ dataset }) => dataset.part === id);
    part ??= h('section.face-part', { 'data-part': id }, h('header.face-part-head', {}, h('h3'), h('small'), h('button.link', { type: 'button', onclick: () => this.chooseAll(id).catch(tellError) }, 'choose all')),
      h('div.faces', { role: 'group' }));
    const [head, tiles] = part.children;
    head.children[0].textContent = title;
    head.children[1].textContent = about;
    tiles.setAttribute('aria-label', title);
    setChildren(tiles, faces.map((face) => this.#tile(face)));
    return part;
  }

  #tile(face) {
    const { id } = face;
    if (!this.#tiles.has(id)) {
      const of = () => this.faces.find((other) => other.id === id);
      const quick = (name, run) => (run ? [iconButton(name, '', () => run([of()]), { tabindex: -1, class: 'icon-button quick' })] : []);
      this.#tiles.set(id, h('div.face-tile', { 'data-face': id },
        h('button.face-pick', { type: 'button', role: 'checkbox', tabindex: -1, onclick: (event) => this.#press(id, event), ondblclick: () => this.onOpen(of().photo) },
          picture(id), h('span.face-sure')),
        ...quick('check', this.confirm), ...quick('close', this.refuse)));
    }
    const tile = this.#tiles.get(id);
    const [pick, ...quicks] = tile.children;
    const name = likely(face);
    const said = face.state === 'named' ? 'named' : name ? `${howSure(face)} sure` : '';
    pick.setAttribute('aria-label', [name ?? 'Face without a name', said, face.photoName].filter(Boolean).join(', '));
    pick.title = [name, said, face.photoName].filter(Boolean).join(' · ');
    const sure = howSure(face);
    pick.lastChild.replaceChildren(face.state === 'named' ? icon('check') : !name ? '' : this.names ? `${sure} ${name}?` : sure);
    tile.classList.remove('leaving');
    tile.dataset.state = face.state;
    for (const [index, button] of quicks.entries()) {
      button.title = index ? `Not ${name}` : `Yes, ${name}`;
      button.setAttribute('aria-label', button.title);
    }
    return tile;
  }
}
