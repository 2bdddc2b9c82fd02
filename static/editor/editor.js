// The Edit tab: puts the library, the stage, the layers and the sliders together.

import { openSession, request } from '../common/api.js';
import { h, icon, tellError, toast } from '../common/dom.js';
import { History } from '../common/history.js';
import { isNarrow, watchNarrow } from '../common/narrow.js';
import { idle } from '../common/pause.js';
import { thumbnail } from '../common/renditions.js';
import { storage } from '../common/storage.js';
import { openTab } from '../common/tabs.js';
import { alsoUndoes, canRedo, canUndo, journal, redo, undo } from '../common/undo.js';
import { News } from '../gallery/news.js';
import { Corrections } from '../gallery/people/corrections.js';
import { current } from '../library/current.js';
import { library } from '../library/store.js';
import { sendsLate } from '../library/unsaved.js';
import { Workspace } from '../library/workspace.js';
import { framing } from '../webgl/geometry.js';
import { Auto } from './auto.js';
import { AutoSaver } from './autosave.js';
import { Bar } from './bar.js';
import { Belongings } from './belongings.js';
import { Bindings, followed, followedBy, solePart } from './bindings.js';
import { Copying } from './copying.js';
import { CropTool } from './crop.js';
import { Curve } from './curve.js';
import { EMPTY, addLayer, adjust, canMove, changeLayer, compact, isMade, isOwn, isTouched, layer, madeLayer, mattesOf, moveLayer, newLayer, paintedPoints, removeLayer, replaceLayer, resetLayer, upTo, upgraded, withMattes, withPreset } from './document.js';
import { Downloads } from './downloads.js';
import { CUTOUTS, Entries } from './entries.js';
import { FollowBar } from './followbar.js';
import { Grading } from './grading.js';
import { Histogram, HistogramFold } from './histogram.js';
import { HistoryMenu } from './historymenu.js';
import { LayerLine } from './layerline.js';
import { LayerRow } from './layers.js';
import { LensTool } from './lenstool.js';
import { Lightroom } from './lightroom.js';
import { LutChoice, isCube } from './lut.js';
import { watchMasking } from './masking.js';
import { VIEWS } from './maskpanel.js';
import { MaskTools } from './masktools/masktools.js';
import { freeName } from './masktools/parts.js';
import { Mixer } from './mixer.js';
import { NoiseState } from './noise.js';
import { OwnPresets } from './ownpresets.js';
import { Presets } from './presets.js';
import { RawChoices } from './raw.js';
import { Tools } from './sliders.js';
import { Snapshots } from './snapshots.js';
import { Stage } from './stage.js';
import { keepSteps, keptSteps } from './steps.js';
import { ViewTransform } from './viewtransform.js';
import { WhiteBalance } from './whitebalance.js';

// How masks were shown last.
const MASK_VIEW = 'envo:mask-view';
const IDLE_MS = 1000; // of the page, until what a photo is drawn with is compiled

/**
 * @param {HTMLElement} root an empty element, to be filled
 * @param {{schema: object, parts: Object<string, string>, mapsVersion: number, presets: object[], saveDelay: number, maxBytes: number}} options from Python, see tabs/edit.py
 */
export async function mount(root, options) {
  current.start().catch(() => {}); // told where it is waited for
  await openSession().catch(() => {}); // then photos are asked for, and come while all this is made
  return new Editor(root, options).start();
}

class Editor {
  photo = null;
  history = new History(EMPTY);
  mattes = []; // as the server lists them, in the order of their layers
  faces = []; // boxes of the faces that have mattes of their own
  cutout = 'person'; // which of CUTOUTS the layers show
  selected = 'image';
  revealed = false; // the mask of the chosen layer is shown
  maskView = storage.get(MASK_VIEW) in VIEWS ? storage.get(MASK_VIEW) : 'red'; // how masks are shown
  wanted = null; // {photo, kind} of the layer to be chosen once it is there
  #opening = 0;
  #dropping = Promise.resolve(); // until masks that nothing has any more are deleted
  #histories = new Map(); // id of a photo that was left -> {saver, history}: undo goes on when it is opened again

  constructor(root, { schema, parts, mapsVersion, presets, saveDelay, maxBytes }) {
    this.schema = schema;
    this.saveDelay = saveDelay;
    this.maxLayers = schema.max_layers;
    const { adjustments } = schema;
    this.defaults = Object.fromEntries(adjustments.map((each) => [each.id, each.default]));
    const labels = Object.fromEntries(adjustments.map((each) => [each.id, each.label]));
    const onStart = () => this.history.begin();

    this.stage = new Stage(schema, { onView: () => this.#showView() });
    const open = {
      photo: () => this.photo,
      document: () => this.history.present,
      nameOf: ({ id, name }) => (layer(this.document, id) ? this.entries.of(layer(this.document, id)).full : name),
    };
    this.snapshots = new Snapshots({
      ...open,
      onGo: ({ document }) => { this.#step(upgraded(document)); this.#restoreMasks().catch(tellError); },
    });
    this.steps = new HistoryMenu(schema, presets, this.snapshots, {
      own: () => this.presets.own.all,
      nameOf: (id, each = layer(this.document, id)) => this.entries.calledInSteps(id, each),
      onGo: (index) => { this.history.goTo(index); this.#wentBack(); },
      onRevert: () => this.#step(EMPTY),
    });
    this.copying = new Copying({
      ...open,
      onPaste: (document) => this.#step(document),
    });
    this.downloads = new Downloads({
      ...open,
      size: () => framing(this.document.geometry, [this.photo.width, this.photo.height], schema.constants).size,
    });
    this.bar = new Bar({
      undo: () => undo('edit'),
      redo: () => redo('edit'),
      steps: this.steps,
      copying: this.copying,
      split: () => this.#split(),
      fit: () => this.stage.viewport.fit(),
      actual: () => this.stage.viewport.zoom(1),
      downloads: this.downloads,
    });
    this.histogram = new Histogram();
    const onPick = (button, wish) => this.stage.picker.toggle(button, wish);
    this.curve = new Curve(this.histogram.canvas, schema, {
      onStart,
      onCurves: (curves) => this.#move(changeLayer(this.document, this.selected, { curves })),
      onPick,
      look: (at, change) => this.#look(at, change),
    });
    this.fold = new HistogramFold(this.curve.element, () => this.histogram.seen());
    this.curveSheet = h('div.curve-sheet');
    this.layers = new LayerRow({
      labels,
      onSelect: (id) => { this.selected = id; this.#show(); },
      onHover: (id) => this.#overlay(id),
      onCutout: (name) => this.#cutOut(name),
      onNew: (by) => this.masks.openNew(by),
    });
    this.line = new LayerLine({
      labels,
      onVisible: () => this.#step(changeLayer(this.document, this.selected, { visible: !layer(this.document, this.selected).visible })),
      onInvert: () => this.masks.invert(),
      onReveal: () => this.#reveal(!this.revealed),
      onReset: () => this.#step(resetLayer(this.document, this.selected)),
      onDelete: () => this.#delete(this.selected).catch(tellError),
      onDuplicate: () => this.#duplicate(this.selected),
      onMove: (step) => this.#step(moveLayer(this.document, this.selected, step)),
      onFind: () => this.tools.finder.open(),
      onRate: (quality) => this.#rateMatte(this.selected, quality).catch(tellError),
      onRename: (name) => this.#rename(this.selected, name).catch(tellError),
    });
    this.bindings = new Bindings(parts, () => this.#bound());
    this.corrections = new Corrections(() => this.#askNames());
    this.followBar = new FollowBar({
      onFollow: () => this.#toggleFollow(),
      onConfirm: () => this.corrections.confirm([this.#asked]).catch(tellError),
      onRefuse: () => this.corrections.refuse([this.#asked]).catch(tellError),
      onName: (name) => this.corrections.name([this.#asked], name).catch(tellError),
      onGallery: () => openTab('Gallery'),
      people: async () => (await request('GET', 'gallery/people')).people,
    });
    this.news = new News();
    this.news.addEventListener('change', () => this.#askNames().catch(tellError));
    const own = new OwnPresets(schema, this.defaults, {
      ...open,
      put: (copy) => this.copying.put(copy),
      onStep: (document) => this.#step(document),
      onPictures: (pictures) => this.presets.pictures.take(pictures),
      onList: () => { if (this.opened) this.#showPanel(); },
      onBrought: () => { if (this.opened) this.tools.choose('Presets'); },
    });
    this.lightroom = new Lightroom({
      say: (sentence, actions) => this.stage.say(sentence, actions),
      put: (copy) => this.copying.put(copy),
      tell: toast,
      onRows: (rows) => this.bar.offer(rows),
    });
    this.presets = new Presets(presets, schema, mapsVersion, own, {
      onChange: (id, put, taken) => { this.selected = id; this.#step(withPreset(this.document, id, put, taken, this.defaults)); },
      onHover: (id) => this.#overlay(id),
    });
    this.masks = this.#maskTools();
    this.crop = new CropTool(this.stage, schema, {
      onStart,
      onMove: (geometry) => this.#move({ ...this.document, geometry }),
      onStep: (geometry) => this.#step({ ...this.document, geometry }),
      onDone: () => this.tools.choose(this.toolBefore),
    });
    this.lens = new LensTool(this.stage, {
      onStart,
      onMove: (lens) => this.#move({ ...this.document, lens }),
      onStep: (lens) => this.#step({ ...this.document, lens }),
      onCome: () => this.#show(),
    });
    const onInput = (values) => this.#move(adjust(this.document, this.selected, values, this.defaults));
    this.view = new ViewTransform(schema, { onView: (view) => this.#step({ ...this.document, view }) });
    this.noise = new NoiseState();
    this.belongings = new Belongings(this.stage, schema, mapsVersion, this.noise, {
      document: () => this.document,
      matte: (kind) => this.mattes.find((each) => each.kind === kind),
      kindOf: (part) => this.#kindOf(part),
      onCome: () => this.#showHistogram(),
      onRetry: () => this.#show(),
      onDeveloping: (isDeveloping) => this.stage.note(isDeveloping ? 'Developing the RAW…' : ''),
    });
    this.entries = new Entries(parts, this.bindings, this.belongings, () => ({ photo: this.photo, mattes: this.mattes, faces: this.faces }));
    this.lut = new LutChoice({
      onLut: (lut) => {
        this.belongings.forgetLut(lut?.id);
        this.#step(changeLayer(this.document, this.selected, { lut }));
      },
    });
    this.white = new WhiteBalance(schema, {
      onSet: (values) => this.#adjustAt(this.selected, values),
      onPick,
      look: (at) => this.#look(at, () => null),
      onMeasure: (measure) => this.tools.sliders.get('temperature').measured(measure),
    });
    this.raw = new RawChoices(schema, { onChoose: (development) => this.#step({ ...this.document, development }) });
    const widgets = [
      this.view,
      this.raw,
      this.noise,
      this.white,
      new Mixer(schema, { onStart, onInput, onPick, look: (at, change) => this.#look(at, change) }),
      new Grading(schema, { onStart, onInput }),
      this.lut,
    ];
    const others = [
      { name: 'Curve', picture: 'curve', element: this.curveSheet, isUsed: (each) => this.curve.isUsed(each), narrow: true, after: 'Light' },
      { name: 'Mask', picture: 'mask', element: this.masks.panel.element, isUsed: (each) => this.masks.panel.isUsed(each), apart: true },
      { name: 'Crop', picture: 'crop', element: this.crop.element, isUsed: () => this.crop.isUsed },
      { name: 'Lens', picture: 'lens', element: this.lens.element, isUsed: () => this.lens.isUsed(this.document) },
      { name: 'Presets', picture: 'grid', element: this.presets.element, isUsed: () => this.presets.isUsed },
    ];
    const findable = [
      { id: 'curve', label: 'Curve', group: 'Light', section: 'Curve', about: 'Draws what becomes of each tone.', reveal: () => this.#revealCurve() },
      ...this.masks.panel.findable.map(({ adjustment, range }) => (
        { ...adjustment, group: 'Mask', section: 'Mask', reveal: () => { this.tools.choose('Mask'); range.focus(); } })),
      ...this.crop.sliders.map(({ adjustment, range }) => (
        { ...adjustment, group: 'Crop', section: 'Crop', reveal: () => { this.tools.choose('Crop'); range.focus(); } })),
      ...this.lens.sliders.map(({ adjustment, range }) => (
        { ...adjustment, group: 'Lens', section: 'Lens', reveal: () => { this.tools.choose('Lens'); range.focus(); } })),
    ];
    this.tools = new Tools(adjustments, widgets, others, findable, {
      onStart,
      onInput,
      onReset: (names, cleared) => this.#step(changeLayer(adjust(this.document, this.selected, this.#defaultsOf(names), this.defaults), this.selected, cleared)),
      onOpen: (tool) => this.#toolOpened(tool),
    });
    watchMasking(this.tools.sliders.get('sharpening_masking'), (isShown) => this.#showMasking(isShown));
    watchNarrow(() => this.#placeCurve());
    this.#placeCurve();
    this.auto = new Auto({
      onApply: (values) => this.#adjustAt('image', values),
      onTakeBack: (names) => this.#adjustAt('image', this.#defaultsOf(names)),
    });
    this.photos = h('button.tool-tab.narrow-only', { type: 'button', 'aria-label': 'Other photos', 'aria-expanded': 'false', onclick: () => this.#choosePhoto(root) }, icon('many'), 'Photos');
    this.workspace = new Workspace(root, {
      maxBytes,
      shows: ['edit', 'Person, hair, eyes, background: each is found by itself, and changed on its own.'],
      stage: [this.bar.element, this.stage.element],
      panel: h('aside.panel.railed', { 'aria-label': 'Layers and tools' },
        h('div.railed-body', {}, this.layers.element, this.line.element, this.followBar.element, this.fold.element, this.tools.element),
        h('div.rail-side', {}, this.auto.element, this.tools.rail.element), this.photos),
      onShown: () => this.#follow().catch(tellError),
      onFiles: (files) => this.#takeFiles(files),
    });
  }

  #maskTools() {
    return new MaskTools(this.stage, this.schema, {
      document: () => this.document,
      photo: () => this.photo,
      selected: () => this.selected,
      select: (id) => { this.selected = id; },
      step: (document) => this.#step(document),
      begin: () => this.history.begin(),
      move: (document) => this.#move(document),
      giveUp: () => { this.history.giveUp(); this.#changed(); },
      mattes: () => this.mattes.map(({ kind }) => ({ kind, name: this.entries.nameOf(kind) })),
      nameOf: (key) => this.entries.nameOf(key),
      isOpen: () => this.tools.chosen === 'Mask',
      open: () => { if (this.tools.chosen !== 'Mask') this.tools.choose('Mask'); },
      reveal: (revealed) => { this.revealed = revealed; },
      view: (view) => this.#showMasksAs(view),
      show: () => this.#showPanel(),
      listed: (kind) => this.#keptMask(kind),
      isUsed: (kind) => this.history.present.layers.some(({ mask }) => mattesOf(mask).some((part) => part.kind === kind)),
      drop: (kind) => this.#dropMask(kind),
      replace: () => openTab('Replace'),
      look: (at) => this.stage.look({ ...EMPTY, geometry: this.document.geometry, lens: this.document.lens }, at),
    });
  }

  async start() {
    this.bar.showPhoto(null);
    if (!this.stage.renderer) return;
    this.#watchKeys();
    this.#watchOtherWindows();
    try {
      if (!(await this.workspace.start())) this.#tellTicket();
    } catch (error) {
      tellError(error);
      return;
    }
    new IntersectionObserver(() => this.#listen()).observe(this.workspace.root);
    sendsLate(() => this.#flush());
    alsoUndoes('edit', () => this.#past);
    journal('edit').addEventListener('change', () => this.#showPanel());
    addEventListener('pagehide', () => this.#keepSteps());
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') this.#keepSteps(); });
    current.addEventListener('change', () => this.#follow());
    library.addEventListener('change', () => this.#libraryChanged());
    library.addEventListener('masks', ({ detail }) => {
      this.channel.postMessage({ photo: detail.photo, masks: true });
      this.#masksChanged(detail).catch(tellError);
    });
    library.addEventListener('pasted', ({ detail }) => this.#pasted(detail).catch(tellError));
    this.started = true;
    this.presets.own.load().catch(tellError);
    await this.#follow();
    this.workspace.ready();
    idle(IDLE_MS).then(() => this.stage.renderer.prepare());
  }

  get document() {
    return withMattes(this.history.present, this.mattes.map((matte) => matte.kind));
  }

  /** Opens the photo that is open in all tabs, while this one is seen. */
  async #follow() {
    if (!this.started || !this.workspace.shown) return;
    if (current.photo?.id === this.photo?.id) await this.#askNames();
    else if (current.photo) await this.#load(current.photo);
    else this.#leave();
  }

  /** Opens a photo: its edit, its pixels, and its mattes as they come. */
  async #load(photo) {
    const { id } = photo;
    const turn = ++this.#opening;
    const stale = () => turn !== this.#opening;
    this.#close(photo);
    this.stage.busy('Opening the photo…', thumbnail(photo));
    this.stage.renderer.prepare();
    try {
      const isRaw = photo.format === 'RAW'; // its edit says how it is developed
      const [edit, pixels, light] = await Promise.all([
        this.#stored(id),
        isRaw ? null : this.belongings.pixels(photo),
        isRaw ? request('GET', `photos/${id}/light`) : null,
      ]);
      if (stale()) return;
      this.white.begin(light?.kelvin ?? null);
      this.#takeEdit(photo, edit);
      const source = pixels ?? await this.belongings.first(photo);
      if (stale()) return;
      await this.stage.open(source, photo.width, photo.height);
      if (stale()) return;
      this.stage.busy(null);
      this.opened = true;
      this.copying.opened(photo);
      this.#show();
      this.presets.pictures.open(photo);
      this.belongings.loadMaps().catch(() => {}); // whoever needs them asks again
      this.lightroom.opened(photo, edit.version > 0).catch(() => {}); // the photo is all the same
      await this.#loadMattes(photo, stale);
    } catch (error) {
      if (!stale()) this.stage.busy(`The photo could not be opened. ${error.message}`);
    }
  }

  /** Leaves the photo that is open for another, or none: nothing of it is shown any more. */
  #close(next) {
    if (this.saver) {
      this.#histories.set(this.photo.id, { saver: this.saver, history: this.history });
      this.#finish(this.saver, this.photo.name);
    }
    this.saver = null;
    this.history = new History(EMPTY);
    this.opened = false;
    this.mattes = [];
    this.faces = [];
    this.selected = 'image';
    this.revealed = false;
    this.layers.notes.show(null);
    this.bar.showZoom(1, true);
    this.stage.say(null);
    this.stage.renderer.setOverlay(null);
    this.stage.picker.stop();
    this.lightroom.forget();
    this.curve.forget();
    this.histogram.clear();
    this.layers.say('');
    this.photo = next;
    this.belongings.open(next);
    this.bindings.open(next);
    this.bar.showPhoto(next);
    if (next) this.workspace.root.style.setProperty('--aspect', Math.max(1, next.width / next.height));
    this.#showPanel();
  }

  async #finish(saver, name) {
    if (await saver.leave()) return;
    toast(saver.stopped
      ? `“${name}” was changed in another window; open it to choose what is to stay.`
      : `The last changes of “${name}” could not be saved yet; that is tried again.`, { kind: 'error' });
  }

  /** Sends what is not saved, of photos that were left, too. */
  #flush() {
    const savers = [...this.#histories.values()].map(({ saver }) => saver);
    return Promise.all([...savers, ...(this.saver ? [this.saver] : [])].map((saver) => saver.flush()));
  }

  /** The edit of a photo as it is once what this page sent of it has arrived. */
  async #stored(id) {
    await this.#histories.get(id)?.saver.settle();
    return request('GET', `photos/${id}/edit`);
  }

  #takeEdit(photo, { version, document }) {
    const before = this.#histories.get(photo.id);
    this.#histories.delete(photo.id); // from here on another saver has the word
    if (before?.saver.stopped && before.saver.isBehind) {
      ({ history: this.history, saver: this.saver } = before);
      this.#conflict();
      return;
    }
    const goesOn = before?.saver.version === version;
    const leftover = upgraded(AutoSaver.leftover(photo.id, version));
    const kept = keptSteps(photo.id, leftover ?? document ?? EMPTY);
    this.history = goesOn ? before.history : kept ?? new History(document ?? EMPTY);
    this.saver = new AutoSaver({
      photo: photo.id,
      version,
      delay: this.saveDelay,
      onState: (state, reason) => this.bar.showState(state, reason),
      onConflict: () => this.#conflict(),
      onSaved: (written, edit) => {
        this.channel.postMessage({ photo: photo.id, version: written, edit });
        library.edited(photo.id, edit);
      },
    });
    if (goesOn ? before.saver.isBehind : leftover && kept) this.#changed();
    else if (leftover) this.#step(leftover);
  }

  async #loadMattes(photo, stale) {
    let news = { number: -1 };
    do {
      news = await request('GET', `photos/${photo.id}/mattes?seen=${news.number}`);
      if (stale()) return;
      this.#takeMattes(news);
      if (this.mattes.length) this.#show();
      if (news.state === 'failed') {
        this.layers.say(news.step, 'Try again', () => this.#loadMattes(photo, stale).catch(tellError));
        return;
      }
      if (news.state !== 'done') this.layers.wait(news.step, news.fraction);
    } while (news.state !== 'done');
    this.layers.fold(this.entries.groups());
    const isUsed = (name) => CUTOUTS[name].some((kind) => this.history.present.layers.some(({ id }) => id === kind));
    this.cutout = this.#has('person') && !(isUsed('subject') && !isUsed('person')) ? 'person' : 'subject';
    this.layers.say(this.mattes.length ? '' : 'Nothing stands out in this photo.');
    const found = this.mattes.find(({ own }) => !own);
    this.layers.notes.show(found ? { licences: news.licences, seconds: found.seconds, device: news.device } : null);
    this.#show();
    // So that a first look at a mask does not wait; those of one face among several, and one's own, come when they are
    // asked for.
    for (const { kind, face, own } of this.mattes) if (!face && !own && !stale()) await this.belongings.loadMatte(kind);
    if (news.closer && !stale()) await this.#loadCloser(photo, stale);
  }

  /** Takes better mattes in place of those that came at once, when they are there. */
  async #loadCloser(photo, stale) {
    let news = { number: -1 };
    do {
      news = await request('GET', `photos/${photo.id}/mattes?closer=true&seen=${news.number}`);
      if (stale()) return;
    } while (news.closer);
    const before = new Map(this.mattes.map(({ kind, version }) => [kind, version]));
    this.#takeMattes(news);
    this.mattes.forEach(({ kind, version }) => before.get(kind) === version && before.delete(kind));
    for (const kind of before.keys()) this.belongings.dropMatte(kind);
    await Promise.all([...before.keys()].map((kind) => this.belongings.loadMatte(kind)));
    if (!stale()) this.#show();
  }

  /** Takes the list of mattes; the visitor's own are in it before the others are found. */
  #takeMattes({ mattes, faces = [], people = null }) {
    this.mattes = mattes;
    this.faces = faces;
    if (people) this.bindings.take(people);
    this.#listen();
    if (this.wanted?.photo !== this.photo.id || !this.#has(this.wanted.kind)) return;
    this.selected = this.wanted.kind;
    this.wanted = null;
  }

  /** Learns who is in the photo by now: people are named in the gallery. */
  async #askNames() {
    if (!this.faces.length || !this.opened) return;
    const { id } = this.photo;
    const [{ people }] = await Promise.all([request('GET', `photos/${id}/mattes`), this.bindings.refresh()]);
    if (this.photo?.id !== id || !people) return;
    this.bindings.take(people);
    this.#showPanel();
  }

  /** Somebody whom the edit follows was found in the photo, or is somewhere else in it by now. */
  #bound() {
    if (this.opened) this.#show();
  }

  /** Hears of names that are given elsewhere, where a name counts for what is seen here. */
  #listen() {
    const counts = this.bindings.people.some(Boolean) || followed(this.history.present).length > 0;
    this.news.listen(Boolean(this.started && this.workspace.shown && counts));
  }

  /** The visitor made, renamed or deleted a mask, in whichever tab. */
  async #masksChanged({ photo: id, kind, select }) {
    if (select) this.wanted = { photo: id, kind };
    if (this.photo?.id !== id || !this.opened) return; // it will be listed when the photo is opened
    const news = await request('GET', `photos/${id}/mattes`);
    if (this.photo?.id !== id) return;
    this.#takeMattes(news);
    this.#show();
  }

  /** A mask was kept just now, of what was clicked here. */
  async #keptMask(kind) {
    const { id } = this.photo;
    const news = await request('GET', `photos/${id}/mattes`);
    if (this.photo?.id !== id) return;
    this.#takeMattes(news);
    library.masksChanged(id, { kind });
  }

  #has(kind) {
    return this.mattes.some((matte) => matte.kind === kind);
  }

  /** Takes LUTs and presets that are among files. @returns {Promise<File[]>} the others */
  #takeFiles(files) {
    return this.presets.own.take(this.#takeLut(files));
  }

  /** Gives the chosen layer the LUT that is among files. @returns {File[]} the others */
  #takeLut(files) {
    const cubes = files.filter(isCube);
    if (!cubes.length || !this.opened) return files;
    this.tools.reveal('lut_strength');
    this.lut.bring(cubes[0]).catch(tellError);
    return files.filter((file) => !isCube(file));
  }

  // Changing the document

  /** One step that undo takes back. @returns {boolean} false: it was refused */
  #step(document) {
    return this.#take(document, (changed) => this.history.push(changed));
  }

  /** A move within a gesture that `history.begin` opened. */
  #move(document) {
    this.#take(document, (changed) => this.history.replace(changed));
  }

  #take(document, keep) {
    const changed = compact(document);
    if (paintedPoints(changed) > this.schema.max_painted_points) {
      toast('So much is painted in this photo that no more can be kept; delete a brush first.', { kind: 'error' });
      this.#show();
      return false;
    }
    if (changed.layers.length > this.maxLayers) {
      toast(`A photo can have ${this.maxLayers} changed layers; reset one of them first.`, { kind: 'error' });
      return false;
    }
    keep(changed);
    this.#changed();
    return true;
  }

  #changed() {
    this.saver?.change(this.history.present);
    this.#show();
  }

  /** What undo and redo go through, as the open photo has it. @returns {import('../common/history.js').Past[]} */
  get #past() {
    const { history } = this;
    if (!this.opened) return [];
    return [{
      doneAt: history.doneAt,
      undoneAt: history.undoneAt,
      undo: () => { history.undo(); this.#wentBack(); },
      redo: () => { history.redo(); this.#wentBack(); },
    }];
  }

  /** Another state of the history is shown. */
  #wentBack() {
    this.#changed();
    this.masks.objects.tidy();
    this.#restoreMasks().catch(tellError);
  }

  #keepSteps() {
    const left = [...this.#histories].map(([id, { history }]) => [id, history]);
    keepSteps([...left, ...(this.opened ? [[this.photo.id, this.history]] : [])]);
  }

  #defaultsOf(names) {
    return Object.fromEntries(names.map((name) => [name, this.defaults[name]]));
  }

  /** Adjusts a layer in one step, and chooses it. */
  #adjustAt(id, values) {
    this.selected = id;
    this.#step(adjust(this.document, id, values, this.defaults));
  }

  async #rateMatte(kind, quality) {
    await request('PATCH', `photos/${this.photo.id}/mattes/${kind}`, { quality });
    this.mattes = this.mattes.map((matte) => (matte.kind === kind ? { ...matte, quality } : matte));
    this.#showPanel();
  }

  // Layers and masks that the visitor made: where the mask is one of its own, the layer's id is the kind of its matte

  #duplicate(id) {
    const { name, mask, ...rest } = layer(this.document, id);
    const [, label] = this.entries.of(layer(this.document, id)).label.match(/^(.*?)(?: \d+)?$/);
    const copy = { ...madeLayer(freeName(label, this.document), mask.parts[0]), mask };
    const made = { ...rest, id: copy.id, name: copy.name, mask };
    if (!this.#step(addLayer(this.document, made, id))) return;
    this.selected = made.id;
    this.#show();
  }

  async #rename(id, name) {
    if (isMade(id)) this.#step(changeLayer(this.document, id, { name: name.trim() }));
    else await this.#renameMask(id, name);
  }

  async #delete(id) {
    if (!isMade(id)) {
      await this.#deleteMask(id);
      return;
    }
    const { layers } = this.document;
    this.selected = layers[layers.findIndex((each) => each.id === id) - 1].id;
    this.#step(removeLayer(this.document, id));
  }

  async #renameMask(kind, name) {
    const { id } = this.photo;
    await request('PATCH', `photos/${id}/own-masks/${kind}`, { name });
    library.masksChanged(id);
  }

  async #deleteMask(kind) {
    const { id } = this.photo;
    const { label } = this.mattes.find((matte) => matte.kind === kind) ?? { label: 'The mask' };
    const before = layer(this.document, kind);
    if (this.#has(kind)) await request('DELETE', `photos/${id}/own-masks/${kind}`);
    if (this.photo?.id !== id) return;
    this.mattes = this.mattes.filter((matte) => matte.kind !== kind);
    this.belongings.dropMatte(kind);
    if (isTouched(before)) this.#step(removeLayer(this.document, kind));
    library.masksChanged(id);
    toast(`“${label}” was deleted.`, { label: 'Undo', run: () => this.#undelete(id, before).catch(tellError) });
  }

  async #undelete(id, before) {
    await request('POST', `photos/${id}/own-masks/${before.id}/restore`);
    if (this.photo?.id === id && isTouched(before) && !layer(this.history.present, before.id)) {
      this.#step({ ...this.document, layers: [...this.document.layers, before] });
    }
    library.masksChanged(id, { kind: before.id, select: true });
  }

  /** Deletes a mask that no layer has any more; undo brings it back with its layer. */
  #dropMask(kind) {
    if (!this.#has(kind)) return;
    const { id } = this.photo;
    this.mattes = this.mattes.filter((matte) => matte.kind !== kind);
    this.belongings.dropMatte(kind);
    this.#dropping = this.#dropping.then(() => request('DELETE', `photos/${id}/own-masks/${kind}`)).then(() => library.masksChanged(id)).catch(tellError);
    this.#showPanel();
  }

  /** Brings back deleted masks whose layers came back by undo. */
  async #restoreMasks() {
    const { id } = this.photo;
    const used = new Set(this.history.present.layers.flatMap(({ mask }) => mattesOf(mask)).map(({ kind }) => kind));
    const lost = [...used].filter((kind) => isOwn(kind) && !this.#has(kind));
    await this.#dropping; // what is being deleted can be brought back after that
    for (const kind of lost) await request('POST', `photos/${id}/own-masks/${kind}/restore`);
    if (lost.length) library.masksChanged(id);
  }

  /** Shows the layers of another cutout, the matching one chosen. */
  #cutOut(name) {
    const at = CUTOUTS[this.cutout].indexOf(this.selected);
    this.cutout = name;
    if (at >= 0) this.selected = CUTOUTS[name][at];
    this.#showPanel();
  }

  // Showing it

  #show() {
    this.#showPanel();
    this.stage.show(this.document);
    this.masks.place(); // where the picture lies in the photo may be another place now
    this.#showHistogram();
    this.stage.until(Promise.all([this.belongings.loadNeeded(), this.lens.loadNeeded()])).catch(tellError);
    this.bindings.find(this.document).catch(tellError);
  }

  #showHistogram() {
    this.histogram.update(this.stage.renderer);
  }

  #showPanel() {
    const { document } = this;
    const chosen = layer(document, this.selected) ?? document.layers[0];
    this.selected = chosen.id;
    const both = this.#has('person') && this.#has('subject');
    const other = both ? CUTOUTS[this.cutout === 'person' ? 'subject' : 'person'] : [];
    const used = new Set(document.layers.filter(({ id }) => isMade(id)).flatMap(({ mask }) => mattesOf(mask)).map(({ kind }) => kind));
    const isNeedless = ({ id }) => other.includes(id) || (isOwn(id) && used.has(id)); // a part of another layer needs no row
    const entries = this.entries.row(document.layers.filter((each) => !isNeedless(each) || isTouched(each)));
    this.layers.showWho(this.entries.who());
    this.layers.showCutout(both ? { person: 'Person', subject: 'Subject' } : {}, this.cutout);
    this.layers.show(entries, this.entries.groups(), chosen.id);
    this.auto.show(this.photo, document);
    this.presets.show(document, chosen.id);
    this.masks.show();
    this.line.show(this.entries.of(chosen), this.revealed, [-1, 1].map((step) => canMove(document, chosen.id, step)));
    this.followBar.show(this.bindings.whose(chosen.mask));
    this.masks.panel.view.show(this.maskView);
    this.curve.show(chosen);
    this.view.offer(Boolean(this.photo?.linear));
    this.raw.offer(this.photo?.format === 'RAW');
    this.crop.show(this.opened ? this.photo : null, document);
    this.lens.show(this.opened ? this.photo : null, document);
    this.tools.show(chosen, document);
    this.steps.show(this.history);
    this.bar.showHistory(canUndo('edit'), canRedo('edit'));
    this.#overlay(null);
  }

  /** On a phone the curve is a tool; else it lies at the top of Light, on the histogram that all tools have. */
  #placeCurve() {
    (isNarrow() ? this.curveSheet : this.fold.body).append(this.curve.element);
    this.tools.choose(!isNarrow() && this.tools.chosen === 'Curve' ? 'Light' : this.tools.chosen);
  }

  #revealCurve() {
    this.tools.choose(isNarrow() ? 'Curve' : 'Light');
    this.fold.element.open = true;
    this.curve.handles.firstChild.focus();
  }

  #toolOpened(tool) {
    const isPlain = !isNarrow() && tool !== 'Light';
    this.stage.picker.stop();
    this.masks.opened();
    this.curve.showPlain(isPlain);
    this.fold.title.textContent = isPlain ? 'Histogram' : 'Curve';
    this.histogram.seen();
    this.presets.pictures.see(tool === 'Presets');
    this.lens.opened();
    if (tool === 'Crop') {
      if (this.stage.splitting) this.#split();
      this.crop.open();
    } else {
      this.toolBefore = tool;
      this.crop.close();
    }
    if (this.photo) this.#overlay(null);
  }

  /**
   * The colour at a place of the picture, as it comes to the chosen layer.
   * @param {[number, number]} at in the picture's pixels
   * @param {(layer: object) => ?object} change what of the layer is to have changed it already; null: nothing
   * @returns {?number[]} linear sRGB, 0 to 1; null outside the photo
   */
  #look(at, change) {
    const chosen = layer(this.document, this.selected);
    const all = { ...newLayer(chosen.id), process: chosen.process, mask: null, ...change(chosen) };
    return this.stage.look(upTo(this.document, chosen.id, all), at);
  }

  /** The face that is asked about, as `Corrections` takes it. */
  get #asked() {
    const { face, name } = this.bindings.whose(layer(this.document, this.selected).mask);
    return this.bindings.people.find((each) => each?.id === face) ?? { id: face, state: 'found', name };
  }

  /** Lets the chosen layer follow the person whose face it is of, or stay on this photo's. */
  #toggleFollow() {
    const { document } = this;
    const chosen = layer(document, this.selected);
    const changed = followedBy(chosen.mask) ? this.#staying(chosen) : this.#followed(chosen);
    if (!this.#step(replaceLayer(document, chosen.id, changed))) return;
    this.selected = changed.id;
    this.#show();
  }

  #followed(chosen) {
    const mask = this.bindings.following(chosen.mask);
    const made = isMade(chosen.id) ? chosen : madeLayer('', mask.parts[0]);
    return { ...chosen, id: made.id, mask };
  }

  #staying(chosen) {
    const { number } = this.bindings.of(followedBy(chosen.mask));
    const mask = this.bindings.staying(chosen.mask, number ?? 1);
    const kind = solePart(mask);
    const isFree = kind && !chosen.name && this.#has(kind) && !isTouched(layer(this.document, kind));
    return { ...chosen, mask, id: isFree ? kind : chosen.id };
  }

  /** The kind of matte that a part of a mask is in this photo: null where it has none, undefined where that is not known yet. */
  #kindOf(part) {
    const kind = this.bindings.kindOf(part);
    if (!kind || isOwn(kind) || this.#has(kind)) return kind;
    return this.bindings.isMade ? null : undefined;
  }

  #showView() {
    const { view, fitted } = this.stage.viewport;
    this.masks.place();
    this.bar.showZoom(view.scale, fitted);
    if (this.photo && this.stage.isCoarse(this.photo)) this.stage.until(this.belongings.refine(this.photo)).catch(tellError);
  }

  /** Shows a layer's mask: the one under the pointer, else the chosen one when that is wanted, or while it is drawn. */
  #overlay(id) {
    const wanted = id ?? (this.revealed || this.masks.isDrawing ? this.selected : null);
    const shown = this.crop.isOpen ? null : wanted; // a mask would lie over what is to be cut off, too
    this.stage.renderer.setOverlay(shown, this.maskView);
    this.stage.renderer.requestDraw();
    this.belongings.loadMattes(layer(this.document, shown)?.mask).catch(tellError);
  }

  #reveal(revealed) {
    this.revealed = revealed;
    this.#show();
  }

  /** Shows masks in another way. @param {string} view one of VIEWS */
  #showMasksAs(view) {
    this.maskView = view;
    storage.set(MASK_VIEW, view);
    this.#reveal(true);
  }

  /** Shows the mask, if it is not; else in the next way. */
  #nextMaskView() {
    const views = Object.keys(VIEWS);
    this.#showMasksAs(this.revealed ? views[(views.indexOf(this.maskView) + 1) % views.length] : this.maskView);
  }

  /** Shows where the chosen layer sharpens, instead of the photo. */
  #showMasking(isShown) {
    this.stage.renderer.setMaskingShown(isShown ? this.selected : null);
    this.stage.renderer.requestDraw();
  }

  /** Shows the strip of photos where there is no room for it all the time, or takes it away. */
  #choosePhoto(root) {
    const isOpen = root.classList.toggle('choosing');
    this.photos.setAttribute('aria-expanded', isOpen);
    if (isOpen) this.workspace.strip.reveal();
  }

  #split() {
    this.stage.toggleSplit();
    this.bar.showSplit(this.stage.splitting);
  }

  #find(event) {
    event.preventDefault(); // the key is no part of what is looked for
    this.tools.finder.open();
  }

  // The library

  #libraryChanged() {
    const photo = this.photo && library.find(this.photo.id);
    if (!photo) return;
    this.photo = photo;
    this.bar.showPhoto(photo);
  }

  /** No photo is open any more. */
  #leave() {
    this.#opening += 1;
    this.#close(null);
  }

  #tellTicket() {
    this.stage.say('This browser keeps no cookie inside this frame, so your photos last only as long as this page.', {
      'Open in a tab of its own': () => open(location.href, '_blank'),
    });
  }

  // Other windows on the same photo

  #watchOtherWindows() {
    this.channel = new BroadcastChannel('envo');
    this.channel.addEventListener('message', ({ data }) => {
      if (data.masks) {
        this.#masksChanged(data).catch(tellError);
        return;
      }
      if (data.photo !== this.photo?.id || !this.saver || data.version <= this.saver.version) return;
      this.saver.stop();
      this.#conflict();
    });
  }

  /** The server changed edits; what it made of the open one is a step, unless something is not saved here. */
  async #pasted(photos) {
    const { photo, saver, history } = this;
    if (!this.opened || !saver || saver.stopped || (photos && !photos.includes(photo.id))) return;
    const { version, document } = await this.#stored(photo.id);
    if (this.saver !== saver || saver.stopped || version <= saver.version) return;
    if (saver.isBehind) {
      saver.flush(); // which finds out that somebody else was first, and asks what is to stay
      return;
    }
    saver.version = version;
    history.push(document ?? EMPTY);
    this.#show();
  }

  #conflict() {
    const { photo } = this;
    this.bar.showState('failed', 'Changed in another window');
    this.stage.say('This photo was changed in another window.', {
      'Show that version': () => { this.saver.discard(); this.#load(photo).catch(tellError); },
      'Keep mine as a copy': () => this.#keepAsCopy(photo).catch(tellError),
    });
  }

  async #keepAsCopy(photo) {
    const copy = await request('POST', `photos/${photo.id}/copy`, this.saver.write(this.history.present));
    this.saver.discard();
    library.insert(copy);
    await current.open(copy.id);
  }

  // Keyboard

  #watchKeys() {
    const held = {
      b: (down) => this.stage.split.hold(down),
      m: (down) => this.#overlay(down ? this.selected : null),
      ' ': (down) => { if (!down) this.masks.letGo(); },
    };
    for (const each of [this.copying, this.downloads]) each.watch(() => this.workspace.shown && this.opened);
    const hold = (key) => (event) => { if (!event.repeat) held[key](true); };
    this.workspace.watchKeys({
      viewport: this.stage.viewport,
      isOpen: () => Boolean(this.photo),
      actions: { s: () => this.#split(), '/': (event) => this.#find(event), Escape: () => this.masks.putAway(), '?': () => this.bar.openHelp(), c: () => this.tools.choose(this.crop.isOpen ? this.toolBefore : 'Crop'), b: hold('b'), m: hold('m'), o: () => this.#nextMaskView(), ...this.masks.keys },
    });
    document.addEventListener('keyup', (event) => held[event.key.toLowerCase()]?.(false));
    addEventListener('blur', () => this.masks.letGo());
  }
}
