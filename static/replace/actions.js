// The part of the panel that acts on the selection: which action, what it changes, its settings, and the button; and the
// rail of steps that chooses between selecting and the actions.

import { h } from '../common/dom.js';
import { duration } from '../common/duration.js';
import { EngineChoice } from '../common/enginechoice.js';
import { Rail } from '../common/rail.js';
import { scrolls } from '../common/scrolls.js';
import { Segmented } from '../common/segmented.js';
import { storage } from '../common/storage.js';
import { ACTIONS } from './results.js';
import { BackgroundForm, EraseForm, ReplaceForm } from './settings.js';

const ACTION = 'envo:action';
const SELECT = 'select'; // the step before the actions
const PICTURES = { replace: 'wand', erase: 'eraser', background: 'backdrop' };
const RUN = { replace: 'Replace', erase: 'Erase', background: 'Change the background' };
const NOTHING = {
  replace: 'Select what is to become something else: click it, or paint over it.',
  erase: 'Select what should go: click it, or paint over it.',
  background: 'Select what should stay: click it, or choose what was found.',
};

export class Actions {
  #selection = { ready: false };
  #inverted = {}; // by action, where the visitor has chosen

  /**
   * @param {import('../common/engines.js').EngineList} list
   * @param {{maxStep: number}} options
   * @param {{onRun: () => void, onPart: (part: string) => void}} events onPart: what the panel shows, `select` or `act`
   */
  constructor(list, { maxStep }, { onRun, onPart }) {
    this.list = list;
    this.onPart = onPart;
    const options = { maxGrow: maxStep, onChange: () => this.#showRun() };
    this.forms = { replace: new ReplaceForm(options), erase: new EraseForm(options), background: new BackgroundForm(options) };
    this.rail = new Rail('Steps', [
      { name: 'Select', picture: 'pointer' },
      ...Object.entries(ACTIONS).map(([id, { label }], index) => ({ name: label, picture: PICTURES[id], apart: index === 0 })),
    ], (name) => this.choose(name.toLowerCase()));
    this.changes = new Segmented('Change', { selection: 'Selection', rest: 'Everything else' }, (id) => this.#turn(id === 'rest'));
    this.engines = new EngineChoice(list, {
      offered: (action) => list.news[action],
      needless: (action) => action === 'background',
      takes: (seconds) => `about ${duration(seconds)} an image here`,
      onChange: () => this.#showEngine(),
    });
    this.note = h('p.run-note', { id: 'run-note', role: 'status' });
    this.button = h('button.button.primary.run', { type: 'button', 'aria-describedby': 'run-note', onclick: onRun });
    this.title = h('h3');
    this.body = h('section.act-body', { 'aria-label': 'Action' },
      h('div.act-head', {}, this.title, this.engines.element),
      scrolls(h('div.act-scroll', {},
        h('div.field-row', {}, h('span', {}, 'Change'), this.changes.element), Object.values(this.forms).map(({ element }) => element))),
      h('div.act-foot', {}, this.engines.need, this.note, this.button));
    list.addEventListener('change', () => this.forms.background.offer(list.news.background?.kinds ?? []));
    const kept = storage.get(ACTION);
    this.choose(kept in ACTIONS ? kept : 'erase');
    this.choose(SELECT);
  }

  get form() {
    return this.forms[this.action];
  }

  /** What is asked of the server, but for the mask. */
  get wish() {
    return { action: this.action, invert: this.inverts, engine: this.engines.chosen, ...this.form.values };
  }

  get inverts() {
    return this.#inverted[this.action] ?? this.#usual;
  }

  /** A background that is selected as such is what changes; else it is what is not selected. */
  get #usual() {
    return this.form.invert && this.#selection.name !== 'Background';
  }

  /** @param {string} id of an action, or `select` */
  choose(id) {
    if (id !== SELECT) {
      this.action = id;
      storage.set(ACTION, id);
    }
    this.rail.show(id === SELECT ? 'Select' : ACTIONS[id].label);
    this.title.textContent = ACTIONS[this.action].label;
    this.onPart(id === SELECT ? 'select' : 'act');
    for (const [action, { element }] of Object.entries(this.forms)) element.hidden = action !== this.action;
    this.engines.show(this.action);
    this.#showEngine();
  }

  /** Takes the action and the settings of a result, or of an example. */
  use({ action, engine = 'auto', settings, invert, grow, other }) {
    this.choose(action);
    this.engines.chosen = engine;
    this.forms[action].use({ settings, grow, other });
    this.#inverted[action] = invert;
    this.#showRun();
  }

  open(photo) {
    this.#inverted = {};
    for (const form of Object.values(this.forms)) form.open(photo);
  }

  /** @param {{ready: boolean, busy: boolean, name: string}} selection see Selector */
  showSelection(selection) {
    this.#selection = selection;
    this.rail.mark('Select', selection.ready);
    this.#showRun();
  }

  #turn(inverted) {
    this.#inverted[this.action] = inverted;
    this.#showRun();
  }

  #showEngine() {
    this.form.setEngine(this.engines.engine);
    this.#showRun();
  }

  /** How long it takes here, where that is known before. */
  #takes() {
    const { engine, ready } = this.engines;
    if (!ready || !engine?.seconds) return '';
    const { count = 1 } = this.form.values.settings;
    return `About ${duration(count * engine.seconds)} on this machine${count > 1 ? ` for ${count} images` : ''}.`;
  }

  #showRun() {
    if (!this.button) return; // the forms are being made
    this.changes.show(this.inverts ? 'rest' : 'selection');
    this.button.textContent = RUN[this.action];
    const { ready, busy } = this.#selection;
    const lacks = this.engines.ready ? (ready || busy ? this.form.lacks() : NOTHING[this.action]) : '';
    this.note.textContent = lacks || this.#takes();
    this.button.disabled = !ready || Boolean(lacks) || !this.engines.ready;
  }
}
