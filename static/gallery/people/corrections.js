// What a visitor says of faces and people, and taking it back.

import { ApiError, request } from '../../common/api.js';
import { tellError, toast } from '../../common/dom.js';
import { Gone, goneIf, journal, undoes } from '../../common/undo.js';
import { many, percent } from '../said.js';

export const MOST = 500; // faces that one request brings
const CONFLICT = 409; // the name is another person's

/**
 * @typedef {object} Face
 * @property {string} id
 * @property {string} photo id
 * @property {string} photoName
 * @property {[number, number, number, number]} box left, top, right, bottom in fractions of the upright photo
 * @property {number} sure that it is a face, 0 to 1
 * @property {'found' | 'named' | 'ignored'} state
 * @property {?string} person id
 * @property {?string} name of the person, however sure
 * @property {number} confidence that it is this person, 0 to 1
 * @property {boolean} known named, or as sure as the visitor wants
 *
 * @typedef {object} Person
 * @property {string} id
 * @property {string} name
 * @property {number} named faces
 * @property {number} found faces that are sure enough
 * @property {number} unsure faces below that
 * @property {string} cover id of a face
 */

/** Confidence from which on it is worth saying who a face may be. */
const MAYBE = 0.5;

/** Who a face is, or may be. @param {Face} face @returns {?string} */
export function likely({ name, state, confidence }) {
  return state === 'named' || confidence >= MAYBE ? name : null;
}

/** How sure that is, in words: never all of it, which is for those who know the person. @param {Face} face */
export function howSure({ confidence }) {
  return percent(Math.min(0.99, confidence));
}

/**
 * Some of the faces that a route lists.
 * @param {{offset: number, limit: number, order?: string}} which limit: at most 500
 * @returns {Promise<{faces: Face[], count: number}>}
 */
export function facesOf(path, which) {
  return request('GET', `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(which)}`);
}

/** All faces that a route lists, page by page. @returns {Promise<Face[]>} */
export async function allFaces(path) {
  const all = [];
  for (;;) {
    const { faces, count } = await facesOf(path, { offset: all.length, limit: MOST });
    all.push(...faces);
    if (!faces.length || all.length >= count) return all;
  }
}

/** What was told last of a correction, wherever it was made. @type {?HTMLElement} */
let note = null;

/** Says it to the server, tells the visitor, and notes how it is taken back. */
export class Corrections {
  /** @param {() => Promise<void> | void} onChange something was said, or taken back */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** @param {Face[]} faces @param {string} name of a person, known or new */
  async name(faces, name) {
    await this.#say(faces, { name }, `${faces.length === 1 ? 'This is' : `${many(faces.length, 'face')} are`} ${name}.`);
  }

  /** They are whom they were taken for. */
  async confirm(faces) {
    const sentence = faces.length === 1 ? `${faces[0].name} it is.` : `${many(faces.length, 'face')} were confirmed.`;
    await this.#say(faces, { confirm: true }, sentence);
  }

  /** They are not whom they were taken for. */
  async refuse(faces) {
    const names = new Set(faces.map(({ name }) => name));
    const who = names.size === 1 ? `not ${[...names][0]}` : 'not whom they were taken for';
    await this.#say(faces, { refuse: true }, `${faces.length === 1 ? 'This face is' : `${many(faces.length, 'face')} are`} ${who}.`);
  }

  async ignore(faces) {
    await this.#say(faces, { ignore: true }, `${many(faces.length, 'face')} will be ignored.`);
  }

  /** They are to be looked at again as if nothing had been said. */
  async forget(faces) {
    await this.#say(faces, { forget: true }, `${many(faces.length, 'face')} will be looked at again.`);
  }

  /**
   * @param {Person} person
   * @returns {Promise<?string>} id of another person who has the name; null: it was done
   */
  async rename(person, name) {
    try {
      await request('PATCH', `gallery/people/${person.id}`, { name });
    } catch (error) {
      if (error instanceof ApiError && error.status === CONFLICT) return error.answer.person;
      throw error;
    }
    await this.#done(`${person.name} is called ${name} now.`, 'person', `called ${person.name} ${name}`, { id: person.id, before: person.name, after: name });
    return null;
  }

  /** Makes two people one. @param {Person} person @param {Person} into who stays */
  async merge(person, into) {
    const named = await this.#namedOf(person);
    await request('POST', `gallery/people/${person.id}/merge`, { into: into.id });
    await this.#done(`${person.name} is ${into.name} now.`, 'faces', `made ${person.name} and ${into.name} one person`, { before: briefly(named), what: { name: into.name } });
  }

  /** Takes the name off all of a person's faces. */
  async delete(person) {
    const named = await this.#namedOf(person);
    await request('DELETE', `gallery/people/${person.id}`);
    await this.#done(`${person.name} was deleted; ${many(named.length, 'face')} will be grouped anew.`, 'faces', `deleted ${person.name}`, { before: briefly(named), what: { forget: true } });
  }

  async #namedOf({ id }) {
    return (await allFaces(`gallery/people/${id}/faces`)).filter(({ state }) => state === 'named');
  }

  async #say(faces, what, sentence) {
    await post(faces, what);
    await this.#done(sentence, 'faces', `said: ${sentence.replace(/\.$/, '')}`, { before: briefly(faces), what });
  }

  /** Notes what was done, and tells it. */
  async #done(sentence, kind, said, more) {
    const notes = journal();
    const step = notes.add(kind, said, more);
    note?.remove(); // one after the other is dealt with: they would cover the page
    note = toast(sentence, { label: 'Undo', run: () => notes.takeBack(step).catch(tellError) });
    await this.onChange();
  }
}

/** What is to be known of faces to make them again what they are. */
function briefly(faces) {
  return faces.map(({ id, state, name }) => ({ id, state, name }));
}

undoes('faces', {
  async undo({ before }) {
    note?.remove();
    const alike = Map.groupBy(before, ({ state, name }) => (state === 'named' ? `named ${name}` : state));
    for (const some of alike.values()) {
      const [{ state, name }] = some;
      await postAgain(some, { named: { name }, ignored: { ignore: true }, found: { forget: true } }[state]);
    }
  },
  redo: ({ before, what }) => postAgain(before, what),
});

undoes('person', {
  undo: ({ id, before, after }) => renameAgain(id, after, before),
  redo: ({ id, before, after }) => renameAgain(id, before, after),
});

async function renameAgain(id, from, to) {
  note?.remove();
  const person = (await request('GET', 'gallery/people')).people.find((other) => other.id === id);
  if (person?.name !== from) throw new Gone(person ? `${from} is called ${person.name} by now; that stays.` : `Nobody is called ${from} any more.`);
  await request('PATCH', `gallery/people/${id}`, { name: to }).catch(goneIf(CONFLICT, `Somebody else is called ${to} by now; ${from} stays.`));
}

async function postAgain(faces, what) {
  await post(faces, what).catch(goneIf(404, 'These faces are not in your gallery any more.'));
}

function post(faces, what) {
  return request('POST', 'gallery/faces', { faces: faces.map(({ id }) => id), ...what });
}
