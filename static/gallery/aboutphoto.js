// What is known about one photo: its title, stars, file, tags and people; in the panel and beside the photo at large.

import { address, request } from '../common/api.js';
import { Aside } from '../common/aside.js';
import { h, setChildren, tellError } from '../common/dom.js';
import { size } from '../common/files.js';
import { Gone, goneIf, journal, undoes } from '../common/undo.js';
import { renamable } from '../library/grid.js';
import { Stars } from '../library/stars.js';
import { moment, percent } from './said.js';
import { TagList, rowsOf } from './tags.js';

export class AboutPhoto {
  /** @type {?import('./details.js').Detail} */
  detail = null;
  #id = null;
  #shown = null; // what is known of the photo until its details are

  /**
   * @param {{details: import('./details.js').Details, engines: () => string, waits: () => string,
   *     onCorrect: (ids: string[], correction: object) => void, onRate: (ids: string[], rating: number) => void,
   *     onFind: (wish: object) => void, onAgain: (ids: string[]) => void, onWho: (id: string) => void, onRenamed: () => void,
   *     onHover?: (row: ?object) => void, onKnown?: (detail: object) => void}} options
   *     onAgain: it is to be looked at once more; onWho: a face on it is to be named;
   *     engines: who looks at photos; waits: what is said of a photo that was not looked at yet
   */
  constructor({ details, engines, waits, onCorrect, onRate, onFind, onAgain, onWho, onRenamed, onHover, onKnown }) {
    Object.assign(this, { details, engines, waits, onKnown });
    this.name = h('b.photo-name');
    renamable(this.name, () => this.detail ?? this.#shown, onRenamed);
    this.title = h('input.photo-title', { type: 'text', placeholder: 'Add a title', 'aria-label': 'Title', autocomplete: 'off', maxlength: 1000 });
    this.title.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') this.title.value = this.detail?.title ?? '';
      if (['Enter', 'Escape'].includes(event.key)) this.title.blur();
    });
    this.title.addEventListener('change', () => this.#setTitle(this.title.value.trim()).catch(tellError));
    this.stars = new Stars((rating) => onRate([this.#id], rating));
    this.file = h('p.about-file');
    this.tags = new TagList({ onCorrect: (correction) => onCorrect([this.#id], correction), onFind: (word) => onFind({ tags: [word] }), onHover });
    this.people = h('div.about-people');
    this.peopleSection = h('section', { 'aria-label': 'People' }, h('h3', {}, 'People'), this.people);
    Object.assign(this, { onFind, onWho });
    this.engineNames = new Aside('What looked at it');
    this.by = h('div.about-by', {}, this.engineNames.elements);
    this.again = h('button.link', { type: 'button', onclick: () => onAgain([this.#id]) }, 'Look again');
    this.by.prepend(this.again);
    this.element = h('div.about-photo', {}, this.name, this.title, this.stars.element, this.file, this.tags.element, this.peopleSection, this.by);
  }

  /** Shows a photo; what is not known of it yet comes. @param {import('./pages.js').Photo | {id: string}} photo */
  async show(photo) {
    const isOther = this.#id !== photo.id;
    this.#id = photo.id;
    this.#shown = photo.name ? photo : null;
    if (isOther) {
      this.detail = null;
      if (photo.name) this.#showPhoto(photo);
      this.tags.show([]);
      this.tags.say('');
      this.peopleSection.hidden = true;
    }
    const detail = await this.details.get(photo.id);
    if (this.#id !== photo.id || this.detail === detail) return;
    this.detail = detail;
    this.#showPhoto(detail);
    this.#showTags(detail);
    this.#showPeople(detail.people);
    this.onKnown?.(detail);
  }

  showRating(rating) {
    this.stars.show(rating);
  }

  #showPhoto({ name, title, rating, format, width, height, bytes, taken, camera, edit }) {
    if (!this.name.isContentEditable) this.name.textContent = name;
    if (document.activeElement !== this.title) this.title.value = title;
    this.stars.show(rating);
    const file = [format, `${width} × ${height}`, bytes ? size(bytes) : null].filter(Boolean).join(' · ');
    const origin = [taken && moment(taken), camera].filter(Boolean).join(' · ');
    this.file.replaceChildren(...[file, origin, edit && 'Edited; at large, O shows it as it came'].filter(Boolean).map((line) => h('span', {}, line)));
  }

  #showTags({ tags, tagged, trouble }) {
    this.tags.show(rowsOf(tags));
    if (trouble) this.tags.say(trouble);
    else if (!tagged) this.tags.say(this.waits());
    else this.tags.say(tags.some(({ shown }) => shown) ? '' : 'Nothing was seen that is sure enough to be a tag.');
    this.by.hidden = !tagged;
    this.engineNames.show(this.engines());
  }

  #showPeople(faces) {
    const people = faces.filter(({ state }) => state !== 'ignored');
    this.peopleSection.hidden = people.length === 0;
    setChildren(this.people, people.map(({ id, person, name, confidence, known, state }) => {
      const isNamed = known && name;
      return h('button.about-person', { type: 'button', title: isNamed ? `Photos of ${name}` : 'Say who it is', onclick: () => (isNamed ? this.onFind({ person: { id: person, name } }) : this.onWho(this.#id)) },
        h('img', { src: address(`gallery/faces/${id}/crop`), alt: '', loading: 'lazy' }),
        h('span', {}, isNamed ? name : 'Who is it?'), h('small', {}, isNamed && state !== 'named' ? percent(confidence) : ''));
    }));
  }

  async #setTitle(title) {
    const { detail } = this;
    if (!detail || title === detail.title) return;
    await request('PATCH', `gallery/photos/${detail.id}`, { title });
    journal().add('title', title ? `called “${detail.name}” “${title}”` : `took the title off “${detail.name}”`, { photo: detail.id, before: detail.title, after: title });
    this.details.forget();
    detail.title = title;
  }
}

undoes('title', {
  undo: ({ photo, before, after }) => entitle(photo, after, before),
  redo: ({ photo, before, after }) => entitle(photo, before, after),
});

async function entitle(photo, from, to) {
  const { title } = await request('GET', `gallery/photos/${photo}`).catch(goneIf(404, 'The photo is not in your library any more, so that its title stays.'));
  if (title !== from) throw new Gone(`The photo was given another title since, “${title}”; that stays.`);
  await request('PATCH', `gallery/photos/${photo}`, { title: to });
}
