// Low light, Straighten and Negatives for many photos, each where a look at it suggests that: what is under way, what came of it.

import { Batch } from '../common/batch.js';
import { isBusy } from '../common/engines.js';

const DOING = { light: 'Brightening', straighten: 'Straightening', negative: 'Turning negatives' };

export class StepBatch extends Batch {
  doing = 'Mending';

  /** @param {number} most photos at a time */
  constructor(most) {
    super();
    this.most = most;
  }

  /** @param {string[]} photos ids @param {'light' | 'straighten' | 'negative'} step */
  async start(photos, step) {
    if (photos.length > this.most) throw new Error(`At most ${this.most} photos can be done at a time; please choose fewer.`);
    const before = this.doing;
    this.doing = DOING[step];
    try {
      await this.ask({ photos, steps: 'auto', only: [step], size: 'full' });
    } catch (error) {
      this.doing = before;
      throw error;
    }
  }

  /** Finds what is under way since before the page was loaded. */
  async find() {
    await super.find(isBusy);
  }
}
