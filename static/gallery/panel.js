// The right column: about the photo or the photos that are chosen, and what can be done with them.

import { h, icon, iconButton, tellError } from '../common/dom.js';
import { AboutAll } from './aboutall.js';
import { AboutMany } from './aboutmany.js';
import { AboutPhoto } from './aboutphoto.js';

export class Panel {
  /** Ids of the photos it is about. */
  ids = [];

  /**
   * @param {{about: object, actions: {open: (tab: string) => void, restore, similar, edits, takeAway, remove, batch, clear, keys, detector: Function}}} options
   *     about: for `AboutPhoto`; actions: what is done with `ids`
   */
  constructor({ about, actions }) {
    this.one = new AboutPhoto(about);
    this.many = new AboutMany(about);
    this.all = new AboutAll({ onTakeAway: (by) => actions.takeAway(by), onKeys: (by) => actions.keys(by), onDetector: (name) => actions.detector(name) });
    const button = (text, run, name = null) => h('button', { type: 'button', onclick: ({ currentTarget }) => run(currentTarget) }, ...(name ? [icon(name)] : []), text);
    this.restore = button('Restore', () => (this.ids.length > 1 ? actions.restore() : actions.open('Restore')));
    this.open = [...['Edit', 'Replace'].map((tab) => button(tab, () => actions.open(tab))), this.restore];
    this.similar = button('Similar', () => actions.similar());
    this.negatives = button('Negatives', () => actions.batch('negative'));
    this.negatives.title = 'Turn film negatives into positives: the frames of a roll alike';
    this.foot = h('div.about-actions', {}, this.open, this.similar, button('Edits', (by) => actions.edits(by), 'copy'),
      button('Low light', () => actions.batch('light')), button('Straighten', () => actions.batch('straighten')), this.negatives,
      button('Download', (by) => actions.takeAway(by), 'download'), button('Delete', () => actions.remove(), 'trash'));
    this.clear = iconButton('close', '', () => actions.clear());
    this.clear.classList.add('about-clear');
    this.scroll = h('div.about-scroll', {}, this.clear, this.all.element, this.one.element, this.many.element);
    this.element = h('section.gallery-about', { 'aria-label': 'About the photos chosen' }, this.scroll, this.foot);
  }

  /**
   * @param {string[]} ids of the photos it is to be about
   * @param {?import('./pages.js').Photo} photo where there is one alone
   * @param {boolean} [anew] what is known of them may have changed
   */
  show(ids, photo, anew = false) {
    const isOther = ids.length !== this.ids.length || ids.some((id, index) => id !== this.ids[index]);
    this.ids = ids;
    const isOne = ids.length === 1 && Boolean(photo);
    this.all.element.hidden = ids.length > 0;
    this.one.element.hidden = !isOne;
    this.many.element.hidden = ids.length < 2;
    this.foot.hidden = ids.length === 0;
    this.clear.classList.toggle('narrow-only', ids.length === 0); // beside the wall, what is about all photos stays
    this.clear.title = ids.length ? 'Choose none' : 'Close';
    this.clear.setAttribute('aria-label', this.clear.title);
    this.foot.classList.toggle('of-one', isOne);
    for (const each of [...this.open, this.similar]) each.hidden = !isOne && each !== this.restore;
    this.negatives.hidden = isOne; // Restore has it
    if (isOther) this.scroll.scrollTop = 0;
    if (isOne) this.one.show(photo).catch(tellError);
    else if (ids.length > 1 && (isOther || anew)) this.many.show(ids).catch(tellError);
  }

  showRating(rating) {
    this.one.showRating(rating);
    this.many.showRating(rating);
  }

  /** Lets a tag be typed. */
  focusTags() {
    const about = this.ids.length > 1 ? this.many : this.one;
    about.tags.input.focus();
  }
}
