// Settings of Lightroom's that a photo comes with: offered once, and from its menu; never used by themselves.

import { request } from '../common/api.js';
import { tellError } from '../common/dom.js';
import { storage } from '../common/storage.js';

const OFFERED = 'envo:lightroom-offered';
const MOST = 500; // photos of which it is remembered

export class Lightroom {
  #turn = 0;

  /**
   * @param {{say: (sentence: string, actions: object) => void, put: (copy: object) => Promise<?string>,
   *     tell: (sentence: string) => void, onRows: (rows: [string, string, () => void][]) => void}} options say: over the
   *     picture, with what can be done; put: pastes into the edit; tell: what came of it; onRows: what the photo's menu is
   *     to offer
   */
  constructor(options) {
    Object.assign(this, options);
  }

  /** A photo was opened. @param {{id: string}} photo @param {boolean} isEdited */
  async opened({ id }, isEdited) {
    const turn = this.forget();
    const found = await request('GET', `photos/${id}/lightroom`);
    if (turn !== this.#turn || !found.copy) return;
    const use = () => this.#use(found).catch(tellError);
    this.onRows([['sliders', 'Use Lightroom’s settings', use]]);
    const offered = JSON.parse(storage.get(OFFERED) ?? '[]');
    if (isEdited || offered.includes(id)) return;
    storage.set(OFFERED, JSON.stringify([...offered, id].slice(-MOST)));
    this.say('This photo comes with settings made in Lightroom.', { 'Use them': use, 'Not now': () => {} });
  }

  /** No photo is open, or another one will be. */
  forget() {
    this.onRows([]);
    this.#turn += 1;
    return this.#turn;
  }

  async #use({ copy, said }) {
    const more = await this.put(copy);
    if (more !== null) this.tell(['Lightroom’s settings are in the edit.', said, more].filter(Boolean).join(' '));
  }
}
