// Faces of whom it is to be said whether they are somebody: a layer that follows that person waits for it.

import { h, icon, tellError } from '../common/dom.js';
import { Corrections } from './people/corrections.js';
import { picture } from './people/namefield.js';

const SHOWN = 24;

export class Confirming {
  #rows = new Map(); // by the face's id

  /** @param {{onSaid: () => Promise<void>, onShow: (photos: string[]) => void}} events onSaid: whose a face is, was said, or taken back */
  constructor({ onSaid, onShow }) {
    this.corrections = new Corrections(onSaid);
    this.onShow = onShow;
    this.element = h('div.going-faces', { role: 'group', 'aria-label': 'Faces to be confirmed', hidden: true });
  }

  /** @param {{name: ?string, faces: {id, photo, photoName: string}[]}[]} unsure people, each with the faces that may be theirs */
  show(unsure) {
    const faces = unsure.flatMap(({ name, faces: some }) => some.map((face) => ({ ...face, name, state: 'found' })));
    this.element.hidden = !faces.length;
    this.#rows = new Map(faces.slice(0, SHOWN).map((face) => [face.id, this.#rows.get(face.id) ?? this.#row(face)]));
    this.element.replaceChildren(...this.#rows.values());
  }

  #row(face) {
    const say = (what) => () => this.corrections[what]([face]).catch(tellError);
    const answer = (name, label, what) => h('button.button', { type: 'button', 'aria-label': `${label}, ${face.photoName}`, onclick: say(what) }, icon(name), h('span', {}, label));
    return h('div.going-face', {},
      h('button.going-photo', { type: 'button', title: face.photoName, 'aria-label': `Show ${face.photoName}`, onclick: () => this.onShow([face.photo]) }, picture(face.id)),
      h('span', {}, `Is this ${face.name}?`), answer('check', 'Yes', 'confirm'), answer('close', 'No', 'refuse'));
  }
}
