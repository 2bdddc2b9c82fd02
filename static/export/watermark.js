// The part of an export's dialog for what is laid over the picture: a text, or a picture of the visitor's.

import { address, request, upload } from '../common/api.js';
import { h, icon, iconButton } from '../common/dom.js';
import { pick } from '../common/files.js';
import { Segmented } from '../common/segmented.js';
import { Slider } from '../common/slider.js';
import { Part, field } from './fields.js';

const KINDS = { none: 'None', text: 'Text', picture: 'Picture' };
const PLACES = ['top left', 'top', 'top right', 'left', 'middle', 'right', 'bottom left', 'bottom', 'bottom right'];
const BARE = { text: '', picture: '', place: 'bottom right', opacity: 0.6, margin: 0.02 };
/** How large each is by itself, in shares of the picture's long edge. */
const SIZES = { text: 0.03, picture: 0.2 };

export class WatermarkPart extends Part {
  #kind = 'none';
  #mark = null; // as it is set, though it may be of nothing yet
  #isChanging = false;
  #shown = null;
  /** @type {{id: string, name: string}[]} */
  #pictures = [];

  /** @param {(change: object) => void} onChange @param {(sentence: string) => void} onTrouble */
  constructor(onChange, onTrouble) {
    const kind = new Segmented('Watermark', KINDS, (chosen) => this.#choose(chosen));
    const text = h('input', { type: 'text', maxlength: 200, autocomplete: 'off', placeholder: 'such as © your name', 'aria-label': 'Text of the watermark', oninput: () => this.#change({ text: text.value }) });
    const pictures = h('div.export-marks', { role: 'radiogroup', 'aria-label': 'Picture of the watermark' });
    const bring = h('button.button', { type: 'button', onclick: () => pick((files) => this.#bring(files[0]), { accept: 'image/*' }) }, icon('upload'), 'Add a picture…');
    const places = h('div.export-places', { role: 'radiogroup', 'aria-label': 'Place' }, PLACES.map((place) => h('button', { type: 'button', role: 'radio', 'data-place': place, title: place, 'aria-label': place, onclick: () => this.#change({ place }) })));
    const percent = (id, label, maximum, by) => new Slider({ id: `export-${id}`, label, about: '', minimum: 1, maximum, default: by * 100, step: 1, digits: 0, unit: '%' },
      { onStart() {}, onInput: (value) => this.#change({ [id]: value / 100 }) });
    const sliders = { size: percent('size', 'Size', 100, SIZES.text), opacity: percent('opacity', 'Opacity', 100, BARE.opacity), margin: percent('margin', 'From the edge', 30, BARE.margin) };
    const ofText = h('div.export-text', {}, text);
    const ofPicture = h('div', {}, pictures, bring);
    const ofBoth = h('div.export-mark', {}, field('Place', places), Object.values(sliders).map(({ element }) => element));
    super('Watermark', [kind.element, ofText, ofPicture, ofBoth]);
    Object.assign(this, { onChange, onTrouble, kind, text, pictures, places, sliders, ofText, ofPicture, ofBoth });
    places.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Gets the visitor's pictures. */
  async load() {
    ({ watermarks: this.#pictures } = await request('GET', 'watermarks'));
    this.#list();
  }

  show({ watermark }) {
    if (!this.#isChanging) {
      this.#kind = !watermark ? 'none' : watermark.picture ? 'picture' : 'text';
      this.#mark = watermark;
    }
    this.#show(watermark);
  }

  /** @param {?object} watermark as it is exported */
  #show(watermark) {
    this.#shown = watermark;
    const mark = { ...BARE, size: SIZES[this.#kind] ?? SIZES.text, ...this.#mark };
    this.kind.show(this.#kind);
    this.ofText.hidden = this.#kind !== 'text';
    this.ofPicture.hidden = this.#kind !== 'picture';
    this.ofBoth.hidden = this.#kind === 'none';
    if (document.activeElement !== this.text) this.text.value = mark.text;
    for (const each of this.places.children) {
      each.setAttribute('aria-checked', each.dataset.place === mark.place);
      each.tabIndex = each.dataset.place === mark.place ? 0 : -1;
    }
    for (const [id, each] of Object.entries(this.sliders)) each.show(Math.round(mark[id] * 100));
    for (const each of this.pictures.querySelectorAll('input')) each.checked = each.value === mark.picture;
    const name = this.#pictures.find(({ id }) => id === mark.picture)?.name ?? 'Picture';
    this.tell(!watermark ? 'None' : watermark.picture ? name : `“${watermark.text.trim()}”`, Boolean(watermark));
  }

  #choose(kind) {
    const isOther = kind !== this.#kind;
    this.#kind = kind;
    this.#change({ picture: this.#mark?.picture || this.#pictures[0]?.id || '', ...(isOther && kind !== 'none' ? { size: SIZES[kind] } : {}) });
    if (kind === 'text' && isOther) this.text.focus();
  }

  #change(change) {
    this.#mark = { ...BARE, size: SIZES[this.#kind] ?? SIZES.text, ...this.#mark, ...change };
    const { text, picture, ...mark } = this.#mark;
    const watermark = { none: null, text: { ...mark, text, picture: '' }, picture: { ...mark, text: '', picture } }[this.#kind];
    this.#isChanging = true;
    this.onChange({ watermark });
    this.#isChanging = false;
  }

  #list() {
    this.pictures.replaceChildren(...this.#pictures.map(({ id, name }) => h('span.export-mark-picture', {},
      h('label', { title: name }, h('input', { type: 'radio', name: 'export-mark', value: id, 'aria-label': name, onchange: () => this.#change({ picture: id }) }),
        h('img', { src: address(`watermarks/${id}`), alt: '' })),
      iconButton('trash', `Delete ${name}`, () => this.#delete(id).catch((error) => this.onTrouble(error.message))))));
    this.pictures.hidden = !this.#pictures.length;
    this.#show(this.#shown);
  }

  async #bring(file) {
    try {
      const { id } = await upload(`watermarks?name=${encodeURIComponent(file.name)}`, file, () => {});
      await this.load();
      this.#change({ picture: id });
    } catch (error) {
      this.onTrouble(error.message);
    }
  }

  async #delete(id) {
    await request('DELETE', `watermarks/${id}`);
    await this.load();
    if (this.#mark?.picture === id) this.#change({ picture: this.#pictures[0]?.id ?? '' });
  }

  #onKey(event) {
    const at = PLACES.indexOf(event.target.dataset.place);
    const to = { ArrowLeft: at % 3 ? at - 1 : at, ArrowRight: at % 3 < 2 ? at + 1 : at, ArrowUp: at - 3, ArrowDown: at + 3 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = this.places.children[to];
    if (!next) return;
    this.#change({ place: PLACES[to] });
    next.focus();
  }
}
