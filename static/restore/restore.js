// The Restore tab: an old photo brought back, step by step. Puts the picture, the steps, the restored photos and the
// work on many photos together.

import { request, requestBlob } from '../common/api.js';
import { Compare } from '../common/compare.js';
import { h, tellError, toast } from '../common/dom.js';
import { EngineList, isBusy } from '../common/engines.js';
import { save } from '../common/files.js';
import { History } from '../common/history.js';
import { JobOver } from '../common/jobover.js';
import { Jobs } from '../common/jobs.js';
import { Pictures } from '../common/pictures.js';
import { asItCame, thumbnail } from '../common/renditions.js';
import { ResultStrip } from '../common/resultstrip.js';
import { alsoUndoes, canRedo, canUndo, journal, redo, undo } from '../common/undo.js';
import { begun } from '../library/base.js';
import { current } from '../library/current.js';
import { removePhotos } from '../library/deeds.js';
import { handed } from '../library/handed.js';
import { library } from '../library/store.js';
import { allSent } from '../library/unsaved.js';
import { Workspace } from '../library/workspace.js';
import { MaskCanvas } from '../mask/canvas.js';
import { Overlay } from '../mask/overlay.js';
import { loadBitmap } from '../mask/photo.js';
import { decodeGrey } from '../mask/png.js';
import { HAND, Tools } from '../mask/tools.js';
import { Bar } from './bar.js';
import { ManyPanel } from './batch.js';
import { keepWishes, keptWishes } from './kept.js';
import { Looks } from './looks.js';
import { Marks } from './marks.js';
import { BRUSH_SIZE, MarkTools } from './marktools.js';
import { PlanPanel } from './planpanel.js';
import { ReportPanel } from './reportpanel.js';
import { Restorations, beforeAddress, described, doneTo, inventedAddress } from './restorations.js';
import { straightened } from './straighten.js';

const STRAIGHTEN = 'straighten';
const STRENGTH = 'strength';
const ONE_MS = 800; // between two changes of one step that are taken back together, at most

/**
 * @param {HTMLElement} root an empty element, to be filled
 * @param {{maxBytes: number}} options from Python, see tabs/restore.py
 */
export function mount(root, options) {
  return new Restore(root, options).start();
}

/** What is wished for one photo; kept while the window is open. */
class Session {
  /** By step. @type {Map<string, import('./steprow.js').Wish>} */
  wishes = new Map();
  /** Ids of the steps that the visitor has changed. */
  touched = new Set();
  /** Whether the photo is wanted as it came, not as its edit shows it. */
  original = false;
  /** Version of the edit that was looked at, for suggestions; null: none yet. @type {?number} */
  looked = null;

  #last = { id: null, at: 0 }; // of what was noted

  constructor(photo) {
    this.photo = photo;
    const kept = keptWishes(photo.id);
    this.marks = new Marks(photo.id, kept?.strokes);
    /** What was wished: undo takes it back. */
    this.wished = kept?.wished ?? new History(this.#state);
    this.take();
  }

  get #state() {
    return { wishes: Object.fromEntries(this.wishes), touched: [...this.touched] };
  }

  /** Wishes what the history has. */
  take() {
    this.wishes = new Map(Object.entries(this.wished.present.wishes));
    this.touched = new Set(this.wished.present.touched);
  }

  /** Notes what the visitor has changed. @param {?string} [id] of the step, if it is one: its changes in a row are one */
  note(id = null) {
    const at = performance.now();
    if (id && id === this.#last.id && at - this.#last.at < ONE_MS) this.wished.replace(this.#state);
    else this.wished.push(this.#state);
    this.#last = { id, at };
  }

  /** Notes what changed by itself. */
  noteUsual() {
    this.wished.replace(this.#state);
  }

  /** The photo as the work begins with it. */
  get begun() {
    return begun(this.photo, this.original);
  }
}

class Restore {
  session = null;
  /** The restored photo that is looked at. @type {?import('./restorations.js').Restoration} */
  result = null;
  #sessions = new Map();
  #opening = 0;
  #begun = 0; // version of the edit that the photo is shown by
  #marking = false; // the scratches are shown
  #seeking = false; // and looked for
  #moving = false; // the angle
  #wanted = null; // id of a restored photo that is to be looked at once it is known
  #preview = null; // address of the picture of the job that is shown
  #drawn = ''; // what the picture was straightened by
  #count = 0; // of the photos in the library, when the restored ones were last asked for

  constructor(root, { maxBytes }) {
    this.engines = new EngineList('restore/steps');
    this.looks = new Looks();
    this.restorations = new Restorations();
    this.jobs = new Jobs({ path: 'restorations', listed: 'jobs', sending: 'Sending the wishes' });
    this.pictures = new Pictures();
    this.tools = new Tools((tools) => new MaskCanvas({ onView: () => this.#showView(), pans: (event) => tools.pans(event) }), {
      onClick() {},
      onBox() {},
      onPaint: (adds, radius) => this.#paint(adds, radius),
      onChange: () => this.#showMarkTools(),
    });
    this.canvas = this.tools.canvas;
    this.canvas.surface.setAttribute('aria-label', 'The photo');
    this.canvas.surface.addEventListener('dblclick', (event) => { if (this.tools.tool === HAND) this.canvas.viewport.toggle(event); });
    this.canvas.overlay.outlined = false;
    this.bar = new Bar({
      undo: () => undo('restore'),
      redo: () => redo('restore'),
      split: () => this.compare.toggleSplit(),
      fit: () => this.#viewport.fit(),
      actual: () => this.#viewport.zoom(1),
      many: () => this.batch.toggle(!this.batch.shown),
      base: (original) => this.#begin(original),
    });
    this.markTools = new MarkTools({
      onShow: () => this.#mark(!this.#marking).catch(tellError),
      onReset: () => { this.session.marks.reset(); this.#showMarks(); },
      onTool: (tool) => this.tools.choose(tool),
      onSize: (size) => this.tools.resize(size),
    });
    this.plan = new PlanPanel(this.engines, {
      onChange: (row) => this.#wish(row),
      onMove: (row, moving) => this.#move(row, moving),
      onSize: () => this.#show(),
      onSuggested: () => this.#suggest(),
      onRun: () => this.#run().catch(tellError),
      onCancel: () => this.jobs.cancel(this.#job).catch(tellError),
    });
    this.report = new ReportPanel({
      onBack: () => this.#leave(),
      onEdit: ({ photo }) => this.#openIn(photo, 'Edit'),
      onReplace: ({ photo }) => this.#openIn(photo, 'Replace'),
      onAgain: (restoration) => this.#again(restoration),
      onDownload: ({ photo }) => this.#download(photo),
      onDelete: (restoration) => this.#delete(restoration),
      onInvented: (shown) => this.#tint(shown).catch(tellError),
    });
    this.compare = new Compare({
      onView: (scale, fitted) => this.bar.showZoom(scale, fitted),
      onSplit: (on) => this.bar.showSplit(on),
    });
    this.jobOver = new JobOver((job) => this.jobs.cancel(job).catch(tellError));
    this.canvas.element.append(this.compare.element, this.jobOver.element);
    this.hint = h('div.status-line');
    this.strip = new ResultStrip({
      onOriginal: () => this.#leave(),
      onChoose: (restoration) => (this.result?.id === restoration.id ? this.#leave() : this.#look(restoration)),
      onCancel: (job) => this.jobs.cancel(job).catch(tellError),
    }, {
      invite: h('p.restored-none', { role: 'listitem' }, 'Restored photos line up here, and in your library.'),
      original: ['Back to the photo and its steps', 'the steps'],
      doing: () => 'Restoring',
      describe: described,
    });
    this.batch = new ManyPanel({
      maxBytes,
      onToggle: (shown) => this.#showBatch(shown),
      onOpen: (photo, restored) => this.#lookAt(photo, restored).catch(tellError),
      plan: () => this.#steps(),
      label: (id) => this.plan.find(id).step.label,
    });
    this.workspace = new Workspace(root, {
      maxBytes,
      shows: ['restore', 'Scratches, faded colours and blur of old photos are found, and mended step by step.'],
      examples: 'examples?old=true',
      stage: [this.bar.element, this.canvas.element, this.hint, this.strip.element, this.batch.element],
      panel: h('aside.panel', { 'aria-label': 'Restore' }, this.plan.element, this.report.element, this.batch.panel),
      invite: h('button.link.invite-many', { type: 'button', onclick: () => this.batch.toggle(true) }, 'Or restore a whole folder at once'),
      onShown: () => this.#follow(),
    });
    this.tools.choose(HAND);
    this.tools.resize(BRUSH_SIZE);
  }

  async start() {
    this.bar.showPhoto(null);
    this.#watch();
    try {
      await Promise.all([this.engines.look(), this.workspace.start()]);
    } catch (error) {
      tellError(error);
      return;
    }
    this.started = true;
    this.plan.offer(this.engines.news, ({ takesMarks }) => (takesMarks ? this.markTools.element : null));
    this.batch.start(this.engines.news.sizes).catch(tellError).finally(() => {
      handed.addEventListener('given', () => this.#takeMany());
      this.#takeMany();
    });
    await this.#follow();
    this.workspace.ready();
  }

  /** Photos that were chosen elsewhere are to be restored together. */
  #takeMany() {
    const ids = handed.take();
    if (ids.length) this.batch.offer(ids).catch(tellError);
  }

  get photo() {
    return this.session?.photo ?? null;
  }

  /** The restoration of the open photo that is under way, or failed last. */
  get #job() {
    return this.photo ? this.jobs.of(this.photo.id).at(-1) ?? null : null;
  }

  get #running() {
    const job = this.#job;
    return job && job.state !== 'failed' ? job : null;
  }

  get #viewport() {
    return this.result ? this.compare.viewport : this.canvas.viewport;
  }

  // What comes from elsewhere

  #watch() {
    current.addEventListener('change', () => this.#follow());
    library.addEventListener('change', () => this.#libraryChanged());
    this.engines.addEventListener('change', () => this.#show());
    this.looks.addEventListener('change', ({ detail }) => this.#looked(detail));
    this.restorations.addEventListener('change', ({ detail }) => { if (detail === this.photo?.id) this.#restorationsChanged(); });
    this.jobs.addEventListener('change', () => this.#show());
    this.jobs.addEventListener('done', ({ detail }) => this.#done(detail).catch(tellError));
    // Another window may have made or deleted some.
    addEventListener('focus', () => this.#refresh().catch(tellError));
    alsoUndoes('restore', () => this.#pasts);
    journal('restore').addEventListener('change', () => this.#show());
    addEventListener('pagehide', () => keepWishes([...this.#sessions].map(([id, { wished, marks }]) => [id, { wished, strokes: marks.strokes }])));
    const keys = {
      b: () => this.#take('brush'),
      e: () => this.#take('eraser'),
      m: () => this.#mark(!this.#marking).catch(tellError),
      r: () => { if (!this.#running && !this.plan.button.disabled) this.plan.button.click(); },
      o: () => this.#begin(!this.session.original),
      '[': () => this.tools.step('['),
      ']': () => this.tools.step(']'),
      '?': () => this.bar.openHelp(),
      ' ': (event) => {
        if (!this.canvas.surface.matches(':hover')) return;
        event.preventDefault();
        this.tools.holdSpace(true);
      },
    };
    this.workspace.watchKeys({
      viewport: this.canvas.viewport,
      isOpen: () => this.session !== null && !this.result && !this.batch.shown,
      actions: keys,
    });
    this.workspace.watchKeys({
      viewport: this.compare.viewport,
      isOpen: () => this.result !== null && !this.batch.shown,
      actions: {
        ...this.compare.keys,
        Escape: () => this.#leave(),
        ArrowLeft: () => this.#neighbour(-1),
        ArrowRight: () => this.#neighbour(1),
        Delete: () => this.#delete(this.result).catch(tellError),
        m: () => { if (this.result.invented) this.report.toggle.click(); },
      },
    });
    document.addEventListener('keyup', (event) => { if (event.key === ' ') this.tools.holdSpace(false); });
    addEventListener('blur', () => this.tools.holdSpace(false));
  }

  #libraryChanged() {
    const photo = this.session && library.find(this.session.photo.id);
    if (photo) {
      this.session.photo = photo;
      this.bar.showPhoto(photo);
      if (this.workspace.shown) this.#catchUp();
    }
    // A restored photo may have been deleted, or brought back.
    if (library.count !== this.#count && this.photo?.id === current.photo?.id) this.#refresh().catch(tellError);
  }

  /** Opens the photo that is open in all tabs, while this one is seen. */
  async #follow() {
    if (!this.started || !this.workspace.shown) return;
    await allSent(); // of what was done in Edit just now
    if (!this.workspace.shown) return;
    if (current.photo?.id === this.photo?.id) {
      if (this.session) this.session.photo = current.photo;
      this.#catchUp();
      return;
    }
    this.#opening += 1;
    this.#leave();
    this.#marking = false;
    this.tools.choose(HAND);
    this.session = null;
    this.canvas.close();
    this.#forgetPreview();
    this.pictures.clear();
    this.bar.showPhoto(current.photo);
    this.bar.showZoom(1, true);
    if (current.photo) await this.#open(current.photo, this.#opening);
    else this.canvas.wait.show(null);
    this.#show();
  }

  async #open(photo, turn) {
    const stale = () => turn !== this.#opening;
    this.session = this.#sessions.get(photo.id) ?? new Session(photo);
    this.#sessions.set(photo.id, this.session);
    this.session.photo = photo;
    for (const row of this.plan.rows) if (!this.session.wishes.has(row.id)) this.session.wishes.set(row.id, row.usual(null));
    this.session.noteUsual();
    this.canvas.wait.show('Opening the photo…', thumbnail(this.session.begun));
    this.#show();
    this.#refresh().catch(tellError);
    try {
      const bitmap = await this.#loadBegun(stale);
      if (stale()) return;
      this.canvas.open(bitmap, photo);
      this.canvas.wait.show(null);
      this.#catchUp();
    } catch (error) {
      if (!stale()) this.canvas.wait.show(`The photo could not be opened. ${error.message}`);
    }
  }

  /** Loads the photo as the work begins with it, and has it looked at. @param {() => boolean} stale */
  #loadBegun(stale) {
    const shown = this.session.begun;
    this.#begun = shown.edit;
    this.looks.follow(shown, () => stale() || this.#begun !== shown.edit || current.photo?.id !== shown.id).catch(tellError);
    return loadBitmap(shown);
  }

  /** Begins with the photo as it came, or as its edit shows it. */
  #begin(original) {
    this.session.original = original;
    this.#catchUp();
    this.#show();
  }

  /** Shows the photo by the version of its edit that is wanted by now. */
  async #catchUp() {
    const { session } = this;
    if (!session || !this.canvas.isOpen || this.#begun === session.begun.edit) return;
    const { edit } = session.begun;
    const stale = () => session !== this.session || edit !== session.begun.edit;
    try {
      const bitmap = await this.#loadBegun(() => session !== this.session);
      if (stale() || !this.canvas.isOpen) return;
      this.canvas.replace(bitmap);
      this.#forgetPreview();
      if (this.#marking) await this.#findMarks();
      this.#show();
    } catch (error) {
      if (!stale()) tellError(error);
    }
  }

  /** The look has got on: what nobody has touched follows it. */
  #looked(photo) {
    const session = this.#sessions.get(photo);
    const { looks, state, edit } = this.looks.of(photo);
    if (session && state === 'done' && session.looked !== edit) {
      session.looked = edit;
      for (const row of this.plan.rows) if (!session.touched.has(row.id)) session.wishes.set(row.id, row.usual(looks[row.id]));
      session.noteUsual();
    }
    if (session === this.session) this.#show();
  }

  async #refresh() {
    if (!this.photo) return;
    this.#count = library.count;
    const { id } = this.photo;
    this.restorations.take(id, (await this.jobs.find(id)).restorations);
  }

  #restorationsChanged() {
    if (this.result) {
      const found = this.restorations.find(this.photo.id, this.result.id);
      if (!found) this.#leave();
    }
    const wanted = this.restorations.of(this.photo.id).find(({ photo }) => photo.id === this.#wanted);
    if (wanted) this.#look(wanted);
    this.#show();
  }

  /** A restoration has ended well. */
  async #done({ job, news: { restoration } }) {
    this.#count += library.find(restoration.photo.id) ? 0 : 1;
    library.insert(restoration.photo);
    const done = doneTo(restoration.steps);
    journal('restore').add('made', `${done} “${library.find(job.photo)?.name ?? restoration.photo.name}”`, { photos: [restoration.photo.id] });
    if (this.photo?.id === job.photo) {
      await this.#refresh();
      const found = this.restorations.find(job.photo, restoration.id);
      if (found && !this.result && !this.batch.shown && this.workspace.shown) {
        this.#look(found);
        return;
      }
    }
    const photo = library.find(job.photo);
    if (photo) toast(`“${photo.name}” is ${done}.`, { label: 'Show', run: () => this.#openIn(photo, 'Restore').catch(tellError) });
  }

  // Wishes

  #wish(row) {
    this.session.wishes.set(row.id, row.wish);
    this.session.touched.add(row.id);
    this.session.note(row.id);
    if (row.step.takesMarks && this.#marking) this.#findMarks().catch(tellError);
    this.#show();
  }

  #move(row, moving) {
    if (row.id !== STRAIGHTEN) return;
    this.#moving = moving;
    this.#showPicture();
  }

  #suggest() {
    const { looks } = this.looks.of(this.photo.id);
    for (const row of this.plan.rows) this.session.wishes.set(row.id, row.usual(looks[row.id]));
    this.session.touched.clear();
    this.session.note();
    this.#show();
  }

  /** The steps that are switched on, as the server takes them. */
  #steps() {
    return this.plan.rows.filter(({ wish }) => wish.on).map(({ id, wish: { engine, settings } }) => ({ id, engine, settings }));
  }

  async #run() {
    const { photo, marks } = this.session;
    const steps = this.#steps();
    this.#marking = false;
    this.tools.choose(HAND);
    this.#showMarks();
    const original = !this.session.begun.edit;
    const body = { steps, size: this.plan.size.chosen, marks: marks.corrected ? await marks.png() : null, original };
    await this.jobs.start(photo.id, body, { steps: steps.map(({ id }) => id), done: [] });
  }

  // Scratches

  /** Shows the scratches over the photo, or does no more. */
  async #mark(on) {
    if (this.#running || !this.plan.rows.some(({ step }) => step.takesMarks)) return;
    this.#marking = on;
    if (!on) this.tools.choose(HAND);
    this.#showMarks();
    if (on) await this.#findMarks();
  }

  async #findMarks() {
    const { session } = this;
    const { wish } = this.plan.rows.find(({ step }) => step.takesMarks);
    const settings = Object.fromEntries(Object.entries(wish.settings).filter(([id]) => id !== STRENGTH));
    this.#seeking = true;
    this.#show();
    try {
      const found = await session.marks.find(session.begun, wish.engine, settings);
      if (!found || session !== this.session) return;
      this.#seeking = false;
      this.#showMarks();
    } catch (error) {
      if (session !== this.session) return;
      this.#seeking = false;
      this.#marking = false;
      this.#show();
      throw error;
    }
  }

  #take(tool) {
    if (this.#marking && !this.#seeking) this.tools.choose(this.tools.tool === tool ? HAND : tool);
  }

  #paint(adds, radius) {
    const { session } = this;
    if (!this.#marking || this.#seeking) return null;
    const stroke = session.marks.stroke(adds, radius);
    return {
      to: (point) => {
        this.canvas.overlay.touch(session.marks.mask, stroke.to(point));
        this.canvas.requestDraw();
      },
      end: (keep) => {
        stroke.end(keep);
        if (session === this.session) this.#showMarks();
      },
    };
  }

  /** What undo and redo go through while nothing lies over the photo and its steps. @returns {import('../common/history.js').Past[]} */
  get #pasts() {
    const { session } = this;
    if (!session || this.result || this.batch.shown || this.#running) return [];
    const { marks, wished } = session;
    const past = ({ doneAt, undoneAt }, undo, redo) => ({ doneAt, undoneAt, undo, redo });
    return [
      past(wished, () => { wished.undo(); session.take(); this.#show(); }, () => { wished.redo(); session.take(); this.#show(); }),
      ...(this.#marking && marks.mask ? [past(marks, () => { marks.undo(); this.#showMarks(); }, () => { marks.redo(); this.#showMarks(); })] : []),
    ];
  }

  // Restored photos

  #look(restoration) {
    this.result = restoration;
    this.#wanted = null;
    const before = () => requestBlob('GET', beforeAddress(restoration)).then((blob) => createImageBitmap(blob));
    const pictures = Promise.all([
      this.pictures.get(`before ${restoration.id}`, before),
      this.pictures.get(restoration.photo.id, () => loadBitmap(asItCame(restoration.photo))),
    ]);
    this.compare.hide();
    this.compare.show([restoration.width, restoration.height], pictures, this.canvas.viewport, thumbnail(this.session.begun));
    this.#show();
    this.compare.focus();
  }

  /** Looks at what became of a photo. */
  async #lookAt(photo, restored) {
    this.batch.toggle(false);
    this.#wanted = restored;
    await current.open(photo);
    await this.#refresh();
  }

  /** Goes back to the photo and its steps. */
  #leave() {
    if (!this.result) return;
    const focused = this.compare.element.contains(document.activeElement) || this.report.element.contains(document.activeElement);
    this.result = null;
    this.compare.hide();
    this.#showView();
    this.#show();
    if (focused) this.canvas.surface.focus({ preventScroll: true });
  }

  /** Tints what of the restored photo was made up, or does no more. */
  async #tint(shown) {
    const { result } = this;
    this.report.showInvented(shown, shown);
    this.compare.tint(null);
    if (!shown) return;
    const file = await requestBlob('GET', inventedAddress(result));
    const { pixels, width, height } = await decodeGrey(new Uint8Array(await file.arrayBuffer()));
    if (result !== this.result || !this.report.showsInvented) return;
    const overlay = new Overlay();
    overlay.outlined = false;
    overlay.setColour('red');
    overlay.setSize(width, height);
    overlay.show(pixels);
    this.compare.tint(overlay);
    this.report.showInvented(true);
  }

  #neighbour(step) {
    const all = this.restorations.of(this.photo.id);
    const next = all[all.findIndex(({ id }) => id === this.result.id) + step];
    if (next) this.#look(next);
  }

  #again({ steps }) {
    for (const row of this.plan.rows) {
      const used = steps.find(({ id }) => id === row.id);
      const { wish } = row;
      this.session.wishes.set(row.id, used ? { on: true, engine: used.engine, settings: { ...row.usual(null).settings, ...used.settings } } : { ...wish, on: false });
      this.session.touched.add(row.id);
    }
    this.session.note();
    this.#leave();
  }

  async #openIn(photo, tab) {
    await current.open(photo.id, { tab });
  }

  async #download(photo) {
    const { edit } = library.find(photo.id) ?? photo;
    save(await requestBlob('GET', `photos/${photo.id}/${edit ? 'edited' : 'original'}`), photo.name);
  }

  async #delete({ photo }) {
    await removePhotos([photo.id], photo.name);
  }

  // Showing it

  #show() {
    const { session, photo } = this;
    if (!this.started) return;
    this.workspace.root.classList.toggle('on-result', this.result !== null);
    this.report.show(this.result);
    this.strip.show(session?.begun ?? null, { results: photo ? this.restorations.of(photo.id) : [], jobs: photo ? this.jobs.of(photo.id) : [], shown: this.result?.id });
    this.bar.many.setAttribute('aria-pressed', this.batch.shown);
    this.bar.base.show(photo, session?.original ?? false);
    if (!session) return;
    this.plan.show(session.wishes, this.looks.of(photo.id), this.#running, session.touched.size > 0);
    this.jobOver.show(this.result ? null : this.#job, 'Restoring');
    this.#showMarkTools();
    this.#showPicture();
    this.#showHint();
  }

  #showHint() {
    const news = this.looks.of(this.photo.id);
    if (this.#marking) this.hint.textContent = 'Blue is what will be filled. Brush adds to it, eraser subtracts; [ and ] change the size.';
    else this.hint.textContent = isBusy(news ?? { state: 'waiting' }) ? 'Looking at the photo, to suggest what it needs' : 'Everything is worked out on this machine; the photo itself is never changed.';
  }

  #showMarks() {
    const { marks } = this.session;
    const { overlay } = this.canvas;
    if (this.#marking && marks.mask) {
      if (overlay.canvas.width !== marks.size[0] || overlay.canvas.height !== marks.size[1]) overlay.setSize(...marks.size);
      overlay.show(marks.mask);
    } else if (this.canvas.isOpen) {
      overlay.setSize(overlay.canvas.width, overlay.canvas.height);
    }
    this.canvas.requestDraw();
    this.#show();
  }

  #showMarkTools() {
    if (!this.session || !this.markTools) return;
    const { marks } = this.session;
    const { tool, size, paints } = this.tools;
    this.markTools.show({ shown: this.#marking, busy: this.#seeking, corrected: marks.corrected, tool, size, paints });
    this.bar.showHistory(canUndo('restore'), canRedo('restore'));
  }

  /** What is seen of the photo: as the job has it by now, with the scratches, straightened, or as it is. */
  #showPicture() {
    if (!this.canvas.isOpen) return;
    const address = this.#running?.preview ?? null;
    if (address) {
      if (address !== this.#preview) this.#loadPreview(address).catch(tellError);
      return;
    }
    this.#preview = null;
    const { on, settings } = this.session.wishes.get(STRAIGHTEN) ?? { on: false };
    const turns = on && !this.#marking && Boolean(settings.angle || settings.turn);
    const edge = Math.max(this.canvas.surface.width, this.canvas.surface.height);
    const drawn = turns ? `${settings.turn} ${settings.angle} ${edge} ${this.#moving}` : '';
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.canvas.preview(turns ? straightened(this.canvas.bitmap, settings, edge, this.#moving) : null);
  }

  #forgetPreview() {
    this.#preview = null;
    this.#drawn = '';
  }

  async #loadPreview(address) {
    this.#preview = address;
    const answer = await fetch(address, { credentials: 'same-origin' });
    if (answer.status !== 200) return; // there is none any more, but a result
    const bitmap = await createImageBitmap(await answer.blob());
    if (address !== this.#preview) {
      bitmap.close();
      return;
    }
    this.#drawn = address;
    this.canvas.preview(bitmap);
  }

  #showView() {
    const { view, fitted } = this.canvas.viewport;
    this.bar.showZoom(view.scale, fitted);
  }

  #showBatch(shown) {
    this.workspace.root.classList.toggle('batching', shown);
    this.#show();
  }
}
