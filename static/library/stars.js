// Five stars; clicking the star that is set clears the rating.

import { h } from '../common/dom.js';
import { roving } from '../common/roving.js';

export class Stars {
  /** @param {(rating: number) => void} onRate 0 to 5 */
  constructor(onRate) {
    this.rating = 0;
    this.buttons = [1, 2, 3, 4, 5].map((value) =>
      h('button.star', {
        type: 'button',
        'aria-label': `${value} ${value === 1 ? 'star' : 'stars'}`,
        onclick: (event) => {
          event.stopPropagation();
          onRate(value === this.rating ? 0 : value);
        },
      }, '★'));
    this.element = h('span.stars', { role: 'group', 'aria-label': 'Rating' }, this.buttons);
    roving(this.element, '.star');
  }

  show(rating) {
    this.rating = rating;
    this.buttons.forEach((button, index) => {
      button.classList.toggle('on', index < rating);
      button.setAttribute('aria-pressed', index + 1 === rating);
    });
  }
}
