// What can be set of each action: a form each. A form tells what it lacks, gives its values as the server takes them,
// and takes those of a result that is to be made again.

import { h, icon, setChildren } from '../common/dom.js';
import { thumbnail } from '../common/renditions.js';
import { scrolls } from '../common/scrolls.js';
import { Segmented } from '../common/segmented.js';
import { controlSlider } from '../common/slider.js';
import { library } from '../library/store.js';

const GROW_SHARE = 1 / 200; // of the long edge of the masks: what clicks select ends a little before the thing does
const COUNT = 'count';
const SWATCHES = ['#ffffff', '#d9d6d0', '#8d9096', '#101114', '#1f4e79', '#2f6b4f'];

/** How far the selection is grown before an action; by default with the size of the photo's masks. */
class Grow {
  constructor(maximum) {
    this.slider = controlSlider({ id: 'grow', label: 'Grow', about: 'The action reaches so far beyond the selection, in pixels of the mask.', minimum: 0, maximum, default: 0, step: 1, unit: 'pixels' });
    this.element = this.slider.element;
  }

  get value() {
    return this.slider.value;
  }

  set(value) {
    this.slider.show(value);
  }

  /** @param {[number, number]} working size of the masks */
  open(working) {
    this.slider.adjustment.default = Math.round(Math.max(...working) * GROW_SHARE);
    this.set(this.slider.adjustment.default);
  }
}

export class EraseForm {
  invert = false;

  constructor({ maxGrow }) {
    this.grow = new Grow(maxGrow);
    this.element = h('div.form', { 'data-form': 'erase' },
      h('p.panel-note', {}, 'Several things can go at once: add them all to the selection, or paint over them.'), this.grow.element);
  }

  lacks() {
    return '';
  }

  get values() {
    return { settings: {}, grow: this.grow.value, other: null };
  }

  use({ grow }) {
    this.grow.set(grow);
  }

  open(photo) {
    this.grow.open(photo.working);
  }

  setEngine() {}
}

export class ReplaceForm {
  invert = false;
  #sliders = new Map(); // by id of the control

  constructor({ maxGrow, onChange }) {
    this.onChange = onChange;
    this.grow = new Grow(maxGrow);
    const typed = () => { this.lent = false; onChange(); };
    const area = (name, label, placeholder, rows) => h('textarea.field', { rows, placeholder, 'aria-label': label, name, spellcheck: 'true', oninput: typed });
    this.prompt = area('prompt', 'Prompt', 'What should be there, such as “a wooden bowl of lemons”', 2);
    this.negative = area('negative', 'Negative prompt', 'What should not, such as “text, blurry”', 1);
    this.seed = h('input.field', { type: 'text', inputmode: 'numeric', autocomplete: 'off', placeholder: 'random', 'aria-label': 'Seed', title: 'The same seed and settings make the same picture; empty draws one, and the result tells it.', oninput: typed });
    this.counts = h('div.field-row.counts', { hidden: true });
    this.sliders = h('div');
    this.scheduler = h('select.field', { 'aria-label': 'Scheduler' });
    this.schedulerRow = h('label.field-row', {}, h('span', {}, 'Scheduler'), this.scheduler);
    this.element = h('div.form', { 'data-form': 'replace' }, this.prompt, this.negative,
      this.counts,
      h('details.advanced', {}, h('summary', {}, 'Advanced', icon('chevron')), h('label.field-row', {}, h('span', {}, 'Seed'), this.seed), this.sliders, this.grow.element, this.schedulerRow));
  }

  lacks() {
    if (!this.prompt.value.trim()) return 'Say what should be there.';
    return /^\d*$/.test(this.seed.value.trim()) ? '' : 'A seed is a whole number; leave it empty for a random one.';
  }

  get values() {
    const seed = this.seed.value.trim();
    const settings = Object.fromEntries([...this.#sliders].map(([id, { value }]) => [id, value]));
    if (this.counting) settings[COUNT] = Number(this.counting.chosen);
    if (this.scheduler.options.length) settings.scheduler = this.scheduler.value;
    return {
      settings: { ...settings, prompt: this.prompt.value.trim(), negative: this.negative.value.trim(), seed: seed ? Number(seed) : null },
      grow: this.grow.value,
      other: null,
    };
  }

  use({ settings, grow }) {
    this.prompt.value = settings.prompt ?? '';
    this.negative.value = settings.negative ?? '';
    this.seed.value = settings.seed ?? '';
    if (grow !== undefined) this.grow.set(grow);
    for (const [id, each] of this.#sliders) if (id in settings) each.show(settings[id]);
    if (COUNT in settings) this.counting?.show(`${settings[COUNT]}`);
    if (settings.scheduler) this.scheduler.value = settings.scheduler;
  }

  /** Fills in the words of an example, for its photo alone. */
  lend({ prompt, negative, seed }) {
    this.use({ settings: { prompt, negative, seed } });
    this.lent = true;
  }

  open(photo) {
    this.grow.open(photo.working);
    if (this.lent) this.use({ settings: {} });
    this.lent = false;
  }

  /** Offers what an engine can be told. @param {?{name: string, controls: object[], schedulers: string[]}} engine */
  setEngine(engine) {
    if (engine?.name === this.engine) return;
    this.engine = engine?.name;
    const controls = engine?.controls ?? [];
    const kept = this.#sliders;
    this.#sliders = new Map(controls.filter(({ id }) => id !== COUNT).map((control) => [control.id, controlSlider(control)]));
    for (const [id, each] of this.#sliders) {
      const before = kept.get(id);
      if (before && before.value !== before.adjustment.default) each.show(Math.max(each.adjustment.minimum, Math.min(each.adjustment.maximum, before.value)));
    }
    this.sliders.replaceChildren(...[...this.#sliders.values()].map(({ element }) => element));
    this.#offerCounts(controls.find(({ id }) => id === COUNT));
    const schedulers = engine?.schedulers ?? [];
    this.scheduler.replaceChildren(...schedulers.map((name) => h('option', { value: name }, name)));
    this.schedulerRow.hidden = schedulers.length < 2;
  }

  #offerCounts(control) {
    if (control) {
      const numbers = Array.from({ length: control.maximum - control.minimum + 1 }, (_, index) => `${control.minimum + index}`);
      const before = this.counting?.chosen;
      this.counting = new Segmented('Images', Object.fromEntries(numbers.map((number) => [number, number])), (id) => { this.counting.show(id); this.onChange(); });
      this.counting.show(numbers.includes(before) ? before : `${control.default}`);
    } else {
      this.counting = null;
    }
    this.counts.hidden = !this.counting;
    this.counts.replaceChildren(...(this.counting ? [h('span', {}, 'Images'), this.counting.element] : []));
  }
}

export class BackgroundForm {
  invert = true;
  #forms = new Map(); // by kind
  #photo = null;

  constructor({ onChange }) {
    this.onChange = onChange;
    this.chips = scrolls(h('div.chips', { role: 'radiogroup', 'aria-label': 'Kind of background' }));
    this.body = h('div');
    this.element = h('div.form', { 'data-form': 'background' }, this.chips, this.body);
    library.addEventListener('change', () => this.#showPhotos());
  }

  /** @param {{id: string, label: string, controls: object[], colours: string[]}[]} kinds of backgrounds there are */
  offer(kinds) {
    if (this.#forms.size || !kinds.length) return;
    for (const kind of kinds) {
      const sliders = kind.controls.map((control) => controlSlider(control));
      const colours = kind.colours.map((colour, index) => new Colour(colour, kind.colours.length > 1 ? ['From', 'To'][index] : 'Colour'));
      const chip = h('button.chip', { type: 'button', role: 'radio', 'data-kind': kind.id, onclick: () => this.#choose(kind.id) }, kind.label);
      this.#forms.set(kind.id, { ...kind, sliders, colours, chip });
    }
    this.chips.append(...[...this.#forms.values()].map(({ chip }) => chip));
    this.#choose(kinds[0].id);
  }

  lacks() {
    if (this.chosen === 'photo' && !this.other) return this.#others().length ? 'Choose the photo to put behind.' : 'Add the photo to put behind to your library first.';
    return '';
  }

  get values() {
    const { colours, sliders } = this.#forms.get(this.chosen);
    const settings = { kind: this.chosen };
    for (const each of sliders) settings[each.adjustment.id] = each.value;
    if (colours.length === 1) settings.colour = colours[0].value;
    else if (colours.length) settings.colours = colours.map(({ value }) => value);
    return { settings, grow: 0, other: this.chosen === 'photo' ? this.other : null };
  }

  use({ settings, other }) {
    const form = this.#forms.get(settings.kind);
    if (!form) return;
    for (const each of form.sliders) each.show(settings[each.adjustment.id] ?? each.adjustment.default);
    const colours = settings.colours ?? (settings.colour ? [settings.colour] : []);
    form.colours.forEach((each, index) => { if (colours[index]) each.set(colours[index]); });
    if (other) this.other = other;
    this.#choose(settings.kind);
  }

  open(photo) {
    this.#photo = photo.id;
    if (this.other === photo.id) this.other = null;
    this.#showPhotos();
  }

  setEngine() {}

  #choose(id) {
    this.chosen = id;
    for (const [kind, { chip }] of this.#forms) chip.setAttribute('aria-checked', kind === id);
    const { sliders, colours } = this.#forms.get(id);
    this.photos = id === 'photo' ? h('div.others', { role: 'radiogroup', 'aria-label': 'Photo to put behind' }) : null;
    const swatches = colours.length === 1
      ? [h('div.presets-row', {}, SWATCHES.map((colour) => h('button.swatch', { type: 'button', title: colour, 'aria-label': `Colour ${colour}`, style: `--colour:${colour}`, onclick: () => colours[0].set(colour) })))] : [];
    this.body.replaceChildren(...(this.photos ? [this.photos] : []), ...(colours.length ? [h('div.field-row', {}, colours.map(({ element }) => element))] : []), ...swatches, ...sliders.map(({ element }) => element));
    this.#showPhotos();
    this.onChange();
  }

  #others() {
    return library.photos.filter(({ id }) => id !== this.#photo);
  }

  #showPhotos() {
    if (!this.photos) return;
    const known = new Map([...this.photos.children].map((button) => [button.dataset.photo, button]));
    const others = this.#others();
    if (!others.some(({ id }) => id === this.other)) this.other = null;
    setChildren(this.photos, others.map((photo) => {
      const button = known.get(photo.id) ?? h('button.other', { type: 'button', role: 'radio', 'data-photo': photo.id, onclick: () => this.#chooseOther(photo.id) },
        h('img', { alt: '', loading: 'lazy' }));
      const picture = button.firstChild;
      if (picture.src !== thumbnail(photo)) picture.src = thumbnail(photo);
      button.title = photo.name;
      button.setAttribute('aria-label', photo.name);
      button.setAttribute('aria-checked', photo.id === this.other);
      return button;
    }));
  }

  #chooseOther(id) {
    this.other = id;
    this.#showPhotos();
    this.onChange();
  }
}

/** A colour, picked or typed. */
class Colour {
  constructor(value, label) {
    this.picker = h('input.colour', { type: 'color', 'aria-label': label, oninput: () => this.set(this.picker.value) });
    this.text = h('input.field', { type: 'text', maxlength: 7, autocomplete: 'off', spellcheck: 'false', 'aria-label': `${label}, as #rrggbb`, onchange: () => this.set(this.text.value.trim().toLowerCase()) });
    this.element = h('label.colour-row', {}, h('span', {}, label), this.picker, this.text);
    this.set(value);
  }

  /** Takes what is a colour. */
  set(value) {
    if (/^#[0-9a-f]{6}$/.test(value)) this.value = value;
    this.picker.value = this.value;
    this.text.value = this.value;
  }
}
