// What many chosen photos have in common.

import { request } from '../common/api.js';
import { h } from '../common/dom.js';
import { Stars } from '../library/stars.js';
import { many, number, percent } from './said.js';
import { CATEGORY, TagList } from './tags.js';

export class AboutMany {
  #ids = [];

  /**
   * @param {{onCorrect: (ids: string[], correction: object) => void, onRate: (ids: string[], rating: number) => void,
   *     onFind: (wish: object) => void, isCategory: (word: string) => boolean}} options
   */
  constructor({ onCorrect, onRate, onFind, isCategory }) {
    this.isCategory = isCategory;
    this.head = h('h2');
    this.stars = new Stars((rating) => onRate(this.#ids, rating));
    this.starsNote = h('small');
    this.tags = new TagList({ onCorrect: (correction) => onCorrect(this.#ids, correction), onFind: (word) => onFind({ tags: [word] }) });
    this.people = h('p.about-file');
    this.element = h('div.about-photo', {}, this.head, h('div.many-stars', {}, this.stars.element, this.starsNote), this.people, this.tags.element);
  }

  /** @param {string[]} ids */
  async show(ids) {
    this.#ids = ids;
    this.head.textContent = many(ids.length, 'photo');
    const { tags, people, rating, count } = await request('POST', 'gallery/summary', { photos: ids });
    if (this.#ids !== ids) return;
    this.showRating(rating);
    this.people.textContent = people.map((person) => `${person.name} (${person.count})`).join(', ');
    this.tags.show(tags.map((tag) => ({
      ...tag,
      share: tag.count / count,
      said: number(tag.count),
      about: tag.accepted === tag.count ? 'all taken for right' : `${percent(tag.confidence)} sure on average`,
      title: this.isCategory(tag.word) ? CATEGORY : tag.parents[0] ?? '',
      state: tag.accepted === tag.count ? 'accepted' : 'found',
      shown: true,
    })));
  }

  /** @param {?number} rating null: they differ */
  showRating(rating) {
    this.stars.show(rating ?? 0);
    this.starsNote.textContent = rating === null ? 'not all the same' : '';
  }
}
