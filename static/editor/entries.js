// What the layers of the open photo are called and look like in the row, the line below it, and the history.

import { address } from '../common/api.js';
import { followedBy } from './bindings.js';
import { isMade, isOwn, isTouched, newLayer } from './document.js';
import { shapeOf } from './masktools/parts.js';

/** What can be cut out of a photo, and the layers of each; a photo of people offers both. */
export const CUTOUTS = { person: ['background', 'person'], subject: ['backdrop', 'subject'] };
// What a layer is called in the row, where its name has no room.
const SHORT = { background: 'Back', backdrop: 'Around' };

export class Entries {
  /**
   * @param {Object<string, string>} parts what a face comes apart into, by name
   * @param {import('./bindings.js').Bindings} bindings
   * @param {import('./belongings.js').Belongings} belongings
   * @param {() => {photo: ?object, mattes: object[], faces: number[][]}} open what is open: the photo, its mattes as the
   *     server lists them, and the boxes of the faces that have mattes of their own
   */
  constructor(parts, bindings, belongings, open) {
    Object.assign(this, { parts, bindings, belongings, open });
  }

  /** The layers of the row, those that follow somebody beside their face's, in the place of one that nobody has touched. */
  row(layers) {
    const entries = layers.map((each) => this.of(each));
    const row = entries.filter(({ of }) => !of);
    for (const entry of entries.filter(({ of }) => of)) {
      const at = row.findLastIndex(({ of, layer: { id } }) => (of ?? id) === entry.of);
      if (at < 0) row.push(entry);
      else row.splice(at + 1, 0, entry);
    }
    const taken = new Set(row.map(({ of }) => of));
    return row.filter(({ layer: each }) => !taken.has(each.id) || isTouched(each));
  }

  /** A layer as the row shows it. @returns {import('./layers.js').Entry} */
  of(each) {
    if (followedBy(each.mask)) return this.#following(each);
    if (isMade(each.id)) return this.#made(each);
    const { photo, faces } = this.open();
    const matte = this.#matte(each.id);
    const label = matte?.label ?? (each.mask ? (isOwn(each.id) ? 'Deleted mask' : each.id) : 'Image');
    const isPart = Boolean(matte) && !matte.own && !Object.values(CUTOUTS).flat().includes(matte.kind);
    const number = isPart && faces.length > 1 ? matte.face : null;
    return {
      layer: each,
      label,
      short: SHORT[matte?.kind] ?? label,
      full: number === null ? label : `${this.#faceName(number)} · ${label}`,
      picture: photo && (this.#picture(matte) ?? address(`photos/${photo.id}/thumbnail`)),
      quality: matte?.quality ?? null,
      group: number === null ? null : `face ${number}`,
    };
  }

  /** What a matte is called, with the face that it is of. @param {string} key see `matteKey` */
  nameOf(key) {
    const [kind, person] = key.split('@');
    if (person) return `${this.parts[kind]} · ${this.#nameOfPerson(person)}`;
    return this.#matte(kind) ? this.of(newLayer(kind)).full : 'Deleted mask';
  }

  /** What a step of the history calls a layer, or a matte. @param {?object} each the layer; none: of a matte, or one that is gone */
  calledInSteps(id, each) {
    if (!each && id.includes('@')) return this.nameOf(id);
    return this.of(each ?? newLayer(id))[followedBy(each?.mask) ? 'full' : 'label'];
  }

  /** Who is in the photo, as far as that is known, and how many faces have layers. */
  who() {
    const count = this.open().faces.length;
    if (!count) return '';
    return [...this.bindings.names.filter(Boolean), count === 1 ? '1 face' : `${count} faces`].join(' · ');
  }

  /** Headings of the layers where the photo has several faces: all of them together, then one by one. */
  groups() {
    const { photo, faces } = this.open();
    if (faces.length < 2) return [];
    const { id, width, height } = photo;
    const picture = address(`photos/${id}/thumbnail`);
    const one = (box, index) => {
      const number = index + 1;
      return { id: `face ${number}`, label: this.#faceName(number), layer: `face-${number}`, face: { picture, size: [width, height], box } };
    };
    return [{ id: 'face 0', label: this.#faceName(0), layer: 'face', face: null }, ...faces.map(one)];
  }

  /** One of the visitor's own: where its mask is one matte, with that one's picture. */
  #made(each) {
    const { parts } = each.mask;
    const matte = parts.length === 1 ? this.#matte(parts[0].kind) : undefined;
    const label = each.name || (matte ? this.nameOf(matte.kind) : shapeOf(parts[0]).label);
    return {
      layer: each,
      label,
      short: label.replace(/ (gradient|range)/, ''), // the row has little room
      full: label,
      picture: this.#picture(matte),
      symbol: shapeOf(parts[0]).picture,
      quality: null,
      group: null,
    };
  }

  /** One that follows somebody: among the layers of their face, where that is in the photo. */
  #following(each) {
    const part = each.mask.parts.find(({ person }) => person);
    const bound = this.bindings.of(part.person);
    const matte = this.#matte(this.bindings.kindOf(part));
    const label = each.name || this.parts[part.kind];
    const where = bound && !matte ? (bound.face && !bound.sure ? 'perhaps here' : bound.sure ? 'has no layers here' : 'not in this photo') : null;
    return {
      layer: each,
      label,
      short: label,
      full: `${label} · ${this.#nameOfPerson(part.person)}`,
      picture: this.#picture(matte),
      symbol: 'people',
      quality: null,
      group: matte && this.open().faces.length > 1 ? `face ${matte.face}` : null,
      follows: true,
      of: matte?.kind ?? null,
      where,
    };
  }

  #matte(kind) {
    return this.open().mattes.find((matte) => matte.kind === kind);
  }

  #picture(matte) {
    return matte ? address(this.belongings.matteAddress(matte.kind, '/thumbnail')) : null;
  }

  #nameOfPerson(person) {
    return this.bindings.of(person)?.name ?? 'Somebody';
  }

  /** What a face is called, by its number among several; 0 is all of them. */
  #faceName(number) {
    return number === 0 ? 'Everyone' : this.bindings.names[number - 1] ?? `Face ${number}`;
  }
}
