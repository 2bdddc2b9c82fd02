// How far the job is that changes the picture which is seen, said over it.

import { h } from './dom.js';
import { Progress } from './waiting.js';

export class JobOver {
  /** @param {(job) => void} onCancel also for one that failed, which is then forgotten */
  constructor(onCancel) {
    this.head = h('b');
    this.step = h('span');
    this.progress = new Progress();
    this.cancel = h('button.button', { type: 'button', onclick: () => onCancel(this.job) }, 'Cancel');
    this.element = h('div.job-over', { role: 'status', hidden: true }, h('div.job-said', {}, this.head, this.step, this.progress.element), this.cancel);
  }

  /**
   * @param {?import('./jobs.js').Job} job
   * @param {string} doing what it does
   */
  show(job, doing = '') {
    this.job = job;
    this.element.hidden = !job;
    if (!job) return;
    const failed = job.state === 'failed';
    const far = job.fraction === null ? '' : ` · ${Math.round(job.fraction * 100)}%`;
    this.element.classList.toggle('failed', failed);
    this.head.textContent = failed ? 'That did not work' : doing;
    this.step.textContent = `${job.step}${far}`;
    this.progress.element.hidden = failed;
    this.progress.show(job.fraction);
    this.cancel.textContent = failed ? 'Dismiss' : 'Cancel';
  }
}
