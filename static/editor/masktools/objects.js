// A click on a thing in the photo, answered by the same engines as Replace's clicks: what is found is kept as a mask of the
// visitor's own. More clicks add to it, or subtract; what a first click may mean can be chosen.

import { request } from '../../common/api.js';
import { h, tellError } from '../../common/dom.js';
import { Answers } from '../../mask/answers.js';
import { Candidates } from '../../mask/candidates.js';

const ENGINE = 'quick';
const HINT = 'Click what is meant';

export class Objects {
  #answers = null;
  #thing = null; // what was clicked, as `mask/selection.js` has it
  #take = null; // puts a found mask into the edit
  #kept = new Set(); // kinds of masks that were found here

  /**
   * @param {import('../stage.js').Stage} stage
   * @param {{photo: () => object, name: () => string, onKept: (kind: string) => Promise, isUsed: (kind: string) => boolean,
   *     drop: (kind: string) => void}} of name: for a mask; onKept: brings one that was kept just now; drop: one is not needed
   *     any more, as long as no undo brings it back
   */
  constructor(stage, { photo, name, onKept, isUsed, drop }) {
    Object.assign(this, { stage, photo, name, onKept, isUsed, drop });
    this.button = h('button.chip', { type: 'button', hidden: true });
    this.candidates = new Candidates({ onChoose: (choice) => this.#choose(choice), onPreview() {} });
    this.pulse = h('div.pulse', { hidden: true });
    stage.element.append(this.candidates.element, this.pulse);
  }

  get isOn() {
    return this.#take !== null;
  }

  /**
   * Begins to listen to clicks.
   * @param {(kind: string, again: boolean) => void} take puts the mask that was found into the edit; again: in the place of
   *     the one before, as part of the same step
   */
  start(take) {
    const { id } = this.photo();
    this.stop();
    this.#take = take;
    this.#thing = { start: null, clicks: [], box: null, choice: 0 };
    this.#answers = new Answers(id, { onAnswer: () => this.#answered().catch(tellError), onError: (error) => { this.#wait(null); tellError(error); } });
    this.#answers.engine = ENGINE;
    request('GET', `photos/${id}/select/prepared?engine=${ENGINE}`).catch(() => {}); // the first click says what is wrong
    this.stage.picker.toggle(this.button, { hint: matchMedia('(pointer: coarse)').matches ? HINT : `${HINT}; Alt subtracts`, onPress: (at, event) => this.#click(at, event), onStop: () => this.stop() });
  }

  stop() {
    if (!this.#take) return;
    this.#take = null;
    this.#answers = null;
    this.candidates.show([], 0);
    this.#wait(null);
    this.stage.picker.stop();
  }

  #click(at, { altKey }) {
    const place = this.stage.toPhoto(at).map((each) => Math.round(each * 100) / 100);
    this.#thing = { ...this.#thing, clicks: [...this.#thing.clicks, [...place, !altKey]] };
    this.#wait(at);
    this.#answers.want([this.#thing]);
    if (this.#answers.of(this.#thing)) this.#answered().catch(tellError);
    return true;
  }

  async #answered() {
    const thing = this.#thing;
    const answer = this.#answers?.of(thing);
    if (!answer) return;
    this.candidates.show(thing.clicks.length > 1 ? [] : answer.candidates, thing.choice);
    await this.#keep(answer, thing, false);
    this.#wait(null);
  }

  #choose(choice) {
    if (choice === this.#thing.choice) return;
    this.#thing = { ...this.#thing, choice };
    const answer = this.#answers.of(this.#thing);
    this.candidates.show(answer.candidates, choice);
    this.#keep(answer, this.#thing, true).catch(tellError);
  }

  async #keep({ candidates }, thing, again) {
    const { id } = this.photo();
    const take = this.#take;
    const { mask } = candidates[Math.min(thing.choice, candidates.length - 1)];
    const { kind } = await request('POST', `photos/${id}/own-masks`, { name: this.name(), mask, engine: ENGINE });
    if (this.photo()?.id !== id || this.#take !== take) return;
    await this.onKept(kind);
    this.#kept.add(kind);
    take(kind, again);
    this.tidy();
  }

  /** Drops the masks that were found here and are part of nothing now. */
  tidy() {
    for (const kind of this.#kept) if (!this.isUsed(kind)) this.drop(kind);
  }

  /** Pulses where an answer is awaited; null stops. @param {?[number, number]} at in the picture's pixels */
  #wait(at) {
    this.pulse.hidden = !at;
    if (!at) return;
    const { view, ratio } = this.stage.viewport;
    this.pulse.style.transform = `translate(${(view.x + at[0] * view.scale) / ratio}px, ${(view.y + at[1] * view.scale) / ratio}px)`;
  }
}
