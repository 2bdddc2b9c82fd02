// Which engine answers, how far it is with the photo, and how to get a better one.

import { request } from '../common/api.js';
import { h, icon, iconButton, tellError } from '../common/dom.js';
import { AUTO, engineLine, fetchButton, fetching } from '../common/enginechoice.js';
import { EngineList, isBusy } from '../common/engines.js';
import { size } from '../common/files.js';
import { menu, toggleMenu } from '../common/menu.js';
import { storage } from '../common/storage.js';
import { Progress } from '../common/waiting.js';

const FOLDED = 'envo:engine-note';

export class Engines {
  chosen = AUTO;
  #list = new EngineList('select/engines');
  #round = 0;

  /** @param {{onChoose: (name: string) => void}} events */
  constructor({ onChoose }) {
    this.onChoose = onChoose;
    this.#list.addEventListener('change', () => this.#show());
    this.#list.addEventListener('fetched', () => onChoose(this.chosen));
    this.button = iconButton('info', 'What answers a click', () => toggleMenu(this.menu, this.button));
    this.said = h('p.engine-said', { role: 'status' });
    this.progress = new Progress();
    this.progress.element.hidden = true;
    this.noteHead = h('span');
    this.noteBody = h('div');
    this.note = h('details.engine-note', { open: storage.get(FOLDED) === 'open', hidden: true }, h('summary', {}, this.noteHead, icon('chevron')), this.noteBody);
    this.note.addEventListener('toggle', () => storage.set(FOLDED, this.note.open ? 'open' : 'folded'));
    this.choices = h('div');
    this.menu = menu('engines', 'What answers a click', this.choices, this.said, this.note);
    this.element = h('div.engine', {}, this.button, this.menu);
  }

  /** @returns {import('../common/engines.js').Engine[]} best first */
  get engines() {
    return this.#list.news.engines ?? [];
  }

  /** Asks which engines there are; again while something about that is under way. */
  look() {
    return this.#list.look();
  }

  find(name) {
    return this.engines.find((engine) => engine.name === name);
  }

  /**
   * Has a photo prepared and shows how far that is.
   * @param {string} photo id
   * @param {?string} picture id of the result that is clicked in; null for the photo itself
   * @param {() => boolean} stale whether nobody waits for it any more
   */
  async prepare(photo, picture, stale) {
    this.#round += 1;
    const round = this.#round;
    const which = `engine=${this.chosen}${picture ? `&picture=${picture}` : ''}`;
    let news = { number: -1 };
    do {
      news = await request('GET', `photos/${photo}/select/prepared?${which}&seen=${news.number}`);
      if (stale() || round !== this.#round) return;
      if (news.engine !== this.news?.engine) this.answer = null; // another one answers from now on
      this.news = news;
      this.#show();
    } while (isBusy(news));
  }

  /** Says who answered, and how fast; null for nobody yet. */
  showAnswer(answer) {
    this.answer = answer;
    this.#show();
  }

  #choose(name) {
    this.menu.hidePopover();
    this.chosen = name;
    this.answer = null;
    this.#show();
    this.onChoose(name);
  }

  async #fetch(name) {
    this.menu.hidePopover();
    await this.#list.fetch(name);
  }

  #show() {
    const { news, answer } = this;
    const working = news && isBusy(news);
    this.progress.element.hidden = !working;
    if (working) this.progress.show(news.fraction);
    const now = this.find(news?.engine)?.label;
    if (answer) this.said.textContent = `${answer.label} answered in ${answer.seconds.toFixed(2)} s`;
    else if (working) this.said.textContent = now ? `${news.step} · ${now} answers until then` : news.step;
    else if (news?.state === 'failed') this.said.textContent = news.step;
    else this.said.textContent = now ? `${now} is ready` : '';
    this.said.title = working ? news.step : '';
    const shown = JSON.stringify([this.chosen, this.#list.news]);
    if (shown === this.shown) return; // what is put in anew loses the focus
    this.shown = shown;
    this.#showNote();
    this.#fillMenu();
  }

  /** How to get a better engine, where there is only one. */
  #showNote() {
    const [fetched] = Object.keys(this.#list.fetching);
    const missing = this.engines.find(({ available, how }) => !available && how);
    const alone = this.engines.filter(({ available }) => available).length < 2;
    this.note.hidden = !fetched && !(alone && missing);
    if (this.note.hidden) return;
    if (fetched) {
      this.noteHead.textContent = this.find(fetched).label;
      this.noteBody.replaceChildren(...fetching(this.#list, fetched));
      return;
    }
    this.noteHead.textContent = `Get ${missing.label}`;
    this.noteBody.replaceChildren(h('span', {}, `It selects more finely than what came along. ${missing.how}`));
    if (this.#list.hub) this.noteBody.append(fetchButton(this.#list, missing.name, `Fetch ${missing.label}, ${size(missing.bytes)}`));
  }

  #fillMenu() {
    const choice = (name, label, about, more = {}) => engineLine(name, label, about, name === this.chosen, { onclick: () => this.#choose(name), ...more });
    const missing = ({ name, label, bytes, how }) => (this.#list.hub
      ? choice(name, label, `not here yet; fetch it, ${size(bytes)}`, { title: how, onclick: () => this.#fetch(name).catch(tellError) })
      : choice(name, label, this.#list.hub === false ? 'not here, and the hub cannot be reached' : 'not on this machine', { title: how, disabled: true }));
    this.choices.replaceChildren(choice(AUTO, 'Automatic', 'the best one that is ready'),
      ...this.engines.map((engine) => (engine.available ? choice(engine.name, engine.label, engine.licence) : missing(engine))));
  }
}
