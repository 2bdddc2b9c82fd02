// Which engine answers, how far it is with the photo, and how to get a better one.

import { request } from '../common/api.js';
import { h, icon, tellError } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { storage } from '../common/storage.js';
import { Progress } from '../common/waiting.js';

const AUTO = 'auto';
const FOLDED = 'envo:engine-note';
const LOOK_AGAIN_MS = 1500; // while weights are fetched, or the hub has not answered yet

const later = () => new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} label
 * @property {boolean} available
 * @property {number} bytes of its weights
 * @property {string} how a sentence on how to get it
 */

export class Engines {
  chosen = AUTO;
  /** @type {Engine[]} best first */
  engines = [];
  hub = null;
  fetching = {};
  #looking = false;
  #round = 0;

  /** @param {{onChoose: (name: string) => void}} events */
  constructor({ onChoose }) {
    this.onChoose = onChoose;
    this.menu = menu('engines', 'What answers a click');
    this.name = h('span');
    this.button = h('button.engine-button', { type: 'button', title: 'What answers a click', onclick: () => toggleMenu(this.menu, this.button) }, this.name, icon('chevron'));
    this.said = h('span.engine-said', { role: 'status' });
    this.progress = new Progress();
    this.progress.element.hidden = true;
    this.noteHead = h('span');
    this.noteBody = h('div');
    this.note = h('details.engine-note', { open: storage.get(FOLDED) !== 'folded', hidden: true }, h('summary', {}, this.noteHead, icon('chevron')), this.noteBody);
    this.note.addEventListener('toggle', () => storage.set(FOLDED, this.note.open ? 'open' : 'folded'));
    this.element = h('div.engine', {}, h('div.engine-row', {}, this.button, this.said), this.progress.element, this.note, this.menu);
  }

  /** Asks which engines there are; again while something about that is under way. */
  async look() {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (let tries = 0; ; tries += 1) {
        const were = this.fetching;
        const { engines, hub, fetching = {} } = await request('GET', 'select/engines');
        Object.assign(this, { engines, hub, fetching });
        this.#show();
        if (Object.keys(were).some((name) => !fetching[name] && this.find(name).available)) this.onChoose(this.chosen);
        const busy = Object.values(fetching).some(({ state }) => state === 'waiting' || state === 'working');
        if (!busy && (hub !== null || tries >= 3)) return;
        await later();
      }
    } finally {
      this.#looking = false;
    }
  }

  find(name) {
    return this.engines.find((engine) => engine.name === name);
  }

  /**
   * Has a photo prepared and shows how far that is.
   * @param {string} photo id
   * @param {() => boolean} stale whether nobody waits for it any more
   */
  async prepare(photo, stale) {
    this.#round += 1;
    const round = this.#round;
    let news = { number: -1 };
    do {
      news = await request('GET', `photos/${photo}/select/prepared?engine=${this.chosen}&seen=${news.number}`);
      if (stale() || round !== this.#round) return;
      if (news.engine !== this.news?.engine) this.answer = null; // another one answers from now on
      this.news = news;
      this.#show();
    } while (news.state === 'waiting' || news.state === 'working');
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
    await request('POST', `select/engines/${name}/fetch`);
    await this.look();
  }

  #show() {
    const { news, answer } = this;
    this.name.textContent = this.chosen === AUTO ? 'Automatic' : this.find(this.chosen)?.label ?? this.chosen;
    const working = news?.state === 'waiting' || news?.state === 'working';
    this.progress.element.hidden = !working;
    if (working) this.progress.show(news.fraction);
    const now = this.find(news?.engine)?.label;
    if (answer) this.said.textContent = `${answer.label} answered in ${answer.seconds.toFixed(2)} s`;
    else if (working) this.said.textContent = now ? `${news.step} · ${now} answers until then` : news.step;
    else if (news?.state === 'failed') this.said.textContent = news.step;
    else this.said.textContent = now ? `${now} is ready` : '';
    this.said.title = working ? news.step : '';
    const shown = JSON.stringify([this.chosen, this.engines, this.hub, this.fetching]);
    if (shown === this.shown) return; // what is put in anew loses the focus
    this.shown = shown;
    this.#showNote();
    this.#fillMenu();
  }

  /** How to get a better engine, where there is only one. */
  #showNote() {
    const [fetched] = Object.entries(this.fetching);
    const missing = this.engines.find(({ available, how }) => !available && how);
    const alone = this.engines.filter(({ available }) => available).length < 2;
    this.note.hidden = !fetched && !(alone && missing);
    if (this.note.hidden) return;
    if (fetched) {
      const [name, { state, step, fraction }] = fetched;
      const bar = new Progress();
      bar.show(fraction);
      const busy = state === 'waiting' || state === 'working';
      this.noteHead.textContent = this.find(name).label;
      this.noteBody.replaceChildren(h('span', {}, step),
        busy ? bar.element : h('button.link', { type: 'button', onclick: () => this.#fetch(name).catch(tellError) }, 'Try again'));
      return;
    }
    this.noteHead.textContent = `Get ${missing.label}`;
    this.noteBody.replaceChildren(h('span', {}, `A larger network than the one that came along. ${missing.how}`));
    if (this.hub) this.noteBody.append(h('button.link', { type: 'button', onclick: () => this.#fetch(missing.name).catch(tellError) }, `Fetch ${missing.label}, ${size(missing.bytes)}`));
  }

  #fillMenu() {
    const choice = (name, label, about, more = {}) => h('button', {
      type: 'button',
      'data-engine': name,
      'aria-checked': `${name === this.chosen}`,
      role: 'menuitemradio',
      onclick: () => this.#choose(name),
      ...more,
    }, h('span', {}, h('b', {}, label), h('small', {}, about)));
    const missing = ({ name, label, bytes, how }) => (this.hub
      ? choice(name, label, `not here yet; fetch it, ${size(bytes)}`, { title: how, onclick: () => this.#fetch(name).catch(tellError) })
      : choice(name, label, this.hub === false ? 'not here, and the hub cannot be reached' : 'not on this machine', { title: how, disabled: true }));
    this.menu.replaceChildren(this.menu.firstChild, choice(AUTO, 'Automatic', 'the best one that is ready'),
      ...this.engines.map((engine) => (engine.available ? choice(engine.name, engine.label, engine.licence) : missing(engine))));
  }
}

const size = (bytes) => `${Math.round(bytes / 1e6)} MB`;
