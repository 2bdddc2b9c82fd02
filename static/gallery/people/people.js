// The people in the photos: everybody, one person's faces, splitting one, and what stands beside them.

import { ApiError, request } from '../../common/api.js';
import { h, tellError, toast } from '../../common/dom.js';
import { isBusy } from '../../common/engines.js';
import { Progress } from '../../common/waiting.js';
import { many, number } from '../said.js';
import { Corrections } from './corrections.js';
import { FaceView } from './faceview.js';
import { Overview } from './overview.js';
import { PeoplePanel } from './panel.js';
import { SplitView } from './splitview.js';

const LOOK_AGAIN_MS = 2000; // while faces are named in the background
const GONE = 404;
const PLACES = ['person', 'group', 'alone', 'ignored'];

/** @typedef {'overview' | 'faces' | 'split'} View */

export class People {
  #overview = { people: [], groups: [], alone: 0, ignored: 0, state: { state: 'done', step: '' }, engine: { name: '', label: '' } };
  #shown = false;
  /** @type {View} */
  #view = 'overview';
  #loading = null;
  #stale = false;
  #timer = null;
  #tagging = null; // how far that is
  #last = null; // id of the person or kind of the faces looked at last

  /**
   * @param {{onOpen: (photo: string) => void, onShowPerson: (person: string, name: string) => void,
   *     onMove: (isBack: boolean) => void}} options onOpen: a photo is to be seen; onShowPerson: all photos of somebody;
   *     onMove: `parts` are others; isBack: one is back where one came from
   */
  constructor({ onOpen, onShowPerson, onMove }) {
    this.onMove = onMove;
    const people = () => this.#overview.people;
    this.corrections = new Corrections(() => this.changed());
    this.overview = new Overview({ corrections: this.corrections, onOpen: (subject) => this.#open(subject).catch(tellError) });
    this.faces = new FaceView({ people, corrections: this.corrections, onOpen, onBack: () => this.#back() });
    this.split = new SplitView({ people, corrections: this.corrections, onBack: () => this.#open(this.faces.subject, true).catch(tellError) });
    this.about = new PeoplePanel({
      people,
      corrections: this.corrections,
      onSure: (sure) => this.faces.showSure(sure),
      onSureChosen: (sure) => this.#setSure(sure).catch(tellError),
      onPhotos: ({ id, name }) => onShowPerson(id, name),
      onSplit: (person) => this.#split(person).catch(tellError),
      onMerged: ({ id }) => this.#open({ kind: 'person', id }).catch(tellError),
      onLeave: () => this.#here.focus(),
    });
    this.progress = new Progress();
    this.step = h('span');
    this.state = h('div.people-state', { role: 'status', hidden: true }, this.step, this.progress.element);
    this.element = h('section.people', { 'aria-label': 'People', hidden: true, tabindex: -1 }, this.state, this.overview.element, this.faces.element, this.split.element);
    this.panel = h('section.people-panel', { 'aria-label': 'About people', hidden: true }, this.about.element);
    this.#setView('overview');
  }

  /** The view comes to be seen. */
  async show() {
    this.#shown = true;
    const [{ faceSure }] = await Promise.all([request('GET', 'gallery'), this.#load()]);
    this.#showSure(faceSure);
    this.#here.focus();
  }

  hide() {
    this.#shown = false;
    clearTimeout(this.#timer);
  }

  /** @param {?import('../news.js').Told} told how far the tagging of photos is; null: none is under way */
  showTagging(told) {
    this.#tagging = told;
    this.#showState();
  }

  /** Gives the keys back to where they were last. */
  focus() {
    this.#here.focus();
  }

  /** What the server knows of faces and people is not what it was. */
  async changed() {
    if (!this.#shown) return;
    await this.#load().catch(tellError);
  }

  get #here() {
    return { overview: this.overview, faces: this.faces, split: this.split }[this.#view];
  }

  /** Who is looked at, as far as it is one person. */
  get #person() {
    const { subject } = this.faces;
    return this.#view === 'overview' || subject?.kind !== 'person' ? null : this.#overview.people.find(({ id }) => id === subject.id) ?? null;
  }

  /** Asks anew for all that is shown; what changes meanwhile is asked for once more. */
  #load() {
    if (this.#loading) {
      this.#stale = true;
      return this.#loading;
    }
    this.#loading = this.#loadOnce().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  async #loadOnce() {
    do {
      this.#stale = false;
      this.#overview = await request('GET', 'gallery/people');
      const focused = this.element.contains(document.activeElement);
      if (this.#view !== 'overview') await this.#loadFaces();
      this.#showAll();
      if (focused && document.activeElement === document.body) this.focus(); // what had the keys is gone
    } while (this.#stale);
  }

  /** A person whose faces are all somebody else's is gone. */
  async #loadFaces() {
    try {
      if (this.faces.subject.kind === 'person' && !this.#person) this.#back();
      else if (this.#view === 'faces') await this.faces.reload();
      else await this.split.load(this.#person);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== GONE) throw error;
      this.#back();
    }
  }

  #showAll() {
    const person = this.#person;
    this.overview.show(this.#overview);
    if (person) this.faces.showName(person.name);
    this.about.show(this.#overview, person);
    clearTimeout(this.#timer);
    if (isBusy(this.#overview.state) && this.#shown) this.#timer = setTimeout(() => this.changed(), LOOK_AGAIN_MS);
    this.#showState();
  }

  /** Says what goes on in the background: photos are looked at, or faces named. */
  #showState() {
    const { state, step } = this.#overview.state;
    const tagging = this.#tagging;
    const busy = Boolean(tagging) || isBusy({ state });
    this.state.hidden = !busy && state !== 'failed';
    this.step.textContent = tagging ? `Looking for faces: ${number(tagging.done)} of ${many(tagging.total, 'photo')}` : step;
    this.progress.element.hidden = !busy;
    this.progress.show(tagging ? tagging.done / Math.max(1, tagging.total) : null);
  }

  #showSure(sure) {
    this.about.showSure(sure);
    this.faces.showSure(sure);
  }

  async #setSure(sure) {
    await request('PATCH', 'gallery', { faceSure: sure });
    await this.changed();
  }

  // Where one is

  /** Where one is, for the page's address. @returns {import('../../common/place.js').Parts} */
  get parts() {
    const { kind, id } = this.#view === 'overview' ? {} : this.faces.subject;
    return { person: kind === 'person' ? id : null, group: kind === 'group' ? id : null, faces: kind && !id ? kind : null, split: this.#view === 'split' ? '1' : null };
  }

  /** Goes where an address leads; who is not there any more is told. @param {URLSearchParams} params */
  async arrive(params) {
    await this.#load();
    const kind = ['person', 'group'].find((name) => params.get(name)) ?? params.get('faces');
    const subject = { kind, ...(params.get(kind) && { id: params.get(kind) }) };
    const person = this.#overview.people.find(({ id }) => id === subject.id);
    if (!PLACES.includes(kind)) this.#setView('overview');
    else if (kind === 'person' && !person) {
      this.#setView('overview');
      toast('This person is not in your gallery: nobody has the name any more, or it is somebody else’s.', { kind: 'error' });
    } else if (person && params.has('split')) {
      this.faces.subject = subject;
      await this.#split(person);
    } else {
      await this.#open(subject);
    }
    this.#showAll();
    this.onMove(false);
  }

  /** @param {View} view */
  #setView(view) {
    this.#view = view;
    for (const [name, { element }] of Object.entries({ overview: this.overview, faces: this.faces, split: this.split })) element.hidden = name !== view;
  }

  async #open(subject, isBack = false) {
    this.#setView('faces');
    this.#last = subject.id ?? subject.kind;
    const opening = this.faces.open(subject, this.#overview.people.find(({ id }) => id === subject.id)?.name);
    this.#showAll();
    this.onMove(isBack);
    await opening;
  }

  async #split(person) {
    this.#setView('split');
    this.onMove(false);
    await this.split.open(person);
  }

  #back() {
    this.#setView('overview');
    this.onMove(true);
    this.#showAll();
    const from = this.overview.element.querySelector(`[data-person="${this.#last}"] button, [data-kind="${this.#last}"]`);
    if (from) from.focus();
    else this.overview.focus();
  }
}
