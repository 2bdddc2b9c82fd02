// Selecting in a photo: puts the canvas, the tools, the engines and the panel together. Tabs that need a selection
// are this and actions of their own.

import { request, requestBlob, upload } from '../common/api.js';
import { tellError, toast, h } from '../common/dom.js';
import { pick } from '../common/files.js';
import { History } from '../common/history.js';
import { thumbnail } from '../common/renditions.js';
import { storage } from '../common/storage.js';
import { alsoUndoes, canRedo, canUndo, journal, redo, undo } from '../common/undo.js';
import { begun } from '../library/base.js';
import { current } from '../library/current.js';
import { library } from '../library/store.js';
import { allSent } from '../library/unsaved.js';
import { Workspace } from '../library/workspace.js';
import { Answers } from './answers.js';
import { Bar } from './bar.js';
import { Candidates } from './candidates.js';
import { MaskCanvas } from './canvas.js';
import { Engines } from './engines.js';
import { Hover } from './hover.js';
import { keepSelections, keptSelection } from './kept.js';
import { Masks, Start, inverted, isEmpty, union } from './masks.js';
import { COLOURS } from './overlay.js';
import { Panel } from './panel.js';
import { loadBitmap } from './photo.js';
import { toBase64 } from './png.js';
import * as selections from './selection.js';
import { Painter } from './strokes.js';
import { Things } from './things.js';
import { TOOLS, Tools } from './tools.js';

const COLOUR = 'envo:mask-colour';
const OUTLINE = 'envo:mask-outline';

/** What was done with one photo; kept while the page is open. */
class Session {
  history = new History(selections.nothing());
  mattes = null;
  picture = null; // id of the result that is shown and clicked in; null: the photo itself
  original = false; // the photo itself is wanted as it came, not as its edit shows it
  drawn = ''; // names what is shown
  readyNote = 'Looking for people and parts of them…';
  starts = new Map(); // kind of matte -> Start
  shown = new Map(); // id of an object -> the mask last shown of it

  constructor(photo, events) {
    this.photo = photo;
    this.answers = new Answers(photo.id, events);
    this.rest();
  }

  /** The photo as the work begins with it. */
  get begun() {
    return begun(this.photo, this.original);
  }

  /** Names a picture of the photo. */
  named(picture) {
    return picture ?? `edit ${this.begun.edit}`;
  }

  /** Forgets the pixels, which can be made again. */
  rest() {
    this.masks = new Masks(this.photo.working, this.answers);
    this.shown.clear();
  }
}

export class Selector {
  session = null;
  mask = null; // of all objects together, as it is shown
  #sessions = new Map();
  #opening = 0;
  #strokes = 0;
  #painting = null;
  #updating = false;
  #outdated = false;
  #previewed = null; // the candidate that is pointed at
  #busy = 0; // steps under way

  /**
   * @typedef {object} Tab what a tab does with a selection
   * @property {HTMLElement} uses a group of the panel
   * @property {HTMLElement[]} parts more of the panel, in the place of what is for selecting
   * @property {HTMLElement} rail stands beside the panel, and chooses what it shows
   * @property {HTMLElement[]} over lies over the picture
   * @property {HTMLElement} below stands below the picture
   * @property {HTMLElement} invite stands below the invitation where there is no photo
   * @property {() => ?Viewport} cover of what the tab shows in the picture's place, so that nothing is selected; null
   *     while it shows nothing
   * @property {() => void} split draws a line between before and after of what is shown there, or takes it off
   * @property {(session: ?Session) => void} opened another photo is open, or none
   * @property {(state: {ready: boolean, busy: boolean, name: string}) => void} show `ready` tells whether there is a
   *     selection to use, and `name` what it is called
   *
   * @param {HTMLElement} root an empty element, to be filled
   * @param {{maxBytes: number, maxClicks: number, maxStep: number}} options from Python, see tabs/maskcanvas.py
   * @param {Tab} tab
   */
  constructor(root, { maxBytes, maxClicks, maxStep }, tab) {
    this.tab = tab;
    this.maxClicks = maxClicks;
    this.tools = new Tools((tools) => new MaskCanvas({ onView: () => this.showView(), pans: (event) => tools.pans(event) }), {
      onClick: (point, adds) => this.#click(point, adds),
      onBox: (box) => this.#box(box),
      onPaint: (adds, radius) => this.#paint(adds, radius),
      onChange: () => this.#showTool(),
    });
    this.canvas = this.tools.canvas;
    this.hover = new Hover(this.canvas.surface, {
      place: (event) => this.#place(event),
      reach: () => this.canvas.viewport.pixel,
      ask: (place, signal) => this.#foresee(place, signal),
      covers: ({ mask }, { point }) => this.canvas.isOver(mask, point),
      show: (found) => this.canvas.foresee(found?.mask ?? null),
    });
    this.candidates = new Candidates({
      onChoose: (choice) => this.#replace(selections.change(this.selection, { choice })),
      onPreview: (choice) => { this.#previewed = choice; this.#update(); },
    }, 'C');
    this.canvas.element.append(this.candidates.element, ...tab.over);
    this.bar = new Bar({
      undo: () => undo('replace'),
      redo: () => redo('replace'),
      clear: () => this.#clear(),
      split: tab.split,
      fit: () => (tab.cover() ?? this.canvas.viewport).fit(),
      actual: () => (tab.cover() ?? this.canvas.viewport).zoom(1),
      base: (original) => this.#begin(original),
    });
    this.engines = new Engines({ onChoose: () => this.#chooseEngine() });
    this.things = new Things({
      onChoose: (id) => this.#replace(selections.choose(this.selection, id)),
      onRemove: (id) => this.#push(selections.remove(this.selection, id)),
      onNew: () => this.#push(selections.add(this.selection)),
    });
    this.panel = new Panel({ things: this.things, engines: this.engines, uses: tab.uses, parts: tab.parts, rail: tab.rail, maxStep }, {
      onTool: (tool) => this.tools.choose(tool),
      onSize: (size) => this.tools.resize(size),
      onStep: (name, amount) => this.#step(name, amount).catch(tellError),
      onReady: (kind) => this.#useMatte(kind).catch(tellError),
      onColour: (colour) => { storage.set(COLOUR, colour); this.#showColour(); },
      onOutline: () => { storage.set(OUTLINE, this.canvas.overlay.outlined ? 'off' : 'on'); this.#showColour(); },
      onUpload: () => pick(([file]) => this.#upload(file).catch(tellError), { accept: 'image/*' }),
    });
    this.hint = h('div.status-line');
    this.workspace = new Workspace(root, {
      maxBytes,
      shows: tab.shows,
      stage: [this.bar.element, this.canvas.element, this.hint, tab.below],
      panel: this.panel.element,
      invite: tab.invite,
      onShown: () => this.#follow(),
    });
  }

  async start() {
    this.bar.showPhoto(null);
    this.tools.choose('add');
    this.tools.resize(this.tools.size);
    this.#showColour();
    this.#watchKeys();
    try {
      await this.workspace.start();
    } catch (error) {
      tellError(error);
      return;
    }
    alsoUndoes('replace', () => this.#past);
    journal('replace').addEventListener('change', () => { if (this.session) this.#show(); });
    addEventListener('pagehide', () => keepSelections([...this.#sessions].map(([id, { history }]) => [id, history])));
    current.addEventListener('change', () => this.#follow());
    library.addEventListener('change', () => this.#libraryChanged());
    library.addEventListener('masks', ({ detail }) => this.#masksChanged(detail.photo).catch(tellError));
    this.started = true;
    this.engines.look().catch(tellError);
    await this.#follow();
    this.workspace.ready();
  }

  get selection() {
    return this.session.history.present;
  }

  /**
   * What is selected.
   * @returns {Promise<{photo, file: Blob, png: string, name: string, engine: string, picture: ?string, original: boolean}>}
   *     the mask as a PNG, also in base64; a name for it, who answered last, and the picture that was selected in;
   *     original: of the photo itself, that is as it came
   */
  async result() {
    const { photo, masks, answers, picture, begun: { edit } } = this.session;
    const bytes = await masks.encode(this.mask);
    const things = selections.filled(this.selection);
    const engine = things.map((thing) => answers.of(thing)?.engine).find(Boolean) ?? 'hand';
    return { photo, file: new Blob([bytes], { type: 'image/png' }), png: toBase64(bytes), name: nameOf(things), engine, picture, original: !edit };
  }

  // The photo

  /** Opens the photo that is open in all tabs, while this one is seen. */
  async #follow() {
    if (!this.started || !this.workspace.shown) return;
    await allSent(); // of what was done in Edit just now
    if (!this.workspace.shown) return;
    if (current.photo?.id === this.session?.photo.id) {
      if (this.session) this.session.photo = current.photo;
      this.#catchUp();
      return;
    }
    this.#opening += 1;
    this.session?.rest();
    this.session = null;
    this.mask = null;
    this.hover.stop();
    this.canvas.close();
    this.things.clear();
    this.bar.showPhoto(current.photo);
    this.bar.showZoom(1, true);
    this.tab.opened(null);
    if (current.photo) await this.#open(current.photo, this.#opening);
    else this.canvas.wait.show(null);
  }

  async #open(photo, turn) {
    const stale = () => turn !== this.#opening;
    const session = this.#sessions.get(photo.id) ?? this.#start(photo);
    session.photo = photo;
    this.session = session;
    this.engines.showAnswer(null);
    this.canvas.wait.show('Opening the photo…', thumbnail(session.begun));
    this.#show();
    try {
      const { picture } = this.selection;
      session.drawn = session.named(picture);
      const bitmap = await loadBitmap(session.begun, picture);
      if (stale()) return;
      session.picture = picture;
      this.canvas.open(bitmap, photo);
      this.canvas.wait.show(null);
      this.tab.opened(session);
      this.#catchUp();
      this.#update();
      this.#prepare();
      this.#want();
      this.#loadMattes(session, stale).catch(tellError);
    } catch (error) {
      if (stale()) return;
      if (this.selection.picture) { // a result that is gone
        session.history.push(selections.nothing());
        await this.#open(photo, turn);
      } else {
        this.canvas.wait.show(`The photo could not be opened. ${error.message}`);
      }
    }
  }

  #start(photo) {
    const session = new Session(photo, {
      onAnswer: () => { if (session === this.session) this.#update(); },
      onError: (error) => { if (session === this.session) this.#unanswered(error); },
    });
    const kept = keptSelection(photo.id);
    if (kept) {
      session.history = kept.history;
      this.#strokes = Math.max(this.#strokes, kept.strokes);
    }
    this.#sessions.set(photo.id, session);
    return session;
  }

  #prepare() {
    const { session } = this;
    const { picture } = session;
    session.answers.picture = picture;
    this.engines.prepare(session.photo.id, picture, () => session !== this.session || picture !== session.picture).catch(tellError);
  }

  /**
   * Selects in another picture of the same photo, as a step that undo takes back.
   * @param {?string} picture id of a result; null for the photo itself
   */
  goOn(picture) {
    if (picture !== this.selection.picture) this.#push(selections.nothing(picture));
  }

  /** Shows the picture that is selected in. */
  async #showPicture() {
    const { session } = this;
    const { picture } = this.selection;
    const drawn = session.named(picture);
    const stale = () => session !== this.session || drawn !== session.drawn;
    if (picture !== session.picture) {
      session.picture = picture;
      this.#prepare();
    }
    session.drawn = drawn;
    try {
      const bitmap = await loadBitmap(session.begun, picture);
      if (!stale() && this.canvas.isOpen) this.canvas.replace(bitmap);
    } catch (error) {
      if (stale()) return;
      tellError(error);
      if (picture) this.goOn(null);
    }
  }

  /** Begins with the photo as it came, or as its edit shows it; what is selected stays. */
  #begin(original) {
    if (this.selection.picture) return;
    this.session.original = original;
    this.#catchUp();
    this.#show();
  }

  /** Shows the photo by the version of its edit that is wanted by now. */
  #catchUp() {
    const { session } = this;
    if (!session || !this.canvas.isOpen || session.drawn === session.named(this.selection.picture)) return;
    this.#showPicture();
    this.#show();
  }

  /** Makes a mask all that is selected. @param {string} png base64 */
  use(png, name) {
    const blank = selections.nothing(this.selection.picture);
    this.#push(selections.add(blank, { name, start: new Start(png) }));
  }

  /** Kept until the selection is drawn. */
  async settled() {
    while (this.#updating) await new Promise((done) => requestAnimationFrame(done));
  }

  async #loadMattes(session, stale) {
    let news = { number: -1 };
    do {
      news = await request('GET', `photos/${session.photo.id}/mattes?seen=${news.number}`);
      if (stale()) return;
      if (news.state === 'failed') session.readyNote = news.step;
      else if (news.state !== 'done') session.readyNote = `${news.step}…`;
      this.#takeMattes(session, news);
      this.#showReady();
    } while (news.state === 'waiting' || news.state === 'working');
  }

  #libraryChanged() {
    const photo = this.session && library.find(this.session.photo.id);
    if (!photo) return;
    this.session.photo = photo;
    this.bar.showPhoto(photo);
    if (this.workspace.shown) this.#catchUp();
  }

  /** The visitor's own masks are ready choices, too. */
  async #masksChanged(photo) {
    const session = this.#sessions.get(photo);
    if (!session?.mattes) return;
    this.#takeMattes(session, await request('GET', `photos/${photo}/mattes`));
    if (session === this.session) this.#showReady();
  }

  #takeMattes(session, { state, mattes }) {
    // A photo of several faces has the parts of each one, too: those stay in Edit.
    session.mattes = mattes.filter(({ kind, face }) => !face || kind.startsWith('face-'));
    if (state === 'done') session.readyNote = session.mattes.length ? '' : 'Nothing stands out in this photo.';
  }

  // Gestures

  #click([x, y], adds) {
    const { clicks } = selections.active(this.selection);
    if (clicks.length >= this.maxClicks) {
      toast(`An object takes ${this.maxClicks} clicks. Begin another one, or paint what is missing.`, { kind: 'error' });
      return;
    }
    const place = { point: [x, y].map((length) => Math.round(length * 100) / 100), adds };
    const shown = this.hover.take(place);
    const clicked = this.#clicked(shown?.place ?? place);
    if (shown) this.session.answers.take(selections.active(clicked), shown.found.answer);
    this.#push(clicked);
  }

  /** What is selected once there is one click more. */
  #clicked({ point, adds }) {
    const { clicks } = selections.active(this.selection);
    return selections.change(this.selection, { clicks: [...clicks, [...point, adds]] });
  }

  /** What a click of the mouse would be just now; null where it would select nothing, or something is under way. */
  #place(event) {
    if (!this.session || !this.canvas.isOpen || this.tools.paints || this.tools.pans({ button: 0 })) return null;
    if (this.#busy || this.canvas.waiting || this.tab.cover()) return null;
    const point = this.canvas.inPhoto(event);
    const adds = (this.tools.tool === 'add') !== event.altKey;
    const thing = selections.active(this.selection);
    if (!point || (!adds && selections.isBlank(thing)) || thing.clicks.length >= this.maxClicks) return null;
    return { point: point.map((length) => Math.round(length * 100) / 100), adds };
  }

  /** Has the engine say what a click would select. */
  async #foresee(place, signal) {
    const { session, selection } = this;
    const answer = await session.answers.glance(selections.active(this.#clicked(place)), signal);
    if (!answer || session !== this.session || selection !== this.selection) return null;
    return { answer, mask: await session.masks.decode(answer.candidates[0].mask) };
  }

  #box(box) {
    const { width, height } = this.session.photo;
    const [left, right] = [box[0], box[2]].map((x) => Math.max(0, Math.min(width, Math.round(x))));
    const [top, bottom] = [box[1], box[3]].map((y) => Math.max(0, Math.min(height, Math.round(y))));
    if (right <= left || bottom <= top) return;
    // Another box means another object.
    this.#push(selections.add(this.selection, { box: [left, top, right, bottom] }));
  }

  /** Begins a stroke on the object that is chosen. */
  #paint(adds, radius) {
    if (this.#painting || !this.mask) return null;
    const { session } = this;
    const { size } = session.masks;
    const thing = selections.active(this.selection);
    const stroke = { id: this.#strokes += 1, adds, radius, points: [] };
    const painter = new Painter((session.shown.get(thing.id) ?? session.masks.empty).slice(), size, stroke);
    const others = selections.filled(this.selection).filter(({ id }) => id !== thing.id).map(({ id }) => session.shown.get(id)).filter(Boolean);
    const beside = others.length ? union(others, this.mask.length) : null;
    const all = this.mask.slice();
    let touched = false;
    this.#painting = {
      to: (point) => {
        stroke.points.push(point);
        const [left, top, right, bottom] = painter.to(point);
        touched ||= right > left && bottom > top;
        for (let y = top; y < bottom; y += 1) {
          for (let i = y * size[0] + left, end = y * size[0] + right; i < end; i += 1) all[i] = beside ? Math.max(painter.mask[i], beside[i]) : painter.mask[i];
        }
        this.canvas.overlay.touch(all, [left, top, right, bottom]);
        this.canvas.requestDraw();
      },
      end: (keep) => {
        this.#painting = null;
        if (session !== this.session) return;
        if (keep && touched) this.#push(selections.change(this.selection, { strokes: [...selections.active(this.selection).strokes, stroke] }));
        else this.#update();
      },
    };
    return this.#painting;
  }

  /** One of the steps of the panel, on the mask of the object that is chosen. */
  async #step(name, amount) {
    const { session } = this;
    const thing = selections.active(this.selection);
    const mask = await session.masks.of(thing);
    if (!mask) return;
    this.#setBusy(1);
    try {
      const start = name === 'invert'
        ? await session.masks.start(inverted(mask))
        : new Start((await request('POST', `photos/${session.photo.id}/mask-steps`, { mask: (await session.masks.start(mask)).png, step: name, amount, picture: session.picture })).mask);
      // What was done meanwhile goes before.
      if (session === this.session && thing === selections.active(this.selection)) this.#push(selections.bake(this.selection, start));
    } finally {
      this.#setBusy(-1);
    }
  }

  async #useMatte(kind) {
    const { session } = this;
    const matte = session.mattes.find((each) => each.kind === kind);
    const used = this.selection.things.find((thing) => thing.start?.kind === kind && !selections.isAsked(thing) && !thing.strokes.length);
    if (used) {
      this.#push(selections.remove(this.selection, used.id));
      return;
    }
    if (!session.starts.has(kind)) {
      const file = await requestBlob('GET', `photos/${session.photo.id}/mattes/${kind}?version=${matte.version}`);
      const start = new Start(toBase64(new Uint8Array(await file.arrayBuffer())));
      start.kind = kind;
      session.starts.set(kind, start);
    }
    if (session === this.session) this.#push(selections.add(this.selection, { name: matte.label, start: session.starts.get(kind) }));
  }

  async #upload(file) {
    const { session } = this;
    const { mask } = await upload(`photos/${session.photo.id}/mask-upload`, file, () => {});
    if (session === this.session) this.#push(selections.add(this.selection, { name: file.name, start: new Start(mask) }));
  }

  #clear() {
    if (selections.filled(this.selection).length) this.#push(selections.nothing(this.selection.picture));
  }

  /** What undo and redo go through while something is selected. @returns {import('../common/history.js').Past[]} */
  get #past() {
    if (!this.session || !this.canvas.isOpen || this.tab.cover()) return [];
    const { history } = this.session;
    return [{
      doneAt: history.doneAt,
      undoneAt: history.undoneAt,
      undo: () => { history.undo(); this.#changed(); },
      redo: () => { history.redo(); this.#changed(); },
    }];
  }

  /** What is selected goes, else the photo. */
  #delete(event) {
    if (selections.filled(this.selection).length) this.#clear();
    else this.workspace.removePhoto(event);
  }

  #push(selection) {
    this.session.history.push(selection);
    this.#changed();
  }

  /** Changes what is no step of its own. */
  #replace(selection) {
    this.session.history.replace(selection);
    this.#changed();
  }

  #changed() {
    const { session, selection } = this;
    const ids = new Set(selections.filled(selection).map(({ id }) => id));
    for (const id of session.shown.keys()) if (!ids.has(id)) session.shown.delete(id);
    this.#previewed = null;
    this.hover.stop();
    if (session.drawn !== session.named(selection.picture)) this.#showPicture();
    this.#want();
    this.#update();
    this.#show();
  }

  #want() {
    const chosen = selections.active(this.selection);
    this.session.answers.want([chosen, ...this.selection.things.filter((thing) => thing !== chosen)]);
  }

  #chooseEngine() {
    if (!this.session) return;
    this.session.answers.engine = this.engines.chosen;
    this.#prepare();
    this.#changed();
  }

  #unanswered(error) {
    this.canvas.waitAt(null);
    toast(error.message, { kind: 'error', label: 'Try again', run: () => this.session && this.#want() });
  }

  // Showing it

  /** Brings the masks up to what is selected; what is awaited stays as it was last shown. */
  async #update() {
    this.#outdated = true;
    if (this.#updating) return;
    this.#updating = true;
    try {
      while (this.#outdated && this.session) {
        this.#outdated = false;
        await this.#compose(this.session, this.selection);
      }
    } catch (error) {
      tellError(error);
    } finally {
      this.#updating = false;
    }
    if (this.session) this.#show();
  }

  async #compose(session, selection) {
    const things = selections.filled(selection);
    const choice = this.#previewed;
    const active = selections.active(selection);
    const [looked, ...found] = await Promise.all([choice === null ? null : session.masks.of({ ...active, choice }), ...things.map((thing) => session.masks.of(thing))]);
    if (session !== this.session || selection !== this.selection || this.#painting || !this.canvas.isOpen) return;
    things.forEach((thing, index) => { if (found[index]) session.shown.set(thing.id, found[index]); });
    const masks = things.map(({ id }) => session.shown.get(id)).filter(Boolean);
    this.mask = masks.length ? union(masks, session.masks.empty.length) : session.masks.empty;
    const previewed = looked && [looked, ...things.filter(({ id }) => id !== active.id).map(({ id }) => session.shown.get(id)).filter(Boolean)];
    this.canvas.overlay.show(previewed ? union(previewed, session.masks.empty.length) : this.mask);
    this.canvas.requestDraw();
  }

  #show() {
    const { session, selection } = this;
    const { answers } = session;
    const thing = selections.active(selection);
    const answer = selections.isAsked(thing) ? answers.of(thing) : null;
    const things = selections.filled(selection);
    const waits = things.some((each) => selections.isAsked(each) && !answers.of(each));
    const busy = waits || this.#updating || this.#busy > 0;
    this.canvas.waitAt(waits ? selections.place(thing) : null);
    this.canvas.mark(thing);
    this.canvas.element.setAttribute('aria-busy', busy);
    this.bar.base.show(selection.picture ? null : session.photo, session.original);
    this.bar.showHistory(canUndo('replace'), canRedo('replace'), things.length > 0);
    this.candidates.show(answer?.candidates ?? [], thing.choice);
    if (answer) this.engines.showAnswer(answer);
    this.things.show(selection, !selections.isBlank(thing));
    for (const [id, mask] of session.shown) this.things.picture(id, mask, session.masks.size);
    this.panel.showSteps(!selections.isBlank(thing) && !this.#busy);
    this.#showReady();
    this.tab.show({ name: nameOf(things), busy, ready: !busy && things.length > 0 && this.mask !== null && !isEmpty(this.mask) });
  }

  #showReady() {
    const { mattes, readyNote } = this.session;
    const chosen = this.selection.things.map(({ start }) => start?.kind).filter(Boolean);
    this.panel.showReady(mattes, chosen, readyNote);
  }

  #showTool() {
    this.panel.showTool(this.tools);
    this.hint.textContent = TOOLS[this.tools.tool].hint;
    this.hover.stop();
  }

  #showColour() {
    const kept = storage.get(COLOUR);
    const colour = kept in COLOURS ? kept : Object.keys(COLOURS)[0];
    this.canvas.overlay.outlined = storage.get(OUTLINE) !== 'off';
    for (const overlay of [this.canvas.overlay, this.canvas.foreseen]) overlay.setColour(colour);
    this.canvas.requestDraw();
    this.panel.showColour(colour, this.canvas.overlay.outlined);
  }

  /** Says how far the picture is zoomed. */
  showView() {
    const { view, fitted } = this.canvas.viewport;
    this.bar.showZoom(view.scale, fitted);
  }

  #setBusy(change) {
    this.#busy += change;
    if (this.session) this.#show();
  }

  // Keyboard

  #watchKeys() {
    const actions = {
      c: () => this.candidates.next(),
      n: () => this.things.more.click(),
      i: () => this.#step('invert', 0).catch(tellError),
      o: () => this.#begin(!this.session.original),
      '[': () => this.tools.step('['),
      ']': () => this.tools.step(']'),
      '?': () => this.bar.openHelp(),
      Delete: (event) => this.#delete(event),
      ' ': (event) => {
        if (!this.canvas.surface.matches(':hover')) return;
        event.preventDefault();
        this.tools.holdSpace(true);
      },
    };
    for (const [tool, { key }] of Object.entries(TOOLS)) actions[key.toLowerCase()] = () => this.tools.choose(tool);
    this.workspace.watchKeys({
      viewport: this.canvas.viewport,
      isOpen: () => this.session !== null && !this.tab.cover(),
      actions,
    });
    document.addEventListener('keyup', (event) => { if (event.key === ' ') this.tools.holdSpace(false); });
    addEventListener('blur', () => this.tools.holdSpace(false));
  }
}

/** What a selection of these objects is called. */
function nameOf(things) {
  return things.length === 1 && things[0].start?.kind ? things[0].name : 'Selection';
}
