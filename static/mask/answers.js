// What the engines answer to clicks: asked one at a time, kept, and asked again only for what is not known.

import { request } from '../common/api.js';
import { isAsked } from './selection.js';

const KEPT = 60;

/**
 * @typedef {object} Answer
 * @property {string} engine
 * @property {string} label what the page calls the engine
 * @property {number} seconds
 * @property {{score: number, share: number, mask: string}[]} candidates best first: how sure each is, how much of the
 *     photo it selects (0 to 1), and its mask as base64 PNG
 */

/**
 * The answers about one photo. While one is awaited, only what was wanted last is remembered: a hundred fast clicks
 * make a few questions. An answer belongs to its question, so one that comes late harms nothing.
 */
export class Answers {
  engine = 'auto';
  /** Id of the result that is clicked in; null for the photo itself. */
  picture = null;
  #kept = new Map(); // by question; what was used last stands last
  #wanted = [];
  #asking = false;

  /**
   * @param {string} photo id
   * @param {{onAnswer: () => void, onError: (error: Error) => void}} events
   */
  constructor(photo, { onAnswer, onError }) {
    this.path = `photos/${photo}/select`;
    this.onAnswer = onAnswer;
    this.onError = onError;
  }

  /** @param {import('./selection.js').Thing} thing @returns {Answer | undefined} */
  of(thing) {
    const key = this.key(thing);
    const answer = this.#kept.get(key);
    if (answer) {
      this.#kept.delete(key);
      this.#kept.set(key, answer);
    }
    return answer;
  }

  /** Names what is asked for an object; two with the same name have the same answer. */
  key({ start, clicks, box, choice }) {
    // The choice among the candidates for one gesture is made here; more gestures go on from it.
    const goesOn = clicks.length + (box ? 1 : 0) > 1;
    return JSON.stringify([this.engine, this.picture, start?.id ?? 0, clicks, box, goesOn ? choice : 0]);
  }

  /** Says what is to be answered, the most urgent first; what was wanted before and is not now is forgotten. */
  want(things) {
    this.#wanted = things.filter((thing) => isAsked(thing) && !this.of(thing));
    if (!this.#asking) this.#ask();
  }

  /** Puts a question. @returns {Promise<Answer>} */
  ask(question) {
    return request('POST', this.path, question);
  }

  /** Puts a question that is to be answered quickly, or not at all. @returns {Promise<?Answer>} */
  look(question, signal) {
    return request('POST', `${this.path}/glance`, question, signal);
  }

  async #ask() {
    this.#asking = true;
    try {
      while (this.#wanted.length) {
        const [thing] = this.#wanted;
        const key = this.key(thing);
        this.#keep(key, await this.ask(this.#question(thing)));
        this.#wanted = this.#wanted.filter((each) => this.key(each) !== key);
        this.onAnswer();
      }
    } catch (error) {
      this.#wanted = [];
      this.onError(error);
    } finally {
      this.#asking = false;
    }
  }

  /**
   * What would be answered for an object, as far as that is quickly told; nothing of it is kept.
   * @param {AbortSignal} signal gives it up
   * @returns {Promise<?Answer>}
   */
  async glance(thing, signal) {
    return this.of(thing) ?? this.look(this.#question(thing), signal);
  }

  /** Takes what was answered at a glance for the answer. */
  take(thing, answer) {
    this.#keep(this.key(thing), answer);
  }

  #question({ start, clicks, box, choice }) {
    return { engine: this.engine, picture: this.picture, points: clicks, box, start: start?.png ?? null, choice };
  }

  #keep(key, answer) {
    this.#kept.set(key, answer);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
  }
}
