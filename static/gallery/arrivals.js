// What goes on above the wall: photos and zips that arrive, tagging, photos being mended; and what came of it.

import { address } from '../common/api.js';
import { h, iconButton, setChildren, tellError } from '../common/dom.js';
import { Progress } from '../common/waiting.js';
import { isBusy } from '../common/engines.js';
import { absentSaid, lackingSaid } from '../library/copies.js';
import { Confirming } from './confirming.js';
import { many, number } from './said.js';

const PASTING = { paste: 'Pasting the edit', sync: 'Giving the edit', preset: 'Putting the preset', reset: 'Resetting edits' };

/** One line: what is done, how far it is, and what can be done about it. */
class Line {
  constructor(kind) {
    this.text = h('b');
    this.said = h('span.going-said');
    this.links = h('span.going-links');
    this.progress = new Progress();
    this.parts = h('div.going-parts');
    this.notes = h('details.going-notes', {}, h('summary'), h('ul'));
    this.end = h('span');
    this.element = h(`div.going.${kind}`, { role: 'status' }, h('div.going-line', {}, this.text, this.said, this.links, this.end), this.progress.element, this.parts, this.notes);
  }

  /**
   * @param {{text, said: string, fraction?: ?number, links?: [string, () => void][], notes?: string[], noted?: string,
   *     onEnd?: ?() => void, end?: string, parts?: [string, () => void][]}} line fraction: undefined for what is not under
   *     way; notes are below what is `noted`; parts: links on a line of their own
   */
  show({ text, said, fraction, links = [], parts = [], notes = [], noted = '', onEnd = null, end = 'Dismiss' }) {
    this.text.textContent = text;
    this.said.textContent = said;
    const key = links.map(([label]) => label).join();
    if (this.links.dataset.key !== key) {
      this.links.dataset.key = key;
      this.links.replaceChildren(...links.map(([label], index) => h('button.link', { type: 'button', onclick: () => this.runs[index]() }, label)));
    }
    this.parts.hidden = !parts.length;
    if (this.parts.children.length !== parts.length) this.parts.replaceChildren(...parts.map(([label, run]) => h('button.link', { type: 'button', onclick: run }, label)));
    this.runs = links.map(([, run]) => run);
    this.progress.element.hidden = fraction === undefined;
    if (fraction !== undefined) this.progress.show(fraction);
    this.notes.hidden = notes.length === 0;
    this.notes.firstChild.textContent = noted;
    if (this.notes.lastChild.children.length !== notes.length) this.notes.lastChild.replaceChildren(...notes.map((note) => h('li', {}, note)));
    this.onEnd = onEnd;
    if (Boolean(onEnd) !== Boolean(this.end.firstChild) || this.ends !== end) {
      this.ends = end;
      this.end.replaceChildren(...(onEnd ? [iconButton('close', end, () => this.onEnd())] : []));
    }
  }
}

export class Arrivals {
  #zips = new Map(); // lines by id
  #pastes = new Map(); // the same
  #frame = 0;

  /**
   * @param {{uploads: import('./uploads.js').Uploads, news: import('./news.js').News, batch: import('./batch.js').StepBatch,
   *     exports: import('../export/exports.js').Exports, pastes: import('../library/copies.js').Pastes,
   *     onShow: (photos: object[]) => void, onCompare: (pairs: object[]) => void}} options
   *     onShow: photos are to be seen on the wall; onCompare: those that look alike, beside each other
   */
  constructor({ uploads, news, batch, exports, pastes, onShow, onCompare }) {
    Object.assign(this, { uploads, news, batch, exports, pastes, onShow, onCompare });
    this.photos = new Line('uploading');
    this.tagging = new Line('tagging');
    this.mending = new Line('mending');
    this.exporting = new Line('exporting');
    this.element = h('div.going-on');
    for (const each of [uploads, batch, exports, pastes]) each.addEventListener('change', () => this.#soon());
    news.addEventListener('news', () => this.#soon());
    news.addEventListener('change', () => this.#lookAgain().catch(tellError));
  }

  /** Progress comes often: it is shown once a frame. */
  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#show();
    });
  }

  #show() {
    const { uploads, news, batch, exports } = this;
    const lines = [];
    if (uploads.bunch) lines.push(this.#bunch(uploads.bunch));
    for (const { name, fraction } of uploads.sending) lines.push(this.#zip(name, { text: `Sending ${name}`, said: '', fraction }));
    for (const zip of uploads.zips) lines.push(this.#unpacked(zip));
    if (batch.news) lines.push(this.#batch(batch.news));
    if (exports.news) lines.push(this.#exported(exports.news));
    for (const paste of this.pastes.all) lines.push(this.#paste(paste));
    if (news.isBusy && news.told.total) lines.push(this.#tagged(news.told));
    setChildren(this.element, lines.map(({ element }) => element));
  }

  #bunch(bunch) {
    const { uploads, photos } = this;
    const { total, ended, added, known, alike, told, refused, lost } = bunch;
    const said = [
      known.length ? `${known.length} already here` : null,
      told.length ? `${many(told.length, '.xmp file')} read` : null,
      alike.length ? `${alike.length} ${alike.length === 1 ? 'looks' : 'look'} like others` : null,
    ].filter(Boolean).join(' · ');
    const links = [];
    if (lost.length && !uploads.isBusy) links.push(['Try again', () => uploads.add(lost)]);
    if (alike.length) links.push(['Compare', () => this.onCompare(alike)]);
    if (known.length && !uploads.isBusy) links.push(['Show those already here', () => this.onShow(known)]);
    photos.show({
      text: uploads.isBusy ? `Adding ${Math.min(ended + 1, total)} of ${many(total, 'photo')}` : added.length ? `${many(added.length, 'photo')} added` : told.length ? 'No new photos' : 'Nothing new',
      said,
      fraction: uploads.isBusy ? uploads.fraction : undefined,
      links,
      noted: `${refused.length} could not be ${lost.length ? 'added' : 'read'}`,
      notes: refused.map(({ name, why }) => `${name}: ${why}`),
      onEnd: () => (uploads.isBusy ? uploads.stop() : uploads.dismiss()),
      end: uploads.isBusy ? 'Stop' : 'Dismiss',
    });
    return photos;
  }

  #zip(id, line) {
    if (!this.#zips.has(id)) this.#zips.set(id, new Line('zip'));
    this.#zips.get(id).show(line);
    return this.#zips.get(id);
  }

  #unpacked({ id, name, state, done, total, added, known, notes }) {
    const isBusy = state === 'working';
    return this.#zip(id, {
      text: isBusy ? `Unpacking ${name}` : state === 'failed' ? `${name} could not be unpacked` : `${many(added, 'photo')} added from ${name}`,
      said: [isBusy && total ? `${done} of ${total}` : null, known ? `${known} already here` : null].filter(Boolean).join(' · '),
      fraction: isBusy ? (total ? done / total : null) : undefined,
      notes,
      noted: many(notes.length, 'note'),
      onEnd: () => this.uploads.removeZip(id).catch(tellError),
      end: isBusy ? 'Stop' : 'Dismiss',
    });
  }

  #batch({ batch: id, state, step, done, total, current, items }) {
    const { batch, mending } = this;
    const failed = items.filter((item) => item.state === 'failed');
    const ended = done + failed.length;
    const made = items.filter((item) => item.made);
    const left = items.filter((item) => item.state === 'done' && !item.made);
    mending.show({
      text: batch.isBusy ? `${batch.doing} ${ended} of ${many(total, 'photo')}` : state === 'failed' ? 'That did not work' : made.length ? `${many(made.length, 'photo')} made` : 'Nothing to be done',
      said: batch.isBusy ? (current ? `${current.name}: ${current.step}` : step) : left.length ? `${left.length} fine as before` : '',
      fraction: batch.isBusy ? (ended + (current?.fraction ?? 0)) / total : undefined,
      links: made.length && !batch.isBusy ? [
        ['Show', () => this.onShow(made.map((item) => ({ id: item.made })))],
        ['Download', () => h('a', { href: address(`restorations/batch/${id}/zip`), download: '' }).click()],
      ] : [],
      notes: failed.map(({ name, why }) => `${name}: ${why}`),
      noted: `${failed.length} failed`,
      onEnd: () => (batch.isBusy ? batch.cancel().catch(tellError) : batch.dismiss()),
      end: batch.isBusy ? 'Cancel' : 'Dismiss',
    });
    return mending;
  }

  /** Faces may have been named, of which it is asked here whose they are. */
  async #lookAgain() {
    for (const { paste, unsure } of this.pastes.all) if (unsure?.length) await this.pastes.look(paste);
  }

  #exported({ state, step, done, total, current, items, to }) {
    const { exports, exporting } = this;
    const failed = items.filter((item) => item.state === 'failed');
    const told = items.filter((item) => item.state === 'done' && item.why);
    const made = items.filter((item) => item.made).map((item) => ({ id: item.made }));
    const busy = exports.isBusy;
    const isThere = to === 'library' ? made.length > 0 : state === 'done' && done > 0;
    exporting.show({
      text: busy ? `Exporting ${done + failed.length} of ${many(total, 'photo')}` : state === 'cancelled' ? 'The export was cancelled' : isThere ? `${many(done, 'photo')} exported` : 'That did not work',
      said: busy ? current?.name ?? step : state === 'failed' ? step : to !== 'library' && isThere ? `the ${to} is kept for an hour` : '',
      fraction: busy ? (done + failed.length + (current?.fraction ?? 0)) / total : undefined,
      links: busy || !isThere ? [] : [to === 'library' ? ['Show', () => this.onShow(made)] : ['Download', () => exports.download()]],
      notes: busy ? [] : [...failed, ...told].map(({ name, why }) => `${name}: ${why}`),
      noted: failed.length ? `${failed.length} failed` : many(told.length, 'note'),
      onEnd: () => (busy ? exports.cancel().catch(tellError) : exports.forget().catch(tellError)),
      end: busy ? 'Cancel' : 'Dismiss',
    });
    return exporting;
  }

  #paste(news) {
    const { paste, what, state, step, fraction, done, total, failed = [], notes = [], lacking = [], absent = [], unsure = [] } = news;
    const busy = isBusy(news);
    const show = (ids) => this.onShow(ids.map((id) => ({ id })));
    if (!this.#pastes.has(paste)) {
      const begun = new Line('pasting');
      begun.faces = new Confirming({ onSaid: () => this.pastes.look(paste), onShow: show });
      begun.parts.after(begun.faces.element);
      this.#pastes.set(paste, begun);
    }
    const line = this.#pastes.get(paste);
    line.faces.show(busy ? [] : unsure);
    const over = what === 'reset' ? `${many(done, 'edit')} reset` : `The edit is on ${many(done, 'photo')}`;
    line.show({
      text: busy ? `${PASTING[what]} ${what === 'reset' ? '' : 'on '}${total ? `${done} of ${many(total, 'photo')}` : ''}` : over,
      said: busy ? step : [state === 'cancelled' ? `stopped before the other ${number(total - done)}` : '', failed.length ? `${failed.length} could not be changed` : ''].filter(Boolean).join(' · '),
      fraction: busy ? fraction : undefined,
      links: busy || !done ? [] : [['Undo', () => this.pastes.undo(news).catch(tellError)]],
      parts: busy ? [] : [
        ...lacking.map((part) => [lackingSaid(part), () => show(part.photos)]),
        ...absent.map((person) => [absentSaid(person), () => show(person.photos)]),
      ],
      notes: busy ? [] : [...failed.map(({ name, why }) => `${name}: ${why}`), ...notes],
      noted: many(failed.length + notes.length, 'note'),
      onEnd: () => (busy ? this.pastes.cancel(news).catch(tellError) : this.pastes.dismiss(paste)),
      end: busy ? 'Cancel' : 'Dismiss',
    });
    return line;
  }

  #tagged(told) {
    this.tagging.show({ text: 'Finding out what is in your photos', said: farSaid(told), fraction: told.total ? told.done / told.total : null });
    return this.tagging;
  }
}

/** How far the tagging is, in words. @param {import('./news.js').Told} told */
function farSaid({ done, total, pace, step }) {
  return [`${number(done)} of ${number(total)}`, pace ? `${pace < 10 ? pace.toFixed(1) : Math.round(pace)} a second` : null, step].filter(Boolean).join(' · ');
}
