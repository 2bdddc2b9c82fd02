// The strip below the picture: the photo, its results with what made them, and what is under way.

import { h, icon, iconButton, setChildren } from './dom.js';
import { thumbnail } from './renditions.js';
import { Progress } from './waiting.js';

export class ResultStrip {
  #tiles = new Map(); // element by key
  #count = 0;
  #shown = null;

  /**
   * @param {{onOriginal: () => void, onChoose: (result) => void, onCancel: (job) => void}} events
   * @param {{invite: HTMLElement, original: [string, string], doing: (job) => string,
   *     describe: (result) => {title: string, name: string, lines: string[], picture: string, alpha?: boolean}}} words
   *     invite stands where there is no result yet; original: what choosing the photo does, and the same in brief;
   *     picture: address of a small one
   */
  constructor({ onOriginal, onChoose, onCancel }, { invite, original, doing, describe }) {
    Object.assign(this, { onOriginal, onChoose, onCancel, invite, original, doing, describe });
    this.list = h('div.result-list', { role: 'list', 'aria-label': 'Results' });
    this.element = h('div.results', {}, this.list);
  }

  /**
   * @param {?import('../library/store.js').Photo} photo as it is begun with
   * @param {{results: {id: string}[], jobs: import('./jobs.js').Job[], shown: ?string, picture?: ?string}} state
   *     shown: the result that is looked at; picture: the one that is worked on instead of the photo
   */
  show(photo, { results, jobs, shown, picture = null }) {
    if (!photo) {
      this.#tiles.clear();
      this.#count = 0;
      this.list.replaceChildren();
      return;
    }
    const known = this.#tiles;
    this.#tiles = new Map();
    const tile = (key, make, fill) => {
      const element = known.get(key) ?? make();
      fill(element);
      this.#tiles.set(key, element);
      return element;
    };
    const tiles = [
      tile(`photo ${photo.id} ${photo.edit}`, () => this.#photo(photo), (element) => this.#mark(element, { chosen: !shown && !picture, base: !picture })),
      ...results.map((result, index) => tile(result.id, () => this.#result(result), (element) => {
        this.#mark(element, { chosen: shown === result.id, base: picture === result.id });
        element.querySelector('.tile-number').textContent = index + 1;
      })),
      ...jobs.map((job) => tile(job, () => this.#job(job), (element) => this.#fillJob(element, job))),
      ...(results.length || jobs.length ? [] : [this.invite]),
    ];
    setChildren(this.list, tiles);
    if (results.length + jobs.length > this.#count) this.list.scrollLeft = this.list.scrollWidth;
    this.#count = results.length + jobs.length;
    if (shown && shown !== this.#shown) this.#tiles.get(shown)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#shown = shown;
  }

  #mark(element, { chosen, base }) {
    element.classList.toggle('on', chosen);
    element.classList.toggle('base', base);
    element.querySelector('button').setAttribute('aria-pressed', chosen);
  }

  #photo(photo) {
    const [title, brief] = this.original;
    const name = photo.edit ? 'Your edit' : 'Original';
    return h('div.result.original', { role: 'listitem' }, h('button.result-open', { type: 'button', title, onclick: () => this.onOriginal() },
      h('img', { src: thumbnail(photo), alt: '', draggable: 'false' }),
      h('span.result-text', {}, h('b', {}, name), h('small', {}, brief))));
  }

  #result(result) {
    const { title, name, lines, picture, alpha = false } = this.describe(result);
    return h('div.result', { role: 'listitem', 'data-result': result.id },
      h('button.result-open', { type: 'button', title, onclick: () => this.onChoose(result) },
        h('span.result-picture', { 'data-alpha': `${alpha}` }, h('img', { src: picture, alt: '', draggable: 'false', loading: 'lazy' }), h('span.tile-number')),
        h('span.result-text', {}, h('b', {}, name), lines.map((line) => h('small', {}, line)))));
  }

  #job(job) {
    const progress = new Progress();
    const element = h('div.result.job', { role: 'listitem', 'data-job': '' },
      h('span.result-picture', {}, h('img', { alt: '', hidden: true }), icon('wait')),
      h('span.result-text', {}, h('b'), h('small.job-step', { role: 'status' }), progress.element),
      iconButton('close', 'Cancel', () => this.onCancel(job)));
    element.progress = progress;
    return element;
  }

  #fillJob(element, job) {
    const { state, step, fraction, preview } = job;
    const failed = state === 'failed';
    element.classList.toggle('failed', failed);
    element.querySelector('b').textContent = failed ? 'Failed' : this.doing(job);
    element.querySelector('.job-step').textContent = step;
    element.title = step;
    element.progress.element.hidden = failed;
    element.progress.show(fraction);
    const picture = element.querySelector('img');
    picture.hidden = !preview;
    if (preview && picture.src !== preview) picture.src = preview;
    const button = element.querySelector('button');
    button.title = failed ? 'Dismiss' : 'Cancel';
    button.setAttribute('aria-label', button.title);
  }
}
