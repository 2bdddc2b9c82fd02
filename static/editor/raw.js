// How a RAW is developed before anything else is done to it: of the whole photo, and only where it is a RAW.

import { h, icon } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { Segmented } from '../common/segmented.js';
import { developedAs } from './document.js';

const ABOUT = {
  highlights: {
    recover: 'What is clipped in one colour comes back from the others.',
    clip: 'What is clipped in one colour is white.',
  },
  noise: {
    reduce: 'Specks of colour are taken out, as cameras do; detail stays.',
    some: 'Half of the specks of colour are left.',
    keep: 'The specks of colour are left as they are.',
  },
};
const LABELS = { highlights: 'Highlights', noise: 'Colour noise', demosaic: 'Demosaicing' };

/** @implements {import('./sliders.js').Widget} */
export class RawChoices {
  tool = 'Light';
  section = 'RAW';

  /** @param {{development: object}} schema @param {{onChoose: (development: object) => void}} events */
  constructor({ development: { default: rest, ...choices } }, { onChoose }) {
    Object.assign(this, { rest, choices, onChoose });
    const of = (part) => new Segmented(LABELS[part], choices[part], (id) => this.#choose(part, id));
    this.parts = { highlights: of('highlights'), noise: of('noise') };
    this.about = Object.fromEntries(Object.keys(this.parts).map((part) => [part, h('p.widget-note')]));
    this.name = h('span');
    this.ways = Object.entries(choices.demosaic).map(([id, label]) => h('button', {
      type: 'button', role: 'menuitemradio', 'data-way': id, onclick: () => { this.menu.hidePopover(); this.#choose('demosaic', id); },
    }, label));
    this.menu = menu('demosaics', LABELS.demosaic, this.ways);
    this.menu.setAttribute('role', 'menu');
    this.button = h('button.choice', { type: 'button', 'aria-haspopup': 'menu', onclick: () => toggleMenu(this.menu, this.button) }, this.name, icon('chevron'));
    const rows = Object.entries(this.parts).flatMap(([part, { element }]) => [h('div.raw-label', {}, LABELS[part]), element, this.about[part]]);
    this.element = h('div.raw-choices', {}, rows, h('div.raw-demosaic', {}, h('span.raw-label', {}, LABELS.demosaic), this.button, this.menu));
  }

  /** Whether the photo is a RAW. */
  offer(isOffered) {
    this.element.closest('.section').hidden = !isOffered;
  }

  show(layer, { development }) {
    this.chosen = development;
    for (const [part, choice] of Object.entries(this.parts)) {
      choice.show(development[part]);
      this.about[part].textContent = ABOUT[part][development[part]];
    }
    this.name.textContent = this.choices.demosaic[development.demosaic];
    this.button.setAttribute('aria-label', `${LABELS.demosaic}: ${this.name.textContent}`);
    for (const way of this.ways) way.setAttribute('aria-checked', way.dataset.way === development.demosaic);
  }

  isUsed(layer, { development }) {
    return developedAs(development) !== developedAs(this.rest);
  }

  reset() {
    this.onChoose(this.rest);
  }

  #choose(part, id) {
    if (id !== this.chosen[part]) this.onChoose({ ...this.chosen, [part]: id });
  }
}
