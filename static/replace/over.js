// What lies over the picture: how far the action on it is, and what the picture that is selected in was made from.

import { h, setChildren } from '../common/dom.js';
import { Progress } from '../common/waiting.js';
import { ACTIONS } from './results.js';

/** How far the action is that changes the picture which is seen. */
export class JobOver {
  /** @param {(job) => void} onCancel also for one that failed, which is then forgotten */
  constructor(onCancel) {
    this.head = h('b');
    this.step = h('span');
    this.progress = new Progress();
    this.cancel = h('button.button', { type: 'button', onclick: () => onCancel(this.job) }, 'Cancel');
    this.element = h('div.job-over', { role: 'status', hidden: true }, h('div.job-said', {}, this.head, this.step, this.progress.element), this.cancel);
  }

  /** @param {?import('./jobs.js').Job} job */
  show(job) {
    this.job = job;
    this.element.hidden = !job;
    if (!job) return;
    const failed = job.state === 'failed';
    const far = job.fraction === null ? '' : ` · ${Math.round(job.fraction * 100)}%`;
    this.element.classList.toggle('failed', failed);
    this.head.textContent = failed ? 'That did not work' : ACTIONS[job.action].doing;
    this.step.textContent = `${job.step}${far}`;
    this.progress.element.hidden = failed;
    this.progress.show(job.fraction);
    this.cancel.textContent = failed ? 'Dismiss' : 'Cancel';
  }
}

/** The steps from the photo to the picture that is selected in; each can be gone back to. */
export class Crumbs {
  /** @param {(picture: ?string) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.element = h('nav.crumbs', { 'aria-label': 'Made from', hidden: true });
  }

  /** @param {{id: ?string, label: string}[]} steps the photo itself first; it alone is not told */
  show(steps) {
    this.element.hidden = steps.length < 2;
    const key = JSON.stringify(steps);
    if (key === this.shown) return;
    this.shown = key;
    const last = steps.length - 1;
    setChildren(this.element, steps.flatMap(({ id, label }, index) => [
      ...(index ? [h('i', {}, '›')] : []),
      index === last ? h('b', { 'aria-current': 'true' }, label) : h('button', { type: 'button', title: 'Select in this again', onclick: () => this.onChoose(id) }, label),
    ]));
  }
}
