// What the panel says while no photo is chosen: how many there are, and who looks at them.

import { h, icon } from '../common/dom.js';
import { size } from '../common/files.js';
import { Trash } from '../library/trash.js';
import { many } from './said.js';

export class AboutAll {
  /**
   * @param {{onTakeAway: (by: HTMLElement) => void, onKeys: (by: HTMLElement) => void, onDetector: (name: string) => void}}
   *     options onDetector: things are to be found by another engine from now on
   */
  constructor({ onTakeAway, onKeys, onDetector }) {
    this.head = h('h2');
    this.trouble = h('p.about-file.trouble', { hidden: true });
    this.engines = h('dl.about-engines');
    this.detector = h('select.detector', { 'aria-label': 'What finds things', onchange: () => onDetector(this.detector.value) });
    this.trash = new Trash();
    const button = (name, text, run) => h('button.button', { type: 'button', onclick: ({ currentTarget }) => run(currentTarget) }, icon(name), text);
    this.element = h('div.about-photo.about-all', {}, this.head, this.trouble,
      h('p.about-hint', {}, 'Click a photo to see what is known about it. Tick several to tag, rate or download them together.'),
      h('details.about-fold', {}, h('summary', {}, 'What looks at them'), this.engines),
      h('div.about-buttons', {}, button('download', 'Download all', onTakeAway), button('keyboard', 'Keyboard shortcuts', onKeys)), this.trash.element);
  }

  /** @param {?number} count of all photos that are found @param {?import('./news.js').Told} told */
  show(count, told) {
    this.head.textContent = count === null ? '' : many(count, 'photo');
    this.trouble.hidden = told?.state !== 'failed';
    this.trouble.textContent = told?.step ?? '';
  }

  /** @param {{engines: Object<string, {label: string}>, detector: string, detectors: object[]}} settings */
  showEngines({ engines: { scene, faces }, detector, detectors }) {
    this.detector.replaceChildren(...detectors.map(({ name, label, available, bytes }) => h('option', { value: name }, available ? label : `${label} (not here yet, ${size(bytes)})`)));
    this.detector.value = detector;
    const rows = [['Things', this.detector], ['Places, subjects', scene.label], ['Faces', faces.label]];
    this.engines.replaceChildren(...rows.map(([what, engine]) => h('div', {}, h('dt', {}, what), h('dd', {}, engine))));
  }
}
