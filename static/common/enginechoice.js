// Which engine does a piece of work, and what one that is not here needs: said before anything runs.

import { h, iconButton, tellError } from './dom.js';
import { duration } from './duration.js';
import { isBusy } from './engines.js';
import { size } from './files.js';
import { menu, toggleMenu } from './menu.js';
import { Progress } from './waiting.js';

export const AUTO = 'auto';

/** One line of a menu of engines. */
export function engineLine(name, label, about, isChosen, attributes) {
  return h('button', { type: 'button', role: 'menuitemradio', 'data-engine': name, 'aria-checked': `${isChosen}`, ...attributes },
    h('span', {}, h('b', {}, label), h('small', {}, about)));
}

/** A button that has the weights of an engine fetched. @param {import('./engines.js').EngineList} list */
export function fetchButton(list, name, label) {
  return h('button.link', { type: 'button', onclick: () => list.fetch(name).catch(tellError) }, label);
}

/** How far the weights of an engine are that are fetched, or why that failed. */
export function fetching(list, name) {
  const now = list.fetching[name];
  const bar = new Progress();
  bar.show(now.fraction);
  return [h('span', {}, now.step), isBusy(now) ? bar.element : fetchButton(list, name, 'Try again')];
}

export class EngineChoice {
  /** By what is done. */
  #chosen = {};

  /**
   * @param {import('./engines.js').EngineList} list
   * @param {{offered: (work: string) => ?{engines: object[], auto: ?string}, needless?: (work: string) => boolean,
   *     takes: (seconds: number) => string, onChange: () => void}} options offered: what the list has for a piece of
   *     work, engines with the `seconds` they take; needless: whether it needs none; takes: how long, in words; onChange:
   *     another engine does it from now on, or one has come
   */
  constructor(list, { offered, needless = () => false, takes, onChange }) {
    Object.assign(this, { list, offered, needless, takes, onChange });
    this.menu = menu('engines', 'What does it');
    this.button = iconButton('info', 'Engine', () => toggleMenu(this.menu, this.button));
    this.element = h('div.engine-choice', {}, this.button, this.menu);
    this.need = h('div.need', { hidden: true, role: 'status' });
    this.howText = h('p');
    this.how = menu('how', 'How to get it', this.howText);
    list.addEventListener('change', () => this.show(this.work));
  }

  /** What is chosen, as the server takes it. */
  get chosen() {
    return this.#chosen[this.work] ?? AUTO;
  }

  set chosen(name) {
    this.#chosen[this.work] = this.#engines.some((engine) => engine.name === name) ? name : AUTO;
    this.show(this.work);
  }

  get #engines() {
    return this.offered(this.work)?.engines ?? [];
  }

  /** The engine that would do it; of automatic where none is here, the one to get. @returns {?object} */
  get engine() {
    const automatic = this.offered(this.work)?.auto;
    const name = this.chosen === AUTO ? automatic : this.chosen;
    return this.#engines.find((engine) => engine.name === name) ?? this.#engines[0] ?? null;
  }

  /** Whether it can be done at once. */
  get ready() {
    return this.needless(this.work) || Boolean(this.engine?.available);
  }

  /** @param {string} work */
  show(work) {
    this.work = work;
    const { engine } = this;
    this.element.hidden = !engine;
    this.need.hidden = !engine || engine.available;
    if (engine) {
      const name = `Engine: ${this.chosen === AUTO && engine.available ? `best here, ${engine.label}` : engine.label}`;
      this.button.title = name;
      this.button.setAttribute('aria-label', name);
    }
    const shown = JSON.stringify([work, this.#chosen, this.offered(work), this.list.hub, this.list.fetching]);
    if (shown === this.shown) return; // what is put in anew loses the focus
    this.shown = shown;
    if (engine) this.#fillMenu();
    if (!this.need.hidden) this.#showNeed(engine);
    this.onChange();
  }

  #fillMenu() {
    const choose = (name) => { this.menu.hidePopover(); this.chosen = name; };
    const choice = (name, label, about) => engineLine(name, label, about, name === this.chosen, { onclick: () => choose(name) });
    const about = ({ available, bytes, licence, seconds }) => [
      available ? licence : `not here yet, ${size(bytes)}`, ...(seconds ? [`about ${duration(seconds)} here`] : [])].join(' · ');
    this.menu.replaceChildren(this.menu.firstChild, choice(AUTO, 'Best here', 'the best one that is on this machine'),
      ...this.#engines.map((engine) => choice(engine.name, engine.label, about(engine))));
  }

  #showNeed({ name, label, bytes, how, seconds }) {
    if (this.list.fetching[name]) {
      this.need.replaceChildren(h('b', {}, label), ...fetching(this.list, name));
      return;
    }
    this.howText.textContent = how;
    const takes = seconds ? [this.takes(seconds)] : [];
    const away = this.list.hub === false ? ['the hub cannot be reached now'] : [];
    const more = h('button.link', { type: 'button', onclick: () => toggleMenu(this.how, more) }, 'How to get it');
    const what = this.chosen === AUTO ? 'What this takes' : label;
    this.need.replaceChildren(h('b', {}, `${what} is not on this machine`), h('span', {}, [size(bytes), ...takes, ...away].join(' · ')),
      h('span.need-links', {}, ...(this.list.hub ? [fetchButton(this.list, name, `Fetch it, ${size(bytes)}`)] : []), more), this.how);
  }
}
