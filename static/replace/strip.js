// The strip below the picture: the photo, its results with what made them, and what is under way.

import { address } from '../common/api.js';
import { h, icon, iconButton, setChildren } from '../common/dom.js';
import { Progress } from '../common/waiting.js';
import { ACTIONS, duration, gist } from './results.js';

export class Strip {
  #tiles = new Map(); // element by key
  #count = 0;
  #shown = null;

  /**
   * @param {{onOriginal: () => void, onChoose: (result) => void, onCancel: (job) => void}} events
   * @param {HTMLElement} invite stands where there is no result yet
   */
  constructor({ onOriginal, onChoose, onCancel }, invite) {
    Object.assign(this, { onOriginal, onChoose, onCancel });
    this.invite = invite;
    this.list = h('div.result-list', { role: 'list', 'aria-label': 'Results' });
    this.element = h('div.results', {}, this.list);
  }

  /**
   * @param {?import('../library/store.js').Photo} photo
   * @param {{results: import('./results.js').Results, jobs: object[], kinds: object[], shown: ?string,
   *     picture: ?string}} state shown: the result that is looked at; picture: the one that is selected in
   */
  show(photo, { results, jobs, kinds, shown, picture }) {
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
    const made = results.of(photo.id);
    const tiles = [
      tile(`photo ${photo.id}`, () => this.#original(photo), (element) => this.#mark(element, { chosen: !shown && !picture, base: !picture })),
      ...made.map((result, index) => tile(result.id, () => this.#result(results, result, index + 1, kinds), (element) => {
        this.#mark(element, { chosen: shown === result.id, base: picture === result.id });
        element.querySelector('.tile-number').textContent = index + 1;
      })),
      ...jobs.map((job) => tile(job, () => this.#job(job), (element) => this.#fillJob(element, job))),
      ...(made.length || jobs.length ? [] : [this.invite]),
    ];
    setChildren(this.list, tiles);
    if (made.length + jobs.length > this.#count) this.list.scrollLeft = this.list.scrollWidth;
    this.#count = made.length + jobs.length;
    if (shown && shown !== this.#shown) this.#tiles.get(shown)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#shown = shown;
  }

  #mark(element, { chosen, base }) {
    element.classList.toggle('on', chosen);
    element.classList.toggle('base', base);
    element.querySelector('button').setAttribute('aria-pressed', chosen);
  }

  #original(photo) {
    return h('div.result.original', { role: 'listitem' }, h('button.result-open', { type: 'button', title: 'Select in the photo itself', 'aria-label': 'Original', onclick: () => this.onOriginal() },
      h('img', { src: address(`photos/${photo.id}/thumbnail`), alt: '', draggable: 'false' }),
      h('span.result-text', {}, h('b', {}, 'Original'), h('small', {}, 'select in it'))));
  }

  #result(results, result, number, kinds) {
    const { label, seconds, settings, action, note } = result;
    const seed = settings.seed === undefined ? '' : `seed ${settings.seed} · `;
    const name = action === 'erase' ? ACTIONS.erase.done : gist(result, kinds);
    return h('div.result', { role: 'listitem', 'data-result': result.id },
      h('button.result-open', {
        type: 'button', title: `${ACTIONS[action].done}: ${gist(result, kinds)}, by ${label}, ${seed}${duration(seconds)}${note ? `. ${note}` : ''}`, onclick: () => this.onChoose(result),
      },
      h('span.result-picture', { 'data-alpha': `${result.alpha}` }, h('img', { src: results.thumbnail(result), alt: '', draggable: 'false', loading: 'lazy' }), h('span.tile-number', {}, `${number}`)),
      h('span.result-text', {}, h('b', {}, name), h('small', {}, action === 'background' ? 'Background' : label), h('small', {}, `${seed}${duration(seconds)}`))));
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

  #fillJob(element, { action, state, step, fraction, preview }) {
    const failed = state === 'failed';
    element.classList.toggle('failed', failed);
    element.querySelector('b').textContent = failed ? 'Failed' : ACTIONS[action].doing;
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
