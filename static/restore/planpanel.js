// The panel of a photo that is to be restored: its steps, the size to work at, and the button.

import { h, setChildren } from '../common/dom.js';
import { duration } from '../common/duration.js';
import { scrolls } from '../common/scrolls.js';
import { Segmented } from '../common/segmented.js';
import { storage } from '../common/storage.js';
import { Progress } from '../common/waiting.js';
import { StepRow } from './steprow.js';

const SIZE = 'envo:restore-size';

/** What working at a size means, by its id. */
const SIZES = {
  quick: 'Repairs are worked out at one megapixel and carried over: the photo keeps its size, and its detail where nothing was wrong.',
  fine: 'Repairs are worked out at four megapixels: finer, and about four times as long.',
  full: 'Repairs are worked out at the photo’s own size: the finest, and the longest.',
};

/** How large the photo is worked on; kept for the next visit. Told to whoever is given. */
export class SizeChoice {
  constructor(onChange) {
    this.onChange = onChange;
    this.note = h('p.panel-note');
    this.element = h('div.size-choice');
    this.chosen = storage.get(SIZE) ?? Object.keys(SIZES)[0];
  }

  /** @param {{id: string, label: string, pixels: ?number}[]} sizes that the server offers */
  offer(sizes) {
    this.sizes = sizes;
    this.choice = new Segmented('Work at', Object.fromEntries(sizes.map(({ id, label }) => [id, label])), (id) => this.#choose(id));
    this.element.replaceChildren(h('h3', {}, 'Work at'), this.choice.element, this.note);
    if (!sizes.some(({ id }) => id === this.chosen)) this.chosen = sizes[0].id;
    this.show();
  }

  /** Another choice on the page may have changed it. */
  show() {
    if (!this.choice) return;
    this.chosen = this.sizes.find(({ id }) => id === storage.get(SIZE))?.id ?? this.chosen;
    this.choice.show(this.chosen);
    this.note.textContent = SIZES[this.chosen] ?? '';
  }

  #choose(id) {
    storage.set(SIZE, id);
    this.show();
    this.onChange();
  }
}

export class PlanPanel {
  /** @type {StepRow[]} */
  rows = [];

  /**
   * @param {import('../common/engines.js').EngineList} list
   * @param {{onChange: (row: StepRow) => void, onMove: (row: StepRow, moving: boolean) => void, onSize, onSuggested,
   *     onRun, onCancel: () => void}} events
   */
  constructor(list, events) {
    this.list = list;
    this.events = events;
    this.said = h('p.plan-said', { role: 'status' });
    this.suggested = h('button.link', { type: 'button', title: 'Choose the steps and their settings as the look at the photo suggests', onclick: events.onSuggested }, 'as suggested');
    this.title = h('h3', {}, 'Steps');
    this.others = h('h3.plan-others', {}, 'Other steps');
    this.steps = h('div.plan-steps', { role: 'group', 'aria-label': 'Steps' });
    this.size = new SizeChoice(events.onSize);
    this.progress = new Progress();
    this.note = h('p.run-note', { id: 'restore-note', role: 'status' });
    this.button = h('button.button.primary.run', { type: 'button', 'aria-describedby': 'restore-note', onclick: events.onRun }, 'Restore');
    this.cancel = h('button.button.run', { type: 'button', onclick: events.onCancel }, 'Cancel');
    this.element = h('section.plan', { 'aria-label': 'Restore' },
      h('div.plan-head', {}, this.title, this.said, this.suggested),
      scrolls(h('div.plan-scroll', {}, this.steps, this.size.element)),
      h('div.plan-foot', {}, this.progress.element, this.note, this.button, this.cancel));
  }

  /**
   * Makes the rows, once the steps are known.
   * @param {Object<string, HTMLElement>} extras by step, what stands below its controls
   */
  offer({ steps, sizes }, extras) {
    if (this.rows.length) return;
    this.rows = steps.map((step) => new StepRow(step, this.list, {
      onChange: () => this.events.onChange(this.find(step.id)),
      onMove: (moving) => this.events.onMove(this.find(step.id), moving),
      extra: extras(step),
    }));
    this.size.offer(sizes);
  }

  find(id) {
    return this.rows.find((row) => row.id === id);
  }

  /**
   * @param {Map<string, import('./steprow.js').Wish>} wishes by step
   * @param {?import('./looks.js').News} news of the look at the photo
   * @param {?import('../common/jobs.js').Job} job the restoration that is under way
   * @param {boolean} changed whether the wishes are others than the look suggests
   */
  show(wishes, news, job, changed) {
    for (const row of this.rows) {
      const reason = news?.looks?.[row.id]?.reason ?? '';
      row.show(wishes.get(row.id), reason, this.#seconds(news, row), job && stageOf(row, job));
    }
    this.#order(news);
    this.said.textContent = job ? '' : lookSaid(news);
    this.suggested.hidden = !changed || Boolean(job) || news?.state !== 'done';
    this.#showRun(job);
  }

  /** What the look suggests stands first; they are done in the order of `rows` all the same. */
  #order(news) {
    const isWanted = ({ id }) => Boolean(news?.looks?.[id]?.wanted);
    const [first, rest] = [this.rows.filter(isWanted), this.rows.filter((row) => !isWanted(row))].map((rows) => rows.map(({ element }) => element));
    this.title.textContent = first.length ? 'Suggested' : 'Steps';
    setChildren(this.steps, [...first, ...(first.length && rest.length ? [this.others] : []), ...rest]);
  }

  /** How long each engine of a step takes at the size that is chosen. */
  #seconds(news, { id }) {
    return Object.fromEntries(Object.entries(news?.seconds?.[id] ?? {}).map(([engine, bySize]) => [engine, bySize[this.size.chosen]]));
  }

  #showRun(job) {
    const running = Boolean(job) && job.state !== 'failed';
    this.button.hidden = running;
    this.cancel.hidden = !running;
    this.progress.element.hidden = !running;
    this.size.element.inert = running;
    if (running) {
      const done = job.done?.length ?? 0;
      const count = job.steps?.length ?? 0;
      this.progress.show(count ? (done + (job.fraction ?? 0)) / count : null);
      this.note.textContent = job.stepId ? `Step ${Math.min(done + 1, count)} of ${count}` : job.step;
      return;
    }
    const on = this.rows.filter(({ wish }) => wish.on);
    const lacking = on.find(({ ready }) => !ready);
    const seconds = on.every((row) => row.seconds !== null) ? on.reduce((sum, row) => sum + row.seconds, 0) : null;
    const count = `${on.length} ${on.length === 1 ? 'step' : 'steps'}`;
    if (!on.length) this.note.textContent = 'Switch on the steps that this photo needs.';
    else if (lacking) this.note.textContent = `${lacking.step.label}: get its engine, choose another one, or switch it off.`;
    else this.note.textContent = seconds === null ? count : `${count}, about ${duration(seconds)} on this machine`;
    this.button.disabled = !on.length || Boolean(lacking);
  }
}

function lookSaid(news) {
  if (!news || news.state === 'waiting' || news.state === 'working') return 'Looking at the photo…';
  if (news.state === 'failed') return news.step;
  return Object.values(news.looks).some(({ wanted }) => wanted) ? '' : 'No damage was found.';
}

/** How far a step of a job is. @returns {import('./steprow.js').Stage} */
function stageOf({ id }, job) {
  const done = job.done?.find((each) => each.id === id);
  if (done) return { state: 'done', said: done.said, fraction: 1, by: done.label, seconds: done.seconds };
  if (job.stepId === id) return { state: 'working', said: job.step, fraction: job.fraction };
  return job.steps?.includes(id) ? { state: 'waiting', said: 'Waiting for its turn', fraction: null } : { state: 'out', said: '', fraction: null };
}
