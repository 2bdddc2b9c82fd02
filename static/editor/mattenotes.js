// How a photo's layers were found: by which engines, under which licences, in what time; behind an "i".

import { AsideTerms } from '../common/aside.js';
import { duration } from '../common/duration.js';

export class MatteNotes extends AsideTerms {
  constructor() {
    super('How the layers were found', 'matte-notes');
    this.button.hidden = true;
  }

  /** @param {?{licences: Object<string, string>, seconds: number, device: string}} made null: nothing was found yet */
  show(made) {
    this.button.hidden = !made;
    if (made) super.show(Object.entries({ ...made.licences, Took: duration(made.seconds), 'Runs on': made.device }));
  }
}
