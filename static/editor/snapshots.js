// States of the photo's edit that were given a name: kept on the server, listed with the steps of the edit.

import { request } from '../common/api.js';
import { h, icon, iconButton, tellError, toast } from '../common/dom.js';
import { isSame } from '../common/same.js';
import { goneIf, journal, undoes } from '../common/undo.js';
import { upgraded } from './document.js';

/** @typedef {{id: string, name: string, document: object}} Snapshot see envo/snapshots.py */

export class Snapshots {
  /** @type {Snapshot[]} */
  all = [];
  #photo = null; // id of the one whose snapshots are listed

  /** @param {{photo: () => ?{id: string}, document: () => object, onGo: (snapshot: Snapshot) => void}} options */
  constructor(options) {
    Object.assign(this, options);
    this.list = h('ul.snapshot-list', { 'aria-label': 'Snapshots' });
    this.keeping = h('button.link.snapshot-keep', { type: 'button', onclick: () => this.#keep().catch(tellError) }, icon('plus'), 'Save a snapshot');
    this.element = h('div.snapshots', {}, h('h4', {}, 'Snapshots'), this.list, this.keeping);
    undoes('snapshot-delete', {
      undo: async ({ photo, snapshot }) => {
        await request('POST', `photos/${photo}/snapshots/${snapshot}/restore`).catch(goneIf(404, 'This snapshot was removed for good since.'));
        await this.load();
      },
      redo: async ({ photo, snapshot }) => {
        await request('DELETE', `photos/${photo}/snapshots/${snapshot}`).catch(goneIf(404, 'This snapshot is not there any more.'));
        await this.load();
      },
    });
  }

  /** Gets the list of the open photo. */
  async load() {
    const { id } = this.photo();
    if (this.#photo !== id) this.#take(id, []);
    const { snapshots } = await request('GET', `photos/${id}/snapshots`);
    if (this.photo()?.id === id) this.#take(id, snapshots);
  }

  /** Shows which one the edit is at. */
  show() {
    for (const row of this.list.children) {
      const snapshot = this.all.find(({ id }) => id === row.dataset.snapshot);
      row.firstChild.setAttribute('aria-current', this.#isAt(snapshot) ? 'step' : 'false');
    }
  }

  #isAt({ document }) {
    return isSame(upgraded(document), this.document());
  }

  #take(photo, snapshots) {
    this.#photo = photo;
    this.all = snapshots;
    this.list.replaceChildren(...snapshots.map((each) => this.#row(each)));
    this.show();
  }

  #row(snapshot) {
    const { id, name } = snapshot;
    const go = h('button.snapshot-go', { type: 'button', title: `Go to ${name}`, onclick: () => { if (!this.#isAt(snapshot)) this.onGo(snapshot); } }, name);
    return h('li', { 'data-snapshot': id }, go,
      iconButton('pencil', `Rename ${name}`, () => this.#rename(snapshot)),
      iconButton('trash', `Delete ${name}`, () => this.#delete(snapshot).catch(tellError)));
  }

  async #keep() {
    const { id } = this.photo();
    const taken = new Set(this.all.map(({ name }) => name));
    let number = this.all.length + 1;
    while (taken.has(`Snapshot ${number}`)) number += 1;
    const kept = await request('POST', `photos/${id}/snapshots`, { name: `Snapshot ${number}`, document: this.document() });
    await this.load();
    if (this.photo()?.id === id) this.#rename(kept);
  }

  /** Its name becomes a field. */
  #rename({ id, name }) {
    const photo = this.#photo;
    const row = [...this.list.children].find(({ dataset }) => dataset.snapshot === id);
    const field = h('input.snapshot-name', { type: 'text', value: name, maxlength: 120, 'aria-label': 'Name of the snapshot' });
    let isOver = false;
    const end = async (isKept) => {
      if (isOver) return;
      isOver = true;
      if (isKept && field.value.trim() && field.value !== name) await request('PATCH', `photos/${photo}/snapshots/${id}`, { name: field.value });
      if (this.photo()?.id === photo) await this.load();
    };
    field.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Enter' || event.key === 'Escape') {
        event.preventDefault(); // the menu stays open
        end(event.key === 'Enter').catch(tellError);
      }
    });
    field.addEventListener('blur', () => end(true).catch(tellError));
    row.replaceChildren(field);
    field.focus();
    field.select();
  }

  async #delete({ id, name }) {
    const photo = this.#photo;
    await request('DELETE', `photos/${photo}/snapshots/${id}`);
    const notes = journal('edit');
    const step = notes.add('snapshot-delete', `deleted the snapshot “${name}”`, { photo, snapshot: id });
    await this.load();
    toast(`The snapshot “${name}” was deleted.`, { label: 'Undo', run: () => notes.takeBack(step).catch(tellError) });
  }
}
