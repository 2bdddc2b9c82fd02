// The tags of one photo, or of many: how sure each is and where it comes from; taken for right, taken off, renamed.

import { request } from '../common/api.js';
import { h, iconButton, setChildren } from '../common/dom.js';
import { Segmented } from '../common/segmented.js';
import { Gone, journal, undoes } from '../common/undo.js';
import { percent } from './said.js';

/** What categories are listed under. */
export const CATEGORY = 'category';
const TITLES = { [CATEGORY]: 'Category', '': 'More' };
const ORDERS = { sure: 'Surest first', unsure: 'Least sure' };

/**
 * A tag as it is listed: one photo's, or what many photos have in common.
 * @typedef {{word: string, share: number, said: string, about: string, title: string, state: string, shown: boolean,
 *     boxes?: number[][]}} Row share: how sure from 0 to 1, or how many of the photos have it; said: the same in short
 *     words; about: where it comes from; title: what it is listed under
 */

export class TagList {
  #rows = new Map(); // by word
  #titles = new Map(); // elements by what tags are listed under
  #order = 'sure';
  #shown = [];

  /**
   * @param {{onCorrect: (correction: object) => void, onFind: (word: string) => void, onHover?: (row: ?Row) => void}} options
   *     onCorrect: accept, remove, add, rename or forget, as the server takes it
   */
  constructor({ onCorrect, onFind, onHover = () => {} }) {
    Object.assign(this, { onCorrect, onFind, onHover });
    this.suggestions = h('datalist', { id: `words-${crypto.randomUUID()}` });
    this.input = h('input.tag-input', { type: 'text', placeholder: 'Add a tag', 'aria-label': 'Add a tag', list: this.suggestions.id, autocomplete: 'off', spellcheck: 'false', maxlength: 200 });
    this.input.addEventListener('input', () => this.#suggest().catch(() => {})); // one can do without
    this.input.addEventListener('keydown', (event) => this.#onKey(event));
    this.order = new Segmented('Order of tags', ORDERS, (order) => { this.#order = order; this.show(this.#shown); });
    this.note = h('p.tags-note');
    this.list = h('div.tag-list');
    this.unsure = h('div.tag-list');
    this.removed = h('div.removed-tags');
    this.fold = h('details.tag-fold', {}, h('summary'), this.unsure);
    this.element = h('section.tags', { 'aria-label': 'Tags' },
      h('div.tags-head', {}, h('h3', {}, 'Tags'), this.order.element), this.input, this.suggestions, this.note, this.list, this.fold, this.removed);
    this.order.show(this.#order);
  }

  /** A sentence where the tags will stand; empty for none. */
  say(sentence) {
    this.note.textContent = sentence;
    this.note.hidden = !sentence;
  }

  /** @param {Row[]} rows surest first */
  show(rows) {
    this.#shown = rows;
    if (this.element.querySelector('.tag-rename:not([hidden])')) return; // shown anew once it is renamed
    this.order.show(this.#order);
    const known = this.#rows;
    this.#rows = new Map();
    const sorted = this.#order === 'sure' ? rows : [...rows].sort((a, b) => a.share - b.share);
    const element = (row) => {
      const made = known.get(row.word) ?? new TagRow(row.word, this);
      this.#rows.set(row.word, made);
      made.show(row);
      return made.element;
    };
    const shown = sorted.filter((row) => row.shown && row.state !== 'removed');
    setChildren(this.list, this.#order === 'sure' ? this.#grouped(shown, element) : shown.map(element));
    const unsure = sorted.filter((row) => !row.shown && row.state !== 'removed');
    setChildren(this.unsure, unsure.map(element));
    this.fold.hidden = unsure.length === 0;
    this.fold.firstChild.textContent = `Less sure (${unsure.length})`;
    const removed = rows.filter(({ state }) => state === 'removed');
    this.removed.hidden = removed.length === 0;
    this.removed.replaceChildren('Taken off: ', ...removed.map(({ word }) =>
      h('button.removed-tag', { type: 'button', title: 'Bring it back', onclick: () => this.onCorrect({ forget: [word] }) }, word)));
    this.order.element.hidden = rows.length < 2;
  }

  /** The rows as they were shown last. */
  get shown() {
    return this.#shown;
  }

  /** The elements of rows below what they are listed under, in the order in which the titles come first. */
  #grouped(rows, element) {
    const groups = new Map();
    for (const row of rows) groups.set(row.title, [...(groups.get(row.title) ?? []), row]);
    const ordered = [...groups].sort(([a], [b]) => (b === CATEGORY) - (a === CATEGORY) || (a === '') - (b === ''));
    return ordered.flatMap(([title, inside]) => {
      if (!this.#titles.has(title)) this.#titles.set(title, h('h4', {}, TITLES[title] ?? title));
      return [this.#titles.get(title), ...inside.map(element)];
    });
  }

  async #suggest() {
    const start = this.input.value.split(',').pop().trim();
    if (!start) return;
    const { words } = await request('GET', `gallery/words?start=${encodeURIComponent(start)}`);
    this.suggestions.replaceChildren(...words.map((word) => h('option', { value: word })));
  }

  #onKey(event) {
    event.stopPropagation();
    if (event.key === 'Escape') this.input.blur();
    if (event.key !== 'Enter') return;
    const add = [...new Set(this.input.value.split(',').map((word) => word.trim()).filter(Boolean))];
    this.input.value = '';
    if (add.length) this.onCorrect({ add });
  }
}

class TagRow {
  constructor(word, list) {
    this.word = h('button.tag-word', { type: 'button', onclick: () => list.onFind(word) });
    this.input = h('input.tag-rename', { type: 'text', 'aria-label': `Another word for ${word}`, hidden: true, maxlength: 100 });
    this.about = h('small');
    this.bar = h('div.bar-fill');
    this.said = h('span.tag-said');
    this.accept = iconButton('check', `${word} is right`, () => list.onCorrect(this.row.state === 'accepted' ? { forget: [word] } : { accept: [word] }));
    this.rename = iconButton('pencil', `Rename ${word}`, () => this.#edit(list));
    this.remove = iconButton('close', `Remove ${word}`, () => list.onCorrect({ remove: [word] }));
    this.element = h('div.tag-row', { 'data-word': word },
      h('div.tag-name', {}, this.word, this.input, this.about), h('div.bar-track', {}, this.bar), this.said,
      h('span.tag-actions', {}, this.rename, this.accept, this.remove));
    this.element.addEventListener('pointerenter', () => list.onHover(this.row));
    this.element.addEventListener('pointerleave', () => list.onHover(null));
    this.element.addEventListener('focusin', () => list.onHover(this.row));
    this.element.addEventListener('focusout', () => list.onHover(null));
  }

  show(row) {
    this.row = row;
    const { word, share, said, about, state, boxes } = row;
    this.word.textContent = word;
    this.word.title = `Photos tagged ${word}`;
    this.about.textContent = about;
    this.about.title = about;
    this.bar.style.width = percent(share);
    this.said.textContent = said;
    this.accept.setAttribute('aria-pressed', state === 'accepted');
    this.element.dataset.state = state;
    this.element.classList.toggle('placed', Boolean(boxes?.length));
  }

  #edit(list) {
    const { input, word } = this;
    input.value = this.row.word;
    input.hidden = false;
    word.hidden = true;
    input.select();
    input.focus();
    const finish = (keep) => {
      input.onblur = input.onkeydown = null;
      input.hidden = true;
      word.hidden = false;
      list.show(list.shown);
      const next = input.value.trim();
      if (keep && next && next !== this.row.word) list.onCorrect({ rename: [[this.row.word, next]] });
    };
    input.onblur = () => finish(true);
    input.onkeydown = (event) => {
      event.stopPropagation();
      if (event.key === 'Enter' || event.key === 'Escape') finish(event.key === 'Enter');
    };
  }
}

/** One photo's tags as rows. @param {import('./details.js').Tag[]} tags @returns {Row[]} */
export function rowsOf(tags) {
  const tops = new Set(tags.flatMap(({ parents }) => parents.slice(0, 1)));
  return tags.map((tag) => ({
    ...tag,
    share: tag.confidence,
    said: tag.state === 'accepted' ? '' : percent(tag.confidence),
    about: tag.originLabel,
    title: tag.origin === CATEGORY ? CATEGORY : tag.parents[0] ?? (tops.has(tag.word) ? tag.word : ''),
  }));
}

/** Corrects the tags of photos. @param {string[]} photos ids @param {object} correction see `TagList` */
export async function correct(photos, correction) {
  const { changed, before } = await request('POST', 'gallery/tags', { photos, ...correction });
  if (!changed) return;
  const where = photos.length === 1 ? '' : ` of ${photos.length} photos`;
  // A word that was only spelt otherwise is the same one to the server.
  const spelt = (correction.rename ?? []).filter(([old, word]) => old.toLowerCase() === word.toLowerCase()).map(([old, word]) => [word, old]);
  journal().add('tags', `${sayCorrection(correction)}${where}`, { photos, correction, before: spelt.length ? [{ photos, rename: spelt }] : before });
}

function sayCorrection({ add = [], accept = [], remove = [], forget = [], rename = [] }) {
  const quoted = (words) => words.map((word) => `“${word}”`).join(', ');
  const [[old, word] = []] = rename;
  if (old) return `called the tag “${old}” “${word}”`;
  if (add.length) return `added the tag ${quoted(add)}`;
  if (accept.length) return `took the tag ${quoted(accept)} for right`;
  return remove.length ? `took the tag ${quoted(remove)} off` : `left the tag ${quoted(forget)} to Envo`;
}

undoes('tags', {
  undo: ({ before }) => sayTags(before),
  redo: ({ photos, correction }) => sayTags([{ photos, ...correction }]),
});

async function sayTags(wishes) {
  let changed = 0;
  for (const wish of wishes) changed += (await request('POST', 'gallery/tags', wish)).changed;
  if (!changed) throw new Gone('These tags were changed since, or their photos are not in your library any more; they stay as they are.');
}
