// The Replace tab: something else, nothing, or another background in the place of what is selected. Puts the selection,
// the actions and their results together.

import { request } from '../common/api.js';
import { Compare } from '../common/compare.js';
import { tellError, toast } from '../common/dom.js';
import { duration } from '../common/duration.js';
import { EngineList } from '../common/engines.js';
import { beside, save } from '../common/files.js';
import { JobOver } from '../common/jobover.js';
import { Jobs } from '../common/jobs.js';
import { Pictures } from '../common/pictures.js';
import { goneIf, journal, undoes } from '../common/undo.js';
import { ResultStrip } from '../common/resultstrip.js';
import { begun } from '../library/base.js';
import { current } from '../library/current.js';
import { library } from '../library/store.js';
import { Selector } from '../mask/selector.js';
import { loadBitmap } from '../mask/photo.js';
import { Actions } from './actions.js';
import { Crumbs } from './crumbs.js';
import { ResultPanel } from './resultpanel.js';
import { ACTIONS, Results, gist } from './results.js';
import { Uses } from './uses.js';
import { Worked } from './worked.js';

/**
 * @param {HTMLElement} root an empty element, to be filled
 * @param {object} options from Python, see tabs/maskcanvas.py
 */
export function mount(root, options) {
  return new Replace(root, options).start();
}

const REMOVED = 'This result was removed for good since, and cannot be brought back.';

/** What is being done by a job. */
function doing({ action, first }) {
  return first ? 'Other fills' : ACTIONS[action].doing;
}

/** What the selector calls a tab, see static/mask/selector.js. */
class Replace {
  session = null;
  /** The result that is looked at. @type {?import('./results.js').Result} */
  result = null;
  #wishes = new Map(); // by id of the result: what was asked for, where that was in this window
  #choosing = Promise.resolve(); // one fill at a time
  #alone = new Set(); // ids of results whose other fills look the same
  #awaited = null; // the action whose result is shown once it is there, and what was selected for it
  #arrival = null; // who waits for a photo to be open here
  #preview = null;
  #count = 0; // of the photos in the library, when the results were last asked for

  constructor(root, options) {
    this.engines = new EngineList('replace/engines');
    this.results = new Results();
    this.jobs = new Jobs({ path: 'actions', listed: 'actions', sending: 'Sending the selection', queue: ({ action }) => (action === 'replace' ? 'replace' : 'other') });
    this.pictures = new Pictures();
    this.worked = new Worked((example) => this.#runExample(example).catch(tellError));
    this.actions = new Actions(this.engines, options, {
      onRun: () => this.#run().catch(tellError),
      onPart: (part) => this.#showPart(part),
    });
    this.panel = new ResultPanel(this.results, {
      onBack: () => this.#leave(),
      onKeep: (result) => this.#keep(result),
      onEdit: (result) => this.#edit(result),
      onGoOn: (result) => this.#goOn(result.id),
      onAgain: (result) => this.#again(result),
      onDownload: (result) => this.#download(result),
      onDelete: (result) => this.#delete(result),
      onChoose: (result) => this.#look(result),
      onFill: (step) => this.#fill(step).catch(tellError),
    });
    this.compare = new Compare({
      onView: (scale, fitted) => this.selector.bar.showZoom(scale, fitted),
      onSplit: (on) => this.selector.bar.showSplit(on),
    });
    this.jobOver = new JobOver((job) => this.jobs.cancel(job).catch(tellError));
    this.crumbs = new Crumbs((picture) => this.#goOn(picture));
    this.strip = new ResultStrip({
      onOriginal: () => this.#goOn(null),
      onChoose: (result) => (this.result?.id === result.id ? this.#leave() : this.#look(result)),
      onCancel: (job) => this.jobs.cancel(job).catch(tellError),
    }, {
      invite: this.worked.inStrip,
      original: ['Select in the photo itself', 'select in it'],
      doing,
      describe: (result) => this.#describe(result),
    });

    this.uses = new Uses();
    this.parts = [this.actions.body, this.panel.element];
    this.over = [this.crumbs.element, this.compare.element, this.jobOver.element];
    this.selector = new Selector(root, options, {
      uses: this.uses.element,
      parts: this.parts,
      rail: this.actions.rail.element,
      over: this.over,
      below: this.strip.element,
      shows: ['replace', 'Click a thing: it is erased, becomes another one, or gets a background of its own.'],
      invite: this.worked.invitation,
      cover: () => (this.result ? this.compare.viewport : null),
      split: () => this.compare.toggleSplit(),
      opened: (session) => this.#opened(session),
      show: (state) => this.#showSelection(state),
    });
    this.uses.selector = this.selector;
    this.#showPart('select');
    this.#watch();
  }

  async start() {
    this.engines.look().catch(tellError);
    this.worked.look().catch(tellError);
    await this.selector.start();
  }

  get photo() {
    return this.session?.photo ?? null;
  }

  get #kinds() {
    return this.engines.news.background?.kinds ?? [];
  }

  // What comes from elsewhere

  #watch() {
    undoes('result', {
      undo: ({ photo, ids, kept, made }) => this.#put(photo, ids, kept, !made),
      redo: ({ photo, ids, kept, made }) => this.#put(photo, ids, kept, made),
      isHere: ({ photo }) => photo === this.photo?.id,
    });
    this.results.addEventListener('change', ({ detail }) => { if (detail === this.photo?.id) this.#resultsChanged(); });
    undoes('fill', {
      undo: ({ photo, from }) => this.#chooseAgain(photo, from),
      redo: ({ photo, to }) => this.#chooseAgain(photo, to),
      isHere: ({ photo }) => photo === this.photo?.id,
    });
    this.jobs.addEventListener('change', () => this.#show());
    this.jobs.addEventListener('done', ({ detail }) => this.#done(detail).catch(tellError));
    this.jobs.addEventListener('gone', ({ detail: job }) => { if (this.photo?.id === job.photo) this.results.load(job.photo).catch(tellError); });
    this.engines.addEventListener('change', () => this.#show());
    // Another window may have made or deleted some, or the photos that they are.
    addEventListener('focus', () => this.#refresh().catch(tellError));
    library.addEventListener('change', () => this.#libraryChanged());
    this.selector.workspace.watchKeys({
      viewport: this.compare.viewport,
      isOpen: () => this.result !== null,
      actions: {
        ...this.compare.keys,
        Escape: () => this.#leave(),
        ArrowLeft: () => this.#neighbour(-1),
        ArrowRight: () => this.#neighbour(1),
        PageUp: () => this.#fill(-1).catch(tellError),
        PageDown: () => this.#fill(1).catch(tellError),
        Delete: () => this.#delete(this.result).catch(tellError),
      },
    });
  }

  /** Another photo is open, or none. */
  #opened(session) {
    this.session = session;
    this.#awaited = null;
    this.#leave();
    this.pictures.clear();
    this.#show();
    if (!session) return;
    this.actions.open(session.photo);
    this.#refresh().catch(tellError);
    if (this.#arrival?.id === session.photo.id) this.#arrival.done();
  }

  #libraryChanged() {
    if (library.count !== this.#count && this.photo?.id === current.photo?.id) this.#refresh().catch(tellError);
  }

  async #refresh() {
    if (!this.photo) return;
    this.#count = library.count;
    const { id } = this.photo;
    await Promise.all([this.results.load(id), this.jobs.find(id)]);
  }

  #resultsChanged() {
    if (this.result) {
      this.result = this.results.find(this.photo.id, this.result.id) ?? null;
      if (!this.result) this.#leave();
    }
    const { picture } = this.selector.selection;
    if (picture && !this.results.find(this.photo.id, picture)) this.selector.goOn(null);
    this.#show();
  }

  /** An action has ended well. */
  async #done({ job, news: { results } }) {
    if (job.first) {
      await this.#filled(job, results);
      return;
    }
    for (const { id, kept } of results) {
      this.#wishes.set(id, job.wish);
      if (kept) library.insert(kept);
    }
    journal('replace').add('result', `${ACTIONS[job.action].done.toLowerCase()}`, { photo: job.photo, ids: results.map(({ id }) => id), kept: results.flatMap(({ kept }) => kept?.id ?? []), made: true });
    const here = this.photo?.id === job.photo;
    if (here) {
      await this.results.load(job.photo);
      // Whoever has gone on meanwhile is not torn away from it.
      const waits = job.wish && job.wish === this.#awaited?.wish && this.selector.selection === this.#awaited.selection;
      const first = this.results.find(job.photo, results[0]?.id);
      if (waits && !this.result && first) this.#look(first);
    }
    const photo = library.find(job.photo);
    if (photo && !(here && this.selector.workspace.shown)) {
      toast(`“${photo.name}”: ${ACTIONS[job.action].done.toLowerCase()}.`, { label: 'Show', run: () => this.#openHere(photo).catch(tellError) });
    }
  }

  async #openHere(photo) {
    await current.open(photo.id, { tab: 'Replace' });
  }

  // Acting

  async #run() {
    const { photo, png, picture, original } = await this.selector.result();
    await this.#start(photo, { ...this.actions.wish, mask: png, start: picture, original });
  }

  async #start(photo, body) {
    this.#awaited = { wish: body, selection: this.selector.selection };
    await this.jobs.start(photo.id, body, { action: body.action });
  }

  /** Opens an example's photo, selects in it, and acts. */
  async #runExample(example) {
    const { photo } = await request('POST', `examples/${example.photo}`);
    library.insert(photo);
    await current.open(photo.id);
    await this.#whenOpen(photo.id);
    this.#goOn(null);
    this.selector.use(example.mask, 'Example');
    await this.selector.settled();
    this.actions.use(example);
    this.actions.forms.replace.lend(example);
    await this.#run();
  }

  /** Kept once a photo is open here. */
  #whenOpen(id) {
    return this.photo?.id === id ? null : new Promise((done) => { this.#arrival = { id, done }; });
  }

  // Results

  #look(result) {
    const { photo } = this;
    this.result = result;
    const before = begun(photo, !result.edit);
    const pictures = Promise.all([
      this.pictures.get(`${photo.id} edit ${before.edit}`, () => loadBitmap(before)),
      this.pictures.get(`${photo.id} ${result.id}`, () => loadBitmap(photo, result.id)),
    ]);
    this.compare.show([photo.width, photo.height], pictures, this.selector.canvas.viewport, this.results.thumbnail(result));
    this.#show();
    this.compare.focus();
  }

  /** Goes back to selecting. */
  #leave() {
    if (!this.result && !this.compare.shown) return;
    const focused = this.compare.element.contains(document.activeElement) || this.panel.element.contains(document.activeElement);
    this.result = null;
    this.compare.hide();
    this.selector.showView();
    this.#show();
    if (focused) this.selector.canvas.surface.focus({ preventScroll: true });
  }

  #neighbour(step) {
    const all = this.results.of(this.photo.id);
    const next = all[all.findIndex(({ id }) => id === this.result.id) + step];
    if (next) this.#look(next);
  }

  /** Shows another fill of the hole; the others are made when they are first asked for. */
  async #fill(step) {
    const { result } = this;
    const fills = this.results.fills(result);
    if (fills.length > 1) await this.#toFill(fills[(fills.indexOf(result) + step + fills.length) % fills.length]);
    else if (result.masked && !this.#filling(result)) await this.jobs.start(result.photo, null, { action: result.action, first: result.id }, `results/${result.id}/fills`);
  }

  /** Other fills of a hole have been made, as far as they differ. */
  async #filled({ photo, first }, results) {
    if (!results.length) this.#alone.add(first);
    await this.results.load(photo);
    if (this.photo?.id !== photo) return;
    const made = this.results.find(photo, results[0]?.id);
    if (made && this.result?.id === first) await this.#toFill(made);
    else this.#show();
  }

  async #toFill(fill) {
    const from = this.results.fills(fill).find(({ chosen }) => chosen)?.id ?? fill.first;
    this.#look(fill);
    await this.#choose({ photo: fill.photo, id: fill.id });
    journal('replace').add('fill', 'showed another fill', { photo: fill.photo, from, to: fill.id });
  }

  /** Lets a fill be the one of its hole that is shown, and that is a photo of the library; one after the other. */
  #choose({ photo, id }) {
    const choose = async () => {
      const { photo: kept, gone, notes } = await this.results.choose({ photo, id }).catch(goneIf(404, REMOVED));
      library.drop(gone);
      if (kept) library.insert(kept);
      for (const note of notes) toast(note);
    };
    this.#choosing = this.#choosing.catch(() => {}).then(choose);
    return this.#choosing;
  }

  /** Chooses a fill again, and shows it where another one of its hole is looked at. */
  async #chooseAgain(photo, id) {
    await this.#choose({ photo, id });
    const fill = this.results.find(photo, id);
    if (this.result && fill && this.result.id !== id && this.results.fills(fill).some((other) => other.id === this.result.id)) this.#look(fill);
  }

  /** What is said of the other fills of a result's hole. */
  #filling(result) {
    if (this.#alone.has(result?.id)) return 'Other fills look the same';
    return result && this.jobs.of(result.photo).some(({ first, state }) => first === result.id && state !== 'failed') ? 'Making other fills…' : '';
  }

  /** Selects in a result, or in the photo itself. */
  #goOn(picture) {
    this.#leave();
    this.selector.goOn(picture);
    this.#show();
  }

  #again(result) {
    const wish = this.#wishes.get(result.id);
    this.#leave();
    this.actions.use({ ...result, other: wish?.other });
    if (result.start !== this.selector.selection.picture && (!result.start || this.results.find(result.photo, result.start))) this.selector.goOn(result.start);
  }

  async #keep(result) {
    const { photo, notes } = await this.results.keep(result);
    library.insert(photo);
    journal('replace').add('made', `kept “${photo.name}” as a photo`, { photos: [photo.id] });
    for (const note of notes) toast(note);
    return photo;
  }

  async #edit(result) {
    const photo = result.kept ?? await this.#keep(result);
    await current.open(photo.id, { tab: 'Edit' });
  }

  async #download(result) {
    const { label } = ACTIONS[result.action];
    const { blob, notes } = await this.results.file(result);
    if (notes) toast(notes);
    save(blob, beside(this.photo.name, `-${label.toLowerCase()}-${this.results.number(result)}.png`));
  }

  /** The photo of the library that it is goes with it, and comes back with it. */
  async #delete(result) {
    const number = this.results.number(result);
    const ids = this.#withFills(result.photo, result.id);
    const kept = result.kept ? [result.kept.id] : [];
    await this.#put(result.photo, ids, kept, false);
    const step = journal('replace').add('result', `deleted result ${number}`, { photo: result.photo, ids, kept, made: false });
    toast(`Result ${number} was deleted.`, { label: 'Undo', run: () => journal('replace').takeBack(step).catch(tellError) });
  }

  /** Brings results back with the photos that they are, or deletes both. */
  async #put(photo, ids, kept, isThere) {
    const gone = goneIf(404, REMOVED);
    const all = isThere ? ids.toReversed() : new Set(ids.flatMap((id) => this.#withFills(photo, id)));
    for (const id of all) await (isThere ? this.results.restore({ photo, id }) : this.results.remove({ photo, id })).catch(gone);
    for (const id of kept) await (isThere ? library.restore(id) : library.remove(id)).catch(gone);
  }

  /** The ids of a result and of the other fills of its hole; the one that is shown is the last to go, the first to come. */
  #withFills(photo, id) {
    const result = this.results.find(photo, id);
    return result ? this.results.fills(result).sort((a, b) => a.chosen - b.chosen).map((fill) => fill.id) : [id];
  }

  /** What the strip says of a result. */
  #describe(result) {
    const { label, seconds, settings, action, note, alpha, width, height } = result;
    const seed = settings.seed === undefined ? '' : `seed ${settings.seed} · `;
    const brief = gist(result, this.#kinds);
    return {
      title: `${ACTIONS[action].done}: ${brief}, by ${label}, ${seed}${duration(seconds)}${note ? `. ${note}` : ''}`,
      name: action === 'erase' ? ACTIONS.erase.done : brief,
      lines: [action === 'erase' ? `${width} × ${height}` : ACTIONS[action].label],
      picture: this.results.thumbnail(result),
      alpha,
    };
  }

  // Showing it

  #showSelection(state) {
    this.uses.show(state);
    this.actions.showSelection(state);
    this.#show();
  }

  #showPart(part) {
    if (!this.selector) return;
    this.selector.panel.element.dataset.part = part;
    this.#leave();
  }

  #show() {
    if (!this.selector) return;
    const { photo } = this;
    const picture = this.session ? this.selector.selection.picture : null;
    const jobs = photo ? this.jobs.of(photo.id) : [];
    this.selector.workspace.root.classList.toggle('on-result', this.result !== null);
    this.strip.show(this.session?.begun ?? null, { results: photo ? this.results.of(photo.id) : [], jobs, shown: this.result?.id, picture });
    this.panel.show(this.result, this.#kinds, this.#filling(this.result));
    const chain = picture ? this.results.chain(this.results.find(photo.id, picture) ?? { id: picture, photo: photo.id }) : [];
    this.crumbs.show([{ id: null, label: this.session?.begun.edit ? 'Your edit' : 'Original' }, ...chain.map((step) => ({ id: step.id, label: `${this.results.number(step)} ${ACTIONS[step.action]?.done ?? ''}` }))]);
    this.#showJob(this.result ? null : jobs.at(-1) ?? null);
  }

  #showJob(job) {
    this.jobOver.show(job, job && doing(job));
    const preview = job?.preview ?? null;
    if (preview === this.#preview) return;
    this.#preview = preview;
    if (preview) this.#loadPreview(preview).catch(tellError);
    else this.selector.canvas.preview(null);
  }

  async #loadPreview(address) {
    const answer = await fetch(address, { credentials: 'same-origin' });
    if (answer.status !== 200) return; // there is none any more, but a result
    const bitmap = await createImageBitmap(await answer.blob());
    if (address === this.#preview) this.selector.canvas.preview(bitmap);
    else bitmap.close();
  }
}
