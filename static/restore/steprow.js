// One step of a restoration in the panel: whether it is done, why, how much, by what; and how far it is while it runs.

import { h, icon } from '../common/dom.js';
import { duration } from '../common/duration.js';
import { EngineChoice } from '../common/enginechoice.js';
import { Segmented } from '../common/segmented.js';
import { controlSlider } from '../common/slider.js';
import { Progress } from '../common/waiting.js';

const TURN = 'turn';
const FEW = 4; // values of a control that are offered side by side

/**
 * @typedef {object} Step as the server tells of it
 * @property {string} id
 * @property {string} label
 * @property {string} about
 * @property {object[]} controls see envo/controls.py
 * @property {boolean} takesMarks
 * @property {import('../common/engines.js').Engine[]} engines
 * @property {string} auto name of the engine that automatic stands for
 *
 * @typedef {object} Wish for a step
 * @property {boolean} on
 * @property {string} engine
 * @property {object} settings
 *
 * @typedef {object} Stage of a step that runs, or has
 * @property {'waiting' | 'working' | 'done'} state
 * @property {string} said what is done, or was
 * @property {?number} fraction
 * @property {string} [by] what does it, or did
 * @property {number} [seconds] that it took
 */

export class StepRow {
  #wish = { on: false, engine: 'auto', settings: {} };
  #seconds = {};
  #showing = false;

  /**
   * @param {Step} step
   * @param {import('../common/engines.js').EngineList} list
   * @param {{onChange: () => void, onMove: (moving: boolean) => void, extra?: HTMLElement}} options onMove: a control is
   *     being moved, or no more; extra stands below the controls
   */
  constructor(step, list, { onChange, onMove, extra = null }) {
    this.id = step.id;
    this.step = step;
    this.list = list;
    this.onChange = onChange;
    this.onMove = onMove;
    this.switch = h('input', { type: 'checkbox', role: 'switch', 'aria-label': step.label, onchange: () => this.#set({ on: this.switch.checked }) });
    this.reason = h('small.step-reason');
    this.by = h('small.step-by');
    this.time = h('span.step-time');
    this.more = h('button.step-open', { type: 'button', 'aria-expanded': 'false', title: step.about, onclick: () => this.open(!this.isOpen) },
      h('span.step-text', {}, h('b', {}, step.label), this.reason, this.by), this.time, icon('chevron'));
    this.progress = new Progress();
    this.state = h('span.step-state', {}, icon('check'), icon('wait'));
    this.controls = new Map(step.controls.map((control) => [control.id, this.#control(control)]));
    this.engines = new EngineChoice(list, {
      offered: () => this.#offered(),
      takes: (seconds) => `about ${duration(seconds)} here`,
      onChange: () => { if (!this.#showing && this.engines.chosen !== this.#wish.engine) this.#set({ engine: this.engines.chosen }); },
    });
    this.body = h('div.step-body', { hidden: true }, h('div.step-about', {}, h('p.panel-note', {}, step.about), this.engines.element),
      [...this.controls.values()].map(({ element }) => element), extra, this.engines.need);
    this.element = h('section.step', { 'data-step': step.id, 'aria-label': step.label },
      h('div.step-head', {}, h('label.switch', { title: `Do this step: ${step.label}` }, this.switch, h('i')), this.state, this.more), this.progress.element, this.body);
    this.#showing = true;
    this.engines.show(step.id);
    this.#showing = false;
  }

  get wish() {
    return this.#wish;
  }

  get isOpen() {
    return !this.body.hidden;
  }

  open(open) {
    this.body.hidden = !open;
    this.more.setAttribute('aria-expanded', open);
  }

  /** The engine that would do it. @returns {?import('../common/engines.js').Engine} */
  get engine() {
    return this.engines.engine;
  }

  get ready() {
    return this.engines.ready;
  }

  /** How long it takes here, as far as that is known. @returns {?number} */
  get seconds() {
    return this.#seconds[this.engine?.name] ?? null;
  }

  /** What the step does when nobody has wished anything. */
  usual(look) {
    const here = this.#offered().engines.some(({ available }) => available);
    return { on: Boolean(look?.wanted) && here, engine: 'auto', settings: { ...this.#defaults, ...look?.settings } };
  }

  get #defaults() {
    return Object.fromEntries(this.step.controls.map((control) => [control.id, control.default]));
  }

  /**
   * @param {Wish} wish
   * @param {string} reason why the step is suggested, or not
   * @param {Object<string, number>} seconds by engine
   * @param {?Stage} stage null: nothing runs
   */
  show(wish, reason, seconds, stage) {
    this.#showing = true;
    this.#wish = wish;
    this.#seconds = seconds;
    this.switch.checked = wish.on;
    this.switch.disabled = stage !== null;
    for (const [id, { show }] of this.controls) show(wish.settings[id]);
    if (this.engines.chosen === wish.engine) this.engines.show(this.id);
    else this.engines.chosen = wish.engine;
    this.element.classList.toggle('on', stage ? true : wish.on);
    if (stage?.state === 'working' && this.element.dataset.state !== 'working') this.element.scrollIntoView({ block: 'nearest' });
    this.element.dataset.state = stage?.state ?? '';
    this.reason.textContent = stage?.said || this.#brief(reason);
    this.reason.title = this.reason.textContent;
    this.by.textContent = stage?.by ?? '';
    this.time.textContent = stage ? (stage.seconds === undefined ? '' : duration(stage.seconds)) : this.#time(wish);
    this.progress.element.hidden = stage?.state !== 'working';
    this.progress.show(stage?.fraction ?? null);
    this.#showing = false;
  }

  #brief(reason) {
    return this.ready || !this.#wish.on ? reason : `${this.engine?.label ?? 'What does it'} is not on this machine yet.`;
  }

  #time({ on }) {
    return on && this.seconds !== null ? duration(this.seconds) : '';
  }

  #offered() {
    const { engines, auto } = this.list.news.steps.find(({ id }) => id === this.id);
    return { auto, engines: engines.map((engine) => ({ ...engine, seconds: this.#seconds[engine.name] ?? null })) };
  }

  #set(values) {
    this.#wish = { ...this.#wish, ...values };
    this.onChange();
  }

  /** A change of a setting wants the step done, too. */
  #setting(id, value) {
    this.#set({ on: true, settings: { ...this.#wish.settings, [id]: value } });
  }

  #control(control) {
    if (control.id === TURN) return this.#turns(control);
    const count = Math.round((control.maximum - control.minimum) / control.step) + 1;
    return count <= FEW ? this.#choices(control, count) : this.#slider(control);
  }

  #slider(control) {
    const made = controlSlider(control, () => { this.onMove(made.moving); this.#setting(control.id, made.value); });
    made.range.addEventListener('change', () => this.onMove(false));
    return { element: made.element, show: (value) => { if (value !== made.value) made.show(value); } };
  }

  #choices({ id, label, about, minimum, step, unit, choices }, count) {
    const values = Array.from({ length: count }, (_, index) => minimum + index * step);
    const named = values.map((value, index) => [`${value}`, choices[index] ?? `${value}${unit}`]);
    const made = new Segmented(label, Object.fromEntries(named), (value) => this.#setting(id, Number(value)));
    return { element: h('div.field-row', { title: about, 'data-control': id }, h('span', {}, label), made.element), show: (value) => made.show(`${value}`) };
  }

  #turns({ id, label, about, maximum, step }) {
    const turn = (by) => this.#setting(id, (this.#wish.settings[id] + by + maximum + step) % (maximum + step));
    const said = h('output');
    const button = (name, text, by) => h('button.chip', { type: 'button', title: text, 'aria-label': text, onclick: () => turn(by) }, icon(name), '90°');
    return {
      element: h('div.field-row', { title: about, 'data-control': id }, h('span', {}, label),
        button('left', 'Turn a quarter to the left', -step), button('right', 'Turn a quarter to the right', step), said),
      show: (value) => { said.textContent = value ? `${90 * value}°` : ''; },
    };
  }
}
