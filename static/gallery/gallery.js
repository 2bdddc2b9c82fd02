// The Gallery tab: all photos on a wall, and the people in them. Puts the head, the filters, the wall, the panel and
// the photo at large together.

import { request } from '../common/api.js';
import { h, tellError, toast } from '../common/dom.js';
import { watchDrops } from '../common/drops.js';
import { place } from '../common/place.js';
import { openTab } from '../common/tabs.js';
import { journal } from '../common/undo.js';
import { openExport } from '../export/dialog.js';
import { Exports } from '../export/exports.js';
import { NOT_HERE, current } from '../library/current.js';
import { copyEdit, pasteEdit, pastes } from '../library/copies.js';
import { ratePhotos, removePhotos } from '../library/deeds.js';
import { handed } from '../library/handed.js';
import { library } from '../library/store.js';
import { allSent } from '../library/unsaved.js';
import { Arrivals } from './arrivals.js';
import { StepBatch } from './batch.js';
import { Beside } from './beside.js';
import { Chosen } from './chosen.js';
import { Details } from './details.js';
import { Edits } from './edits.js';
import { Filters } from './filters.js';
import { Head } from './head.js';
import { watchKeys } from './keys.js';
import { Lightbox } from './lightbox.js';
import { News } from './news.js';
import { Pages } from './pages.js';
import { Panel } from './panel.js';
import { People } from './people/people.js';
import { Query } from './query.js';
import { correct } from './tags.js';
import { TakeAway } from './takeaway.js';
import { Uploads } from './uploads.js';
import { Wall } from './wall.js';
import { Welcome } from './welcome.js';

/** The parts of an address that are the gallery's own, taken off. */
const NOWHERE = { ...new Query().parts, view: null, person: null, group: null, faces: null, split: null, look: null };
const REFRESH_MS = 1500; // between two looks at a library that grows

/**
 * @param {HTMLElement} root an empty element, to be filled
 * @param {{maxBytes, maxBatch: number}} options from Python, see tabs/gallery.py
 */
export function mount(root, options) {
  return new Gallery(root, options).start();
}

class Gallery {
  #view = 'photos';
  #engines = {};
  #opened = null;
  #refreshing = null;
  #removing = false;
  #arriving = 0; // counts the places that were gone to by the browser
  #isArriving = false; // the address is ahead of what is shown
  #count = null; // of the library's photos, when all was last asked for

  constructor(root, { maxBytes, maxBatch }) {
    this.root = root;
    this.query = new Query();
    this.pages = new Pages(this.query);
    this.chosen = new Chosen();
    this.details = new Details();
    this.news = new News();
    this.uploads = new Uploads(maxBytes);
    this.batch = new StepBatch(maxBatch);
    const onFiles = (files) => this.#bring(files);
    this.head = new Head({
      query: this.query,
      onView: (view) => { this.#show(view); this.#moved(); },
      onFiles,
      onFilters: () => root.classList.toggle('filtering'),
      onPlay: () => this.#play().catch(tellError),
      onTakeAway: (by) => this.#take(by).catch(tellError),
      onAbout: () => this.#aboutAll(),
    });
    this.filters = new Filters({ query: this.query, onLimits: (limits) => this.#set(limits).catch(tellError), onClose: () => root.classList.remove('filtering') });
    this.wall = new Wall({ pages: this.pages, chosen: this.chosen, onOpen: (index) => this.#look(index).catch(tellError), onCursor: () => this.#showPanel() });
    this.people = new People({ onOpen: (id) => this.#lookAt(id).catch(tellError), onShowPerson: (id, name) => this.#find({ person: { id, name } }), onMove: (isBack) => this.#moved({ isBack, over: true }) });
    this.exports = new Exports();
    this.maxBatch = maxBatch;
    this.takeAway = new TakeAway({ onExport: (ids) => this.#export(ids).catch(tellError) });
    this.edits = new Edits();
    const engines = () => [...new Set(Object.values(this.#engines).map(({ label }) => label))].join(', ');
    const about = {
      details: this.details,
      engines,
      waits: () => (this.news.isBusy ? `It waits to be looked at: ${this.news.told.done} of ${this.news.told.total} are done.` : 'It was not looked at yet.'),
      onCorrect: (ids, correction) => this.#correct(ids, correction).catch(tellError),
      onRate: (ids, rating) => this.#rate(ids, rating).catch(tellError),
      onFind: (wish) => this.#find(wish),
      isCategory: (word) => this.filters.isCategory(word),
      onRenamed: () => this.#refresh(),
      onWho: (id) => this.#nameOn(id).catch(tellError),
      onAgain: (ids) => this.#lookAgain(ids).catch(tellError),
    };
    this.panel = new Panel({
      about,
      actions: {
        open: (tab) => this.#openIn(this.panel.ids[0], tab).catch(tellError),
        similar: () => this.#find({ like: { id: this.panel.ids[0], name: this.panel.one.name.textContent } }),
        edits: (by) => this.edits.ask(this.panel.ids, this.#leader, by),
        takeAway: (by) => this.takeAway.ask(this.panel.ids, by),
        remove: () => this.#remove(this.panel.ids).catch(tellError),
        restore: () => this.#restoreMany(this.panel.ids),
        batch: (step) => this.batch.start(this.panel.ids, step).catch(tellError),
        clear: () => this.#clear(),
        keys: (by) => this.head.showKeys(by),
        detector: (name) => this.#set({ detector: name }).catch(tellError),
      },
    });
    this.lightbox = new Lightbox({
      about,
      onOpen: (tab) => this.#openIn(this.lightbox.photo.id, tab).catch(tellError),
      onDownload: (ids, by) => this.takeAway.ask(ids, by),
      onDelete: (ids) => this.#remove(ids).catch(tellError),
      onShown: () => this.#moved(place.get('look') ? { replaces: true } : { over: true }),
      onClose: (id, isBack) => this.#leave(id, isBack),
      onChanged: () => this.#refresh(),
    });
    this.beside = new Beside({ details: this.details, onRemove: (ids) => this.#remove(ids) });
    this.arrivals = new Arrivals({
      uploads: this.uploads, news: this.news, batch: this.batch, exports: this.exports, pastes,
      onShow: (photos) => this.#choose(photos.map(({ id }) => id)).catch(tellError),
      onCompare: (pairs) => this.beside.show(pairs.flatMap(({ photo, like }) => like.map(({ id }) => [photo.id, id]))),
    });
    this.welcome = new Welcome({ onFiles, onExamples: (names) => this.#addExamples(names).catch(tellError), onAll: () => this.query.only() });
    this.photos = h('section.gallery-photos', { 'aria-label': 'Photos' }, this.head.chips, this.arrivals.element, this.wall.element, this.welcome.elements);
    this.side = h('aside.gallery-panel', {}, this.panel.element, this.people.panel);
    root.append(this.head.element, this.filters.element, h('div.gallery-main', {}, this.photos, this.people.element), this.side,
      this.takeAway.element, this.edits.element, this.lightbox.element, this.beside.element);
    this.#listen();
  }

  async start() {
    this.#show('photos');
    new IntersectionObserver(([entry]) => this.#seen(entry.isIntersecting)).observe(this.root);
  }

  /** Whether the tab is the one that is seen. */
  get #isSeen() {
    return Boolean(this.root.offsetParent);
  }

  #listen() {
    const { query, pages, chosen, news, uploads, batch, lightbox } = this;
    query.addEventListener('change', ({ detail }) => { this.chosen.set(); this.wall.begin(); this.#moved(howMoved(detail, query.wish)); });
    journal('gallery').addEventListener('change', ({ detail: isNew }) => { if (!isNew && this.#opened) this.#refresh(); });
    place.tells('gallery', () => this.#parts);
    place.addEventListener('change', () => { if (this.#opened) this.#arrive().catch(tellError); });
    pages.addEventListener('change', () => this.#showFound());
    chosen.addEventListener('change', () => { this.#showFound(); this.#showPanel(); });
    news.addEventListener('news', () => { this.#showFound(); this.people.showTagging(news.isBusy ? news.told : null); });
    news.addEventListener('change', () => this.#refresh());
    uploads.addEventListener('arrived', () => this.#grown());
    uploads.addEventListener('change', () => this.#showFound());
    uploads.addEventListener('refused', ({ detail }) => toast(`${detail.name}: ${detail.message}`, { kind: 'error' }));
    for (const each of [batch, this.exports]) each.addEventListener('done', () => this.#grown());
    library.addEventListener('edited', ({ detail: { id, edit } }) => { this.details.forget(); this.pages.patch(new Set([id]), { edit }); });
    library.addEventListener('pasted', () => { if (this.#opened) this.#grown(); });
    library.addEventListener('all', () => { if (this.#opened) this.#find(); });
    library.addEventListener('change', () => { if (this.#isSeen && library.count !== this.#count) this.#grown(); });
    watchKeys({
      isShown: () => this.#isSeen && (this.#view === 'photos' || lightbox.isShown),
      wall: this.wall,
      lightbox,
      actions: {
        rate: (rating) => this.#rate(this.#subject(), rating).catch(tellError),
        chooseAll: () => pages.ids().then((ids) => chosen.set(ids)).catch(tellError),
        copy: () => { if (this.#subject().length) copyEdit(this.#leader).catch(tellError); },
        paste: () => { if (this.#subject().length) pasteEdit(this.#subject()).catch(tellError); },
        exportAs: () => { if (this.#subject().length) this.#export(this.#subject()).catch(tellError); },
        clear: () => this.#clear(),
        remove: () => this.#remove(this.#subject()).catch(tellError),
        tag: () => { if (this.panel.ids.length) this.panel.focusTags(); },
        search: () => { this.root.classList.add('filtering'); this.filters.search.focus(); },
        play: () => this.#play().catch(tellError),
        help: () => this.head.showKeys(),
      },
    });
    watchDrops(this.root, { isShown: () => this.#isSeen, onFiles: (files) => this.#bring(files) });
  }

  // Being seen

  #seen(isSeen) {
    if (isSeen) {
      this.#opened ??= this.#open();
      Promise.all([this.#opened, allSent()]).then(() => { this.news.listen(this.#isSeen); this.#refresh(); this.#revealOpen().catch(tellError); }).catch((error) => { this.#opened = null; tellError(error); });
    } else {
      this.news.listen(false);
      // The other tabs work on one photo.
      const wanted = this.wall.photo ?? library.photos[0];
      if (!current.photo && wanted) current.open(wanted.id, { replaces: true }).catch(tellError);
    }
  }

  /** Opens the gallery: from now on photos are looked at as they arrive. */
  async #open() {
    await current.start();
    const [settings] = await Promise.all([request('POST', 'gallery', {}), this.welcome.fill()]);
    this.#showSettings(settings);
    await this.#arrive();
    await this.pages.ensure(0, 1);
    this.root.classList.add('ready');
    this.uploads.follow();
    this.batch.find().catch(tellError);
    this.exports.find().catch(tellError);
    pastes.find().catch(tellError);
  }

  #show(view) {
    this.#view = view;
    this.head.showView(view);
    this.root.dataset.view = view;
    this.photos.hidden = this.panel.element.hidden = view !== 'photos';
    this.people.element.hidden = this.people.panel.hidden = view !== 'people';
    if (view === 'people') this.people.show().catch(tellError);
    else this.people.hide();
    // Limits can be moved among people, too.
    if (this.#opened && view === 'photos') request('GET', 'gallery').then((settings) => this.#showSettings(settings)).catch(tellError);
    this.wall.draw();
  }

  #showFound() {
    const { count } = this.pages;
    this.head.showCount(count, this.chosen.size);
    const isAll = this.query.isAll;
    const isEmpty = count === 0 && isAll && !this.uploads.isBusy && !this.uploads.sending.length && !this.uploads.zips.some(({ state }) => state === 'working');
    this.root.classList.toggle('empty', isEmpty && this.#view === 'photos');
    this.welcome.show(isEmpty, count === 0 && !isAll);
    this.wall.element.hidden = count === 0;
    this.wall.sayAtEnd(this.query.wish.like && count ? (count > 1 ? 'Nothing more is like this.' : 'No other photo is like this.') : '');
    if (!this.#subject().length) this.#showPanel();
  }

  /** Ids of the photos that are chosen, else of the one that is marked or shown at large. */
  #subject() {
    if (this.lightbox.isShown) return this.lightbox.photo ? [this.lightbox.photo.id] : [];
    if (this.chosen.size) return [...this.chosen.ids];
    return this.wall.photo ? [this.wall.photo.id] : [];
  }

  /** The one among the chosen photos that others are made like: the one that was chosen first. */
  get #leader() {
    const [id] = this.#subject();
    return this.pages.find(id) ?? library.find(id) ?? { id, name: 'the photo' };
  }

  #showPanel(anew = false) {
    const ids = this.chosen.size ? [...this.chosen.ids] : this.wall.photo ? [this.wall.photo.id] : [];
    const photo = ids.length === 1 ? this.pages.find(ids[0]) ?? { id: ids[0] } : null;
    if (ids.length) this.root.classList.remove('about-all-open');
    this.root.classList.toggle('about', ids.length > 0);
    const isOther = ids.length === 0 && this.panel.ids.length > 0;
    this.panel.show(ids, photo, anew);
    this.panel.all.show(this.pages.count, this.news.told);
    if (isOther || (anew && !ids.length)) this.panel.all.trash.update().catch(tellError);
  }

  /** Opens or closes, where there is no room beside the wall, what is said of all photos. */
  #aboutAll() {
    const isOpen = this.root.classList.contains('about-all-open');
    this.#clear();
    this.root.classList.toggle('about-all-open', !isOpen);
  }

  #clear() {
    this.root.classList.remove('about-all-open');
    if (this.chosen.size) this.chosen.set();
    else this.wall.unmark();
  }

  // What is looked for

  #find(wish) {
    this.lightbox.hide({ isBack: false });
    this.#show('photos');
    this.query.only(wish);
  }

  /** Chooses photos among all, and brings the first into view. */
  async #choose(ids) {
    this.query.only({ order: 'newest' });
    const wanted = new Set(ids);
    const first = (await this.pages.ids()).findIndex((id) => wanted.has(id));
    await this.pages.ensure(0, 1);
    if (first >= 0) this.wall.goTo(first);
    this.chosen.set(ids);
  }

  /** Asks anew for all that is shown. */
  #refresh() {
    if (!this.#removing) this.#reload().catch(tellError); // after photos are removed this is done anyway
  }

  /** The photos first, so that nothing is asked about what is gone. */
  async #reload() {
    this.#count = library.count;
    const cursor = Math.max(0, this.wall.cursor);
    this.pages.refresh();
    this.filters.update().catch(tellError);
    this.people.changed();
    await this.pages.ensure(cursor, cursor + 1);
    if (this.#removing) return;
    this.details.forget();
    this.lightbox.refresh(this.pages.find(this.lightbox.photo?.id) ?? undefined);
    this.#showPanel(true);
  }

  /** Photos have come or gone; while many do, this is told now and then. */
  #grown() {
    this.#refreshing ??= setTimeout(() => {
      this.#refreshing = null;
      this.#refresh();
      library.refresh().catch(tellError);
    }, REFRESH_MS);
  }

  /** Changes limits or engines. */
  async #set(settings) {
    this.#showSettings(await request('PATCH', 'gallery', settings));
    this.#refresh();
  }

  #showSettings(settings) {
    this.#engines = settings.engines;
    this.filters.showLimits(settings);
    this.panel.all.showEngines(settings);
  }

  // A photo at large

  /** What is gone through: what is chosen, if that is several, else all that were found. */
  #source() {
    const { pages, chosen, details } = this;
    if (chosen.size < 2) return this.#found();
    const ids = [...chosen.ids];
    return { count: ids.length, get: async (index) => pages.find(ids[index]) ?? details.get(ids[index]).catch(() => null) };
  }

  #found() {
    const { pages } = this;
    return { get count() { return pages.count; }, get: (index) => pages.get(index) };
  }

  async #look(index) {
    await this.lightbox.show(this.#found(), index);
  }

  async #lookAt(id) {
    await this.lightbox.show({ count: 1, get: () => this.details.get(id) }, 0);
  }

  /** Lets faces on a photo be named. */
  async #nameOn(id) {
    const index = this.pages.indexOf(id);
    if (!this.lightbox.isShown) await (index >= 0 ? this.#look(index) : this.#lookAt(id));
    this.lightbox.showFaces();
  }

  async #play() {
    const source = this.#source();
    if (!source.count) return;
    await this.lightbox.show(source, this.chosen.size > 1 ? 0 : Math.max(0, this.wall.cursor));
    this.lightbox.toggleShow();
  }

  #leave(id, isBack) {
    if (isBack) this.#moved({ isBack });
    const index = this.#view === 'photos' ? this.pages.indexOf(id) : -1;
    if (index >= 0 && (innerWidth > 720 || this.wall.photo)) this.wall.goTo(index);
    else if (index >= 0) this.wall.reveal(index);
    if (this.#view === 'photos') this.wall.element.focus({ preventScroll: true });
    if (this.#view === 'people') this.people.focus();
  }

  async #openIn(id, tab) {
    this.lightbox.hide({ isBack: false });
    await current.open(id, { tab });
  }

  // Where one is

  get #parts() {
    const at = this.#view === 'people' ? { view: 'people', ...this.people.parts } : this.query.parts;
    return { ...NOWHERE, ...at, look: this.lightbox.photo?.id ?? null };
  }

  /** Another place is shown. @param {{isBack?: boolean}} [how] isBack: the one below this; else see `Place.go` */
  #moved({ isBack = false, ...how } = {}) {
    if (this.#isArriving || place.tab !== 'gallery') return;
    if (isBack) place.leave(this.#parts);
    else place.go(this.#parts, how);
  }

  /** Shows what the address tells of. */
  async #arrive() {
    if (place.tab !== 'gallery') return;
    this.#arriving += 1;
    const turn = this.#arriving;
    const { own: params, kept } = place;
    const isPeople = params.get('view') === 'people';
    const wish = isPeople ? null : await this.#named(Query.read(params));
    if (turn !== this.#arriving) return;
    this.#isArriving = true;
    try {
      if (!params.get('look')) this.lightbox.hide();
      if (isPeople !== (this.#view === 'people')) this.#show(isPeople ? 'people' : 'photos');
      if (wish && JSON.stringify(wish) !== JSON.stringify(this.query.wish)) {
        this.query.only(wish);
        if (kept.wall) this.wall.showFrom(kept.wall);
      }
      if (isPeople) await this.people.arrive(params);
    } finally {
      this.#isArriving = false;
    }
    if (turn !== this.#arriving) return;
    const look = params.get('look');
    if (look && look !== this.lightbox.photo?.id) await this.#lookByLink(look);
    this.#moved({ replaces: true }); // without what is gone
  }

  /** What is asked for, with the names of the person and the photo; without them if they are not there. */
  async #named(wish) {
    const { person, like } = wish;
    const known = person && (await request('GET', 'gallery/people')).people.find(({ id }) => id === person.id);
    const photo = like && (await request('GET', `photos/${like.id}`).catch(() => null));
    if (person && !known) toast('This person is not in your gallery: nobody has the name any more, or it is somebody else’s.', { kind: 'error' });
    if (like && !photo) toast(NOT_HERE, { kind: 'error' });
    return { ...wish, person: known ? { id: known.id, name: known.name } : null, like: photo ? { id: photo.id, name: photo.name } : null };
  }

  /** Shows a photo at large, among those found if it is one of them. */
  async #lookByLink(id) {
    const index = await this.#indexOf(id);
    if (index >= 0 && this.#view === 'photos') {
      await this.#look(index);
      return;
    }
    if (await this.details.get(id).catch(() => null)) await this.#lookAt(id);
    else toast(NOT_HERE, { kind: 'error' });
  }

  async #indexOf(id) {
    const index = this.pages.indexOf(id);
    return index < 0 ? (await this.pages.ids()).indexOf(id) : index;
  }

  /** Brings the photo into view that is open in the other tabs, unless this is a place where one was before. */
  async #revealOpen() {
    if (!current.photo || this.#view !== 'photos' || place.kept.wall !== undefined) return;
    const index = await this.#indexOf(current.photo.id);
    if (index >= 0) this.wall.reveal(index);
  }

  /** Opens Restore with many photos chosen. */
  #restoreMany(ids) {
    openTab('Restore');
    handed.give(ids);
  }

  // What is said of photos

  async #correct(ids, correction) {
    await correct(ids, correction);
    this.#refresh();
  }

  async #lookAgain(ids) {
    await request('POST', 'gallery/again', { photos: ids });
    this.#refresh();
  }

  async #rate(ids, rating) {
    if (!ids.length) return;
    await ratePhotos(ids, rating, this.#nameOf(ids));
    this.details.forget();
    this.pages.patch(new Set(ids), { rating });
    this.panel.showRating(rating);
    if (this.lightbox.isShown) this.lightbox.refresh({ ...this.lightbox.photo, rating });
    this.#grown();
  }

  async #remove(ids) {
    if (!ids.length) return;
    this.#removing = true;
    try {
      await this.#removeNow(ids);
    } finally {
      this.#removing = false;
    }
    this.#refresh();
  }

  async #removeNow(ids) {
    await removePhotos(ids, this.#nameOf(ids));
    const cursor = Math.max(0, this.wall.cursor);
    this.pages.refresh();
    await this.pages.ensure(cursor, cursor + 1);
    this.chosen.drop(new Set(ids));
    await Promise.all([this.lightbox.reopen(ids), library.refresh()]);
  }

  /** The name of a photo alone. */
  #nameOf(ids) {
    return ids.length > 1 ? null : (this.pages.find(ids[0]) ?? library.find(ids[0]))?.name ?? null;
  }

  // What comes and goes

  #bring(files) {
    this.#show('photos');
    this.uploads.add(files);
  }

  async #addExamples(names) {
    for (const name of names) await library.addExample(name);
    this.#refresh();
  }

  async #export(ids) {
    const photos = ids.length ? ids : await this.pages.ids();
    if (photos.length > this.maxBatch) throw new Error(`At most ${this.maxBatch} photos can be exported at a time; please choose fewer.`);
    await allSent();
    await openExport(photos, (wish) => this.exports.start(photos, wish));
  }

  /** What is chosen is taken away, else what was found. */
  async #take(by) {
    const ids = this.chosen.size ? [...this.chosen.ids] : this.query.isAll ? [] : await this.pages.ids();
    this.takeAway.ask(ids, by);
  }
}

/** Which step it is from one search to another, see `Place.go`: words grow letter by letter, an order is no place. */
function howMoved(before, { q, order, ...wish }) {
  const isSame = JSON.stringify({ ...before, q: '', order: '' }) === JSON.stringify({ ...before, ...wish, q: '', order: '' });
  if (!isSame) return {};
  return q === before.q ? { replaces: true } : { run: 'search' };
}
