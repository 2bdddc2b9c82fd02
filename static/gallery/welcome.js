// The invitation where there is no photo yet, and what stands where nothing is found.

import { address, openSession, request } from '../common/api.js';
import { h } from '../common/dom.js';
import { pick } from '../common/files.js';
import { shown } from '../common/shown.js';
import { keeping } from '../library/keeping.js';

export class Welcome {
  /** @param {{onFiles: (files: File[]) => void, onExamples: (names: string[]) => void, onAll: () => void}} options */
  constructor({ onFiles, onExamples, onAll }) {
    this.onExamples = onExamples;
    this.examples = h('div.examples');
    this.invitation = h('div.invitation', {},
      h('button.drop', { type: 'button', onclick: () => pick(onFiles) },
        h('b', {}, 'Drop your photos here'), h('span', {}, 'many at once, whole folders, or a zip; or choose some')),
      h('p', {}, 'All of it happens here and nowhere else. No photo at hand? Try ours.'), this.examples);
    this.empty = h('div.gallery-welcome', { hidden: true },
      shown('gallery', 'What is in your photos, and who, is found by itself: search a whole shoot by it.'), this.invitation);
    this.nothing = h('div.gallery-welcome.nothing', { hidden: true }, h('p', {}, 'No photo is like that.'), h('button.button', { type: 'button', onclick: onAll }, 'Show all photos'));
    this.elements = [this.empty, this.nothing];
  }

  async fill() {
    const [names, session] = await Promise.all([request('GET', 'examples'), openSession()]);
    const all = h('button.button', { type: 'button', onclick: () => this.onExamples(names) }, 'Add all of these');
    this.examples.replaceChildren(...names.map((name) => h('button.example', { type: 'button', title: name, onclick: () => this.onExamples([name]) },
      h('img', { src: address(`examples/${name}`), alt: name, loading: 'lazy' }))));
    this.invitation.append(all, h('p.keeping', {}, keeping(session)));
  }

  /** @param {boolean} isEmpty there is no photo at all @param {boolean} isNothing none is found */
  show(isEmpty, isNothing) {
    this.empty.hidden = !isEmpty;
    this.nothing.hidden = !isNothing;
  }
}
