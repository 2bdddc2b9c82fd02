// A photo at large, with its tags and the faces on it; and all that were found, one after another.

import { h, icon, iconButton, tellError } from '../common/dom.js';
import { cover } from '../common/modal.js';
import { storage } from '../common/storage.js';
import { asItCame, boxIn } from '../common/renditions.js';
import { Stars } from '../library/stars.js';
import { AboutPhoto } from './aboutphoto.js';
import { FaceLayer } from './people/faces.js';
import { Picture } from './picture.js';
import { number } from './said.js';

const SECONDS = 4; // that a slideshow shows a photo
const FACES = 'envo:faces-shown';
const ABOUT = 'envo:about-shown';
const TABS = { Edit: 'pencil', Replace: 'brush', Restore: 'again' };
const SWIPE = 60; // pixels a finger has to travel

export class Lightbox {
  /** @type {?import('./pages.js').Photo} */
  photo = null;
  #source = null;
  #index = 0;
  #next = 0; // the timer of the slideshow
  #turn = 0;
  #from = null; // where a finger came down
  #uncover = null;
  #original = false; // the photo is shown as it came
  #known = { id: null, people: [] }; // whose faces are in it

  /**
   * @param {{about: object, onOpen: (tab: string) => void, onDownload: (ids: string[], by: HTMLElement) => void,
   *     onDelete: (ids: string[]) => void, onShown: () => void, onClose: (id: ?string, isBack: boolean) => void,
   *     onChanged: () => void}} options
   *     about: for `AboutPhoto`; onOpen: the photo is wanted in another tab; onShown: another photo is shown; onClose:
   *     isBack tells whether what lies below is to be seen again; onChanged: faces were corrected
   */
  constructor({ about, onOpen, onDownload, onDelete, onShown, onClose, onChanged }) {
    this.onShown = onShown;
    this.onClose = onClose;
    this.faces = new FaceLayer({ onChange: onChanged });
    this.picture = new Picture([this.faces.element]);
    this.about = new AboutPhoto({
      ...about,
      onHover: (row) => this.picture.outline(row?.boxes ?? [], row?.word),
      onKnown: (detail) => { this.#known = detail; this.#placeFaces(); },
    });
    this.name = h('b.lightbox-name');
    this.place = h('span.lightbox-place');
    this.stars = new Stars((rating) => about.onRate([this.photo.id], rating));
    this.play = iconButton('play', 'Play all (p)', () => this.toggleShow());
    this.pause = iconButton('pause', 'Stop (p)', () => this.toggleShow());
    this.originalButton = h('button.link.lightbox-original', { type: 'button', title: 'The photo as it came, or as edited (o)', onclick: () => this.#toggleOriginal() }, 'Original');
    this.faceButton = iconButton('face', 'Faces (f)', () => this.#toggleFaces());
    this.aboutButton = iconButton('info', 'What is known (i)', () => this.#toggleAbout());
    this.full = iconButton('full', 'Full screen', () => this.#toggleFull().catch(tellError));
    this.close = iconButton('close', 'Back (Esc)', () => this.hide());
    this.before = iconButton('back', 'The photo before', () => this.step(-1));
    this.after = iconButton('next', 'The photo after', () => this.step(1));
    this.before.classList.add('lightbox-before');
    this.after.classList.add('lightbox-after');
    const act = (name, label, run) => h('button.lightbox-act', { type: 'button', onclick: (event) => run(event.currentTarget) }, icon(name), h('span', {}, label));
    this.acts = h('div.lightbox-acts', { role: 'group', 'aria-label': 'What to do with it' }, Object.entries(TABS).map(([tab, name]) => act(name, tab, () => onOpen(tab))),
      act('download', 'Download', (by) => onDownload([this.photo.id], by)), act('trash', 'Delete', () => onDelete([this.photo.id])));
    this.stage = h('div.lightbox-stage', {}, this.picture.element, this.before, this.after);
    this.element = h('div.lightbox', { role: 'dialog', 'aria-modal': 'true', 'aria-label': 'The photo', tabindex: -1, hidden: true },
      h('header.lightbox-head', {}, this.name, this.place, this.stars.element, h('span.space'), this.originalButton, this.acts, this.faceButton, this.aboutButton, this.play, this.pause, this.full, this.close),
      this.stage, h('aside.lightbox-about', { 'aria-label': 'What is known' }, this.about.element));
    this.#watchFingers();
    document.addEventListener('fullscreenchange', () => this.element.classList.toggle('full', Boolean(document.fullscreenElement)));
  }

  get isShown() {
    return !this.element.hidden;
  }

  get isPlaying() {
    return this.element.classList.contains('playing');
  }

  /** @param {{count: number, get: (index: number) => Promise<?object>}} source of photos @param {number} index */
  async show(source, index) {
    this.#source = source;
    this.element.hidden = false;
    this.#cover(true);
    this.#showFaces(storage.get(FACES) !== 'no');
    this.#showAbout(storage.get(ABOUT) !== 'no' && innerWidth > 720);
    this.#showPlaying(false);
    this.element.focus({ preventScroll: true });
    await this.#open(index);
  }

  /** @param {{isBack?: boolean}} [how] false: something else is to be seen than what lies below */
  hide({ isBack = true } = {}) {
    if (!this.isShown) return;
    this.#stop();
    this.#turn += 1;
    if (document.fullscreenElement) document.exitFullscreen();
    this.element.hidden = true;
    this.#cover(false);
    const { id } = this.photo ?? {};
    this.photo = null;
    this.onClose(id, isBack);
  }

  /** Goes so many photos on; past the last comes the first. */
  step(by) {
    const { count } = this.#source;
    if (count) this.#open((this.#index + by + count) % count).catch(tellError);
  }

  /** Draws the faces. */
  showFaces() {
    storage.set(FACES, 'yes');
    this.#showFaces(true);
  }

  /** Shows all photos by themselves, or stops that. */
  toggleShow() {
    if (this.isPlaying) this.#stop();
    else {
      this.#showPlaying(true);
      this.#wait();
    }
  }

  /** What is known of the photo may have changed. @param {object} [photo] as it is now */
  refresh(photo = this.photo) {
    if (!this.isShown || !photo) return;
    const isOther = photo.edit !== this.photo.edit;
    this.photo = photo;
    if (isOther) this.#showPicture().catch(tellError);
    this.stars.show(photo.rating);
    this.about.show(photo).catch(tellError);
  }

  /** Photos are gone; if it is this one, the one that follows comes into its place. @param {string[]} ids */
  async reopen(ids) {
    if (!this.isShown || !ids.includes(this.photo?.id)) return;
    if (this.#source.count < 2) {
      this.hide();
      return;
    }
    const follows = await this.#source.get(this.#index);
    await this.#open(follows && !ids.includes(follows.id) ? this.#index : Math.max(0, this.#index - 1));
  }

  /** @returns {boolean} whether the key was meant for this */
  onKey({ key }) {
    const actions = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      Escape: () => (this.isPlaying ? this.#stop() : this.hide()),
      ' ': () => this.toggleShow(),
      p: () => this.toggleShow(),
      f: () => this.#toggleFaces(),
      o: () => this.#toggleOriginal(),
      i: () => this.#toggleAbout(),
      t: () => { this.#showAbout(true); this.about.tags.input.focus(); },
    };
    actions[key]?.();
    return Boolean(actions[key]);
  }

  async #open(index) {
    this.#turn += 1;
    const turn = this.#turn;
    clearTimeout(this.#next);
    const photo = await this.#source.get(index);
    if (turn !== this.#turn || !photo) return;
    this.#index = index;
    this.photo = photo;
    this.onShown();
    const { count } = this.#source;
    this.name.textContent = photo.title || photo.name;
    this.place.textContent = count > 1 ? `${number(index + 1)} of ${number(count)}` : '';
    for (const each of [this.before, this.after, this.play]) each.disabled = count < 2;
    this.stars.show(photo.rating);
    this.picture.outline([]);
    this.#known = { id: photo.id, people: [] };
    this.about.show(photo).catch(tellError);
    this.#original = false;
    if (!(await this.#showPicture())) return;
    if (this.isPlaying) this.#wait();
    if (count > 1) this.picture.prepare(await this.#source.get((index + 1) % count));
  }

  /** Shows the photo as edited, or as it came. @returns {Promise<boolean>} false: another was asked for meanwhile */
  #showPicture() {
    this.originalButton.hidden = !this.photo.edit;
    this.originalButton.setAttribute('aria-pressed', this.#original);
    this.#placeFaces();
    return this.picture.show(this.#shown);
  }

  /** The photo as it is shown. */
  get #shown() {
    return this.#original ? asItCame(this.photo) : this.photo;
  }

  /** Puts the faces where the picture shows them; those that it cuts off are not there. */
  #placeFaces() {
    const { id, people } = this.#known.id === this.photo.id ? this.#known : { id: this.photo.id, people: [] };
    this.faces.show(id, people.flatMap((face) => { const box = boxIn(this.#shown, face.box); return box ? [{ ...face, box }] : []; }));
  }

  #toggleOriginal() {
    if (!this.photo?.edit) return;
    this.#original = !this.#original;
    this.#showPicture().catch(tellError);
  }

  #wait() {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.step(1), SECONDS * 1000);
  }

  #stop() {
    clearTimeout(this.#next);
    this.#showPlaying(false);
  }

  #showPlaying(on) {
    this.element.classList.toggle('playing', on);
    this.play.hidden = on;
    this.pause.hidden = !on;
    (on ? this.pause : this.play).blur();
  }

  #toggleFaces() {
    const on = this.faceButton.getAttribute('aria-pressed') !== 'true';
    storage.set(FACES, on ? 'yes' : 'no');
    this.#showFaces(on);
  }

  #showFaces(on) {
    this.faceButton.setAttribute('aria-pressed', on);
    this.faces.toggle(on);
  }

  #toggleAbout() {
    const on = !this.element.classList.contains('with-about');
    storage.set(ABOUT, on ? 'yes' : 'no');
    this.#showAbout(on);
  }

  #showAbout(on) {
    this.aboutButton.setAttribute('aria-pressed', on);
    this.element.classList.toggle('with-about', on);
  }

  /** What lies below cannot be reached meanwhile. */
  #cover(on) {
    if (on) this.#uncover ??= cover(this.element);
    else {
      this.#uncover?.();
      this.#uncover = null;
    }
  }

  async #toggleFull() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await this.element.requestFullscreen();
  }

  #watchFingers() {
    this.stage.addEventListener('pointerdown', (event) => { this.#from = event.pointerType === 'touch' ? event.clientX : null; });
    this.stage.addEventListener('pointerup', ({ clientX }) => {
      const travelled = this.#from === null ? 0 : clientX - this.#from;
      this.#from = null;
      if (Math.abs(travelled) > SWIPE) this.step(travelled < 0 ? 1 : -1);
    });
    this.stage.addEventListener('pointercancel', () => { this.#from = null; });
  }
}
