// A click on a thing in the photo, answered by the same engines as Replace's clicks: what is found is kept as a mask of the
// visitor's own. More clicks add to it, or subtract; what a first click may mean can be chosen. Where the mouse rests, a
// line shows what a click would find.

import { request } from '../../common/api.js';
import { h, tellError } from '../../common/dom.js';
import { isBusy } from '../../common/engines.js';
import { Answers } from '../../mask/answers.js';
import { Candidates } from '../../mask/candidates.js';
import { Hover } from '../../mask/hover.js';
import { decodeGrey, fromBase64 } from '../../mask/png.js';
import { Foreseen } from './foreseen.js';

const ENGINE = 'quick';
const HINT = 'Click what is meant';

export class Objects {
  #answers = null;
  #ready = null; // kept once the photo is prepared for clicks
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
    this.candidates = new Candidates({ onChoose: (choice) => this.#choose(choice) });
    this.pulse = h('div.pulse', { hidden: true });
    this.foreseen = new Foreseen(stage, photo);
    this.hover = new Hover(stage.element, {
      place: (event) => this.#rests(event),
      reach: () => stage.viewport.pixel,
      ready: () => this.#ready,
      ask: (place, signal) => this.#foresee(place, signal),
      covers: ({ mask }, { point }) => this.#isIn(mask, point),
      show: (found) => this.foreseen.show(found?.mask ?? null),
    });
    stage.canvas.after(this.foreseen.element);
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
    this.#ready = this.#prepare(id, this.#answers).catch(() => {}); // the first click says what is wrong
    this.stage.picker.toggle(this.button, { hint: matchMedia('(pointer: coarse)').matches ? HINT : `${HINT}; Alt subtracts`, onPress: (at, event) => this.#click(at, event), onStop: () => this.stop() });
  }

  stop() {
    if (!this.#take) return;
    this.#take = null;
    this.#answers = null;
    this.candidates.show([], 0);
    this.hover.stop();
    this.#wait(null);
    this.stage.picker.stop();
  }

  /** Has the photo prepared, until it is or another one is asked about. */
  async #prepare(id, answers) {
    let news = { number: -1 };
    do news = await request('GET', `photos/${id}/select/prepared?engine=${ENGINE}&seen=${news.number}`);
    while (isBusy(news) && answers === this.#answers);
  }

  #click(at, { altKey }) {
    const place = this.#place(at, !altKey);
    const shown = this.hover.take(place);
    this.#thing = this.#clicked(shown?.place ?? place);
    if (shown) this.#answers.take(this.#thing, shown.found.answer);
    this.#wait(at);
    this.#answers.want([this.#thing]);
    if (this.#answers.of(this.#thing)) this.#answered().catch(tellError);
    return true;
  }

  /** @param {[number, number]} at in the picture's pixels @returns {import('../../mask/hover.js').Place} */
  #place(at, adds) {
    return { point: this.stage.toPhoto(at).map((each) => Math.round(each * 100) / 100), adds };
  }

  /** What is meant once there is one click more. */
  #clicked({ point, adds }) {
    return { ...this.#thing, clicks: [...this.#thing.clicks, [...point, adds]] };
  }

  /** What a click of the mouse would be just now; null where it would find nothing, or an answer is awaited. */
  #rests(event) {
    if (!this.isOn || event.target !== this.stage.canvas || !this.pulse.hidden) return null;
    const place = this.#place(this.stage.viewport.locate(event), !event.altKey);
    const { width, height } = this.photo();
    const [x, y] = place.point;
    const isOutside = x < 0 || y < 0 || x >= width || y >= height;
    return isOutside || (!place.adds && !this.#thing.clicks.length) ? null : place;
  }

  /** Has the engine say what a click would find. */
  async #foresee(place, signal) {
    const thing = this.#thing;
    const answer = await this.#answers.glance(this.#clicked(place), signal);
    if (!answer || thing !== this.#thing || !this.isOn) return null;
    return { answer, mask: await decodeGrey(fromBase64(answer.candidates[0].mask)) };
  }

  #isIn({ pixels, width, height }, [x, y]) {
    const { photo } = this;
    return pixels[Math.floor((y * height) / photo().height) * width + Math.floor((x * width) / photo().width)] > 127;
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
    this.hover.stop();
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
