// What is looked for on the wall.

export const ORDERS = { newest: 'Added last', taken: 'Date taken', name: 'Name', rating: 'Rating', sure: 'Surest first', unsure: 'Least sure first' };
const BY_SURENESS = ['sure', 'unsure'];

const ALL = Object.freeze({
  q: '', tags: [], person: null, rating: 0, since: '', until: '', camera: '', like: null, twins: false, unsure: false, order: 'newest',
});

/** What `parts` tells of. */
const PARTS = ['q', 'tag', 'person', 'rating', 'since', 'until', 'camera', 'like', 'twins', 'unsure', 'order'];

/**
 * Event: `change` (detail: what was asked for before).
 * @typedef {object} Wish
 * @property {string} q words
 * @property {string[]} tags all of them
 * @property {?{id: string, name: string}} person
 * @property {number} rating at least so many stars
 * @property {string} since a day, YYYY-MM-DD
 * @property {string} until the last day
 * @property {string} camera
 * @property {?{id: string, name: string}} like a photo; the most similar come first
 * @property {boolean} twins only what looks alike
 * @property {boolean} unsure also what is below the limit
 * @property {keyof ORDERS} order
 */
export class Query extends EventTarget {
  /** @type {Wish} */
  wish = ALL;

  /** Asks for something else. @param {Partial<Wish>} part what differs */
  change(part) {
    const wish = { ...this.wish, ...part };
    // What is surest comes first, unless another order was wished for.
    const isWished = part.order && part.order !== this.wish.order;
    if (canBeSure(wish) && !canBeSure(this.wish) && !isWished && wish.order === ALL.order) wish.order = 'sure';
    if (!canBeSure(wish)) {
      wish.unsure = false;
      if (BY_SURENESS.includes(wish.order)) wish.order = ALL.order;
    }
    const before = this.wish;
    this.wish = wish;
    this.dispatchEvent(new CustomEvent('change', { detail: before }));
  }

  /** Asks for these alone; nothing for all photos. */
  only(part = {}) {
    this.change({ ...ALL, order: this.wish.order, ...part });
  }

  toggleTag(word) {
    const { tags } = this.wish;
    this.change({ tags: tags.includes(word) ? tags.filter((other) => other !== word) : [...tags, word] });
  }

  /** Whether all photos are asked for. */
  get isAll() {
    return Object.entries(ALL).every(([name, value]) => ['order', 'unsure'].includes(name) || `${this.wish[name] ?? ''}` === `${value ?? ''}`);
  }

  /** The orders that make sense for what is asked. */
  get orders() {
    return Object.keys(ORDERS).filter((order) => canBeSure(this.wish) || !BY_SURENESS.includes(order));
  }

  /** For the page's address: what differs from all photos in their usual order. @returns {import('../common/place.js').Parts} */
  get parts() {
    const params = this.params();
    if (this.wish.order === ALL.order) params.delete('order');
    return Object.fromEntries(PARTS.map((name) => [name, params.getAll(name)]));
  }

  /** The same read back, without the names of the person and of the photo. @param {URLSearchParams} params @returns {Wish} */
  static read(params) {
    const named = (name) => (params.get(name) ? { id: params.get(name), name: '' } : null);
    const order = params.get('order');
    return {
      ...ALL,
      ...Object.fromEntries(['q', 'since', 'until', 'camera'].map((name) => [name, params.get(name) ?? ''])),
      tags: params.getAll('tag'),
      person: named('person'),
      like: named('like'),
      rating: Math.max(0, Math.min(5, Math.floor(Number(params.get('rating'))) || 0)),
      twins: params.has('twins'),
      unsure: params.has('unsure'),
      order: order in ORDERS ? order : ALL.order,
    };
  }

  /** For a request. @param {object} [more] added to it */
  params(more = {}) {
    const { tags, person, like, ...plain } = this.wish;
    const params = new URLSearchParams(tags.map((word) => ['tag', word]));
    if (person) params.set('person', person.id);
    if (like) params.set('like', like.id);
    for (const [name, value] of Object.entries({ ...plain, ...more })) {
      if (value === true) params.set(name, 1);
      else if (value) params.set(name, value);
    }
    return params;
  }
}

/** Whether photos are shown for what they are thought to show, so that some are surer than others. */
const canBeSure = ({ q, tags, person }) => Boolean(q.trim()) || tags.length > 0 || Boolean(person);
