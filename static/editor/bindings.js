// Whose the faces of the open photo are, and where in it the people are whom its edit follows.

import { request } from '../common/api.js';
import { likely } from '../gallery/people/corrections.js';
import { mattePart, mattesOf } from './document.js';

const NUMBERED = /^([a-z]+)(?:-([1-9]\d?))?$/;

/**
 * @typedef {object} Bound where somebody is in the photo
 * @property {string} id of the person by now
 * @property {?string} name
 * @property {?string} face id of the face that is theirs, or may be; null: none was found
 * @property {?number} number of the face among those that have mattes; null: it has none
 * @property {boolean} sure whether the name counts
 */

export class Bindings {
  /** @type {(?import('../gallery/people/corrections.js').Face)[]} of each face that has mattes; null: nobody looked at it */
  people = [];
  /** Whether the photo's mattes were made, so that the others are none of it. */
  isMade = false;
  #photo = null;
  #bound = new Map(); // person -> Bound, or null while it is asked for

  /**
   * @param {Object<string, string>} parts what a face comes apart into, by name
   * @param {() => void} onChange somebody is known to be somewhere else now
   */
  constructor(parts, onChange) {
    this.parts = parts;
    this.onChange = onChange;
  }

  /** Begins with another photo, or none. */
  open(photo) {
    this.#photo = photo?.id ?? null;
    this.isMade = false;
    this.#bound = new Map();
    this.people = [];
  }

  /** Takes whose the faces are, once the photo's mattes were made. */
  take(people) {
    this.people = people;
    this.isMade = true;
  }

  /** What the faces are called, as far as their names count; null for the others. */
  get names() {
    return this.people.map((face) => (face?.known ? face.name : null));
  }

  /** @param {string} person id @returns {?Bound} null: that is not known yet */
  of(person) {
    return this.#bound.get(person) ?? null;
  }

  /** Finds the people whom a document follows. */
  async find(document) {
    const wanted = followed(document).filter((person) => !this.#bound.has(person));
    if (!this.isMade || !wanted.length) return;
    for (const person of wanted) this.#bound.set(person, null);
    await this.#ask(wanted);
  }

  /** Finds them anew: somebody was named. */
  async refresh() {
    if (this.#bound.size) await this.#ask([...this.#bound.keys()]);
  }

  async #ask(people) {
    const photo = this.#photo;
    const asked = new URLSearchParams(people.map((person) => ['person', person]));
    let told;
    try {
      told = await request('GET', `photos/${photo}/bindings?${asked}`);
    } catch (error) {
      if (photo === this.#photo) for (const person of people) if (!this.of(person)) this.#bound.delete(person);
      throw error;
    }
    if (photo !== this.#photo) return;
    const before = JSON.stringify([...this.#bound]);
    for (const [person, bound] of Object.entries(told)) this.#bound.set(person, bound);
    if (JSON.stringify([...this.#bound]) !== before) this.onChange();
  }

  /**
   * The kind of the matte that a part of a mask is in this photo.
   * @param {{kind: string, person: string}} part
   * @returns {?string} null: the photo has none; undefined: that is not known yet
   */
  kindOf({ kind, person }) {
    if (!person) return kind;
    const bound = this.of(person);
    if (!bound) return undefined;
    return bound.sure && bound.number ? this.#kind(kind, bound.number) : null;
  }

  #kind(part, number) {
    return this.people.length > 1 ? `${part}-${number}` : part;
  }

  /**
   * The face that a mask is of: the one that its mattes are parts of.
   * @param {?object} mask
   * @returns {?number} null: it is of none, or of several
   */
  numberOf(mask) {
    const numbers = new Set(mattesOf(mask).map(({ kind, person }) => (person ? null : this.#numberIn(kind))));
    return numbers.size === 1 ? [...numbers][0] : null;
  }

  #numberIn(kind) {
    const [, part, number] = kind.match(NUMBERED) ?? [];
    if (!(part in this.parts)) return null;
    return number ? Number(number) : this.people.length === 1 ? 1 : null;
  }

  /** Whose face a mask is of. @returns {?import('./followbar.js').Whose} null: of none, or of several */
  whose(mask) {
    const person = followedBy(mask);
    if (person) {
      const bound = this.of(person);
      if (!bound) return null;
      const { sure, number, face } = bound;
      const state = sure ? (number ? 'follows' : 'bare') : face ? 'ask' : 'absent';
      return { state, name: bound.name ?? 'Somebody', face, follows: true };
    }
    const number = this.numberOf(mask);
    if (!number) return null;
    const face = this.people[number - 1];
    if (face?.known) return { state: 'offer', name: face.name, face: face.id, follows: false };
    if (face && likely(face)) return { state: 'ask', name: face.name, face: face.id, follows: false };
    if (this.people.length < 2) return null; // nobody is to be told from others
    return { state: face ? 'name' : 'unseen', name: null, face: face?.id ?? null, follows: false };
  }

  /** A mask that is of one face here, as one of the person whose it is, in whatever photo. */
  following(mask) {
    const number = this.numberOf(mask);
    const { id: face, person, name } = this.people[number - 1];
    this.#bound.set(person, { id: person, name, face, number, sure: true });
    return { ...mask, parts: mask.parts.map((part) => (this.#isOfFace(part) ? { ...part, kind: part.kind.match(NUMBERED)[1], person } : part)) };
  }

  #isOfFace(part) {
    return part.shape === 'matte' && !part.person && this.#numberIn(part.kind) !== null;
  }

  /** A mask that follows somebody, as one of the face that is theirs here. @param {number} number of the face */
  staying(mask, number) {
    return { ...mask, parts: mask.parts.map((part) => (part.person ? { ...part, kind: this.#kind(part.kind, number), person: '' } : part)) };
  }
}

/** The people whom a document follows. @returns {string[]} their ids */
export function followed(document) {
  return [...new Set(document.layers.flatMap(({ mask }) => mattesOf(mask)).map(({ person }) => person).filter(Boolean))];
}

/** The one whom a mask follows. @param {?object} mask @returns {?string} their id */
export function followedBy(mask) {
  return mattesOf(mask).find(({ person }) => person)?.person ?? null;
}

/** The part of a face that a mask is, and nothing else. @param {?object} mask @returns {?string} such as "teeth" */
export function solePart(mask) {
  const [part, ...more] = mask?.parts ?? [];
  const isPlain = part?.shape === 'matte' && Object.entries(mattePart(part.kind)).every(([name, value]) => name === 'kind' || name === 'person' || part[name] === value);
  return isPlain && !more.length && !mask.invert ? part.kind : null;
}
