// How a photo's layers were found: by which engines, under which licences, in what time; behind an "i".

import { h, iconButton } from '../common/dom.js';
import { duration } from '../common/duration.js';
import { menu, toggleMenu } from '../common/menu.js';

export class MatteNotes {
  constructor() {
    this.list = h('dl');
    this.menu = menu('matte-notes', 'How the layers were found', this.list);
    this.button = iconButton('info', 'How the layers were found', () => toggleMenu(this.menu, this.button), { hidden: true });
    this.elements = [this.button, this.menu];
  }

  /** @param {?{licences: Object<string, string>, seconds: number, device: string}} made null: nothing was found yet */
  show(made) {
    this.button.hidden = !made;
    if (!made) return;
    const told = { ...made.licences, Took: duration(made.seconds), 'Runs on': made.device };
    this.list.replaceChildren(...Object.entries(told).map(([what, is]) => h('div', {}, h('dt', {}, what), h('dd', {}, is))));
  }
}
