// A small picture of what an export will be, and how large its file.

import { requestFile } from '../common/api.js';
import { h, iconButton } from '../common/dom.js';
import { size } from '../common/files.js';
import { Progress } from '../common/waiting.js';
import { number } from '../gallery/said.js';

const QUIET_MS = 300; // after the last change

export class Preview {
  #wanted = null;
  #timer = 0;
  #isAsking = false;
  #url = null;

  /** @param {(name: string) => void} onName what the file will be called @param {(step: number) => void} onStep another photo is to be seen */
  constructor(onName, onStep) {
    this.onName = onName;
    this.picture = h('img', { alt: '', hidden: true, onload: () => this.#showNear() });
    this.picture.addEventListener('error', () => { if (this.#url) this.#say('This browser cannot show such a file; it will be fine.'); });
    this.said = h('p.export-said', { hidden: true });
    this.progress = new Progress();
    this.progress.show(null);
    this.file = h('b');
    this.facts = h('span', { role: 'status' });
    this.near = iconButton('search', 'Closer', () => { this.element.classList.toggle('near'); this.#showNear(); }, { 'aria-pressed': 'false' });
    this.steps = h('span', {}, iconButton('back', 'The photo before', () => onStep(-1)), iconButton('next', 'The next photo', () => onStep(1)));
    new ResizeObserver(() => this.#showNear()).observe(this.picture);
    this.element = h('figure.export-preview', {}, h('div.export-stage', {}, this.picture, this.said, this.progress.element),
      h('figcaption', {}, this.file, this.facts, h('span.export-steps', {}, this.near, this.steps)));
  }

  /**
   * Shows a photo with settings, a moment later.
   * @param {{photo: string, name: string, body: object}} wanted body: of the request
   */
  show(wanted) {
    this.#wanted = wanted;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), QUIET_MS);
  }

  end() {
    this.#wanted = null;
    clearTimeout(this.#timer);
    URL.revokeObjectURL(this.#url);
  }

  /** One is asked for at a time. */
  async #ask() {
    const wanted = this.#wanted;
    if (!wanted || this.#isAsking) return;
    this.#isAsking = true;
    this.progress.element.hidden = false;
    try {
      const answer = await requestFile('POST', `photos/${wanted.photo}/export-preview`, wanted.body);
      if (this.#wanted?.photo === wanted.photo) this.#take(wanted, answer);
    } catch (error) {
      if (this.#wanted === wanted) this.#fail(error.message);
    } finally {
      this.#isAsking = false;
      this.progress.element.hidden = true;
    }
    if (this.#wanted && this.#wanted !== wanted) this.#ask();
  }

  #take({ name: photo }, { blob, notes, told }) {
    const name = told('x-envo-name');
    const pixels = told('x-envo-size').split('x').map(Number);
    URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(blob);
    this.picture.src = this.#url;
    this.picture.alt = `${photo} as it will be`;
    this.picture.hidden = false;
    this.file.textContent = name;
    this.facts.textContent = `${pixels.map(number).join(' × ')} · about ${size(Number(told('x-envo-bytes')))}`;
    this.onName(name);
    this.#say(notes);
  }

  /** Offers to come closer where the picture has more pixels than are seen. */
  #showNear() {
    const { picture } = this;
    const isNear = this.element.classList.contains('near');
    picture.style.width = isNear ? `${picture.naturalWidth / devicePixelRatio}px` : '';
    this.near.setAttribute('aria-pressed', isNear);
    this.near.hidden = !isNear && picture.naturalWidth <= Math.ceil(picture.clientWidth * devicePixelRatio);
  }

  #fail(sentence) {
    this.picture.hidden = true;
    this.file.textContent = '';
    this.facts.textContent = '';
    this.onName('');
    this.#say(sentence);
  }

  #say(sentence) {
    this.said.textContent = sentence;
    this.said.hidden = !sentence;
  }
}
