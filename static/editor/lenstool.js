// The Lens tool: what is taken back of what the lens did to the whole photo, and which lens that was.

import { request } from '../common/api.js';
import { h, icon, tellError } from '../common/dom.js';
import { menu, toggleMenu } from '../common/menu.js';
import { Slider } from '../common/slider.js';
import { UNCORRECTED, isCorrected } from '../webgl/lens.js';

const strength = (field, label, about) => ({ id: `lens_${field}`, field, label, about, minimum: 0, maximum: 200, default: 100, step: 1, digits: 0, unit: '%' });
const STRENGTHS = [
  strength('distortion', 'Distortion', 'Makes lines straight that the lens bent.'),
  strength('vignetting', 'Vignetting', 'Makes the corners as bright as the lens found them.'),
  strength('colour', 'Lateral colour', 'Brings colours together that the lens drew apart at the edges.'),
];
// What a profile has to have for each.
const TABLES = { distortion: 'distortion', vignetting: 'gain', colour: 'red' };
const UNKNOWN = { maker: '', camera: '', lens: '', profile: null };

/** What a lens is called: with its maker, where its name does not begin with that. */
const called = ({ maker, model }) => (model.toLowerCase().startsWith(maker.toLowerCase()) ? model : `${maker} ${model}`);

export class LensTool {
  #photo = null;
  #wish = UNCORRECTED;
  #asked = new Map(); // names of a lens -> promise of what is known of it in this photo
  #known = null; // what is known of the lens that the edit names; null while that is not told yet
  #typed = 0;

  /**
   * @param {import('./stage.js').Stage} stage
   * @param {{onStart: () => void, onMove: (lens: object) => void, onStep: (lens: object) => void, onCome: () => void}} events
   *     onMove: within the gesture that onStart began; onStep: in one step; onCome: something that is to be seen has come
   */
  constructor(stage, { onStart, onMove, onStep, onCome }) {
    Object.assign(this, { stage, onStep, onCome });
    this.switch = h('input', { type: 'checkbox', role: 'switch', 'aria-label': 'Lens corrections', onchange: () => onStep({ ...this.#wish, on: this.switch.checked }) });
    this.name = h('span');
    this.button = h('button.choice', { type: 'button', 'aria-haspopup': 'dialog', onclick: () => this.#open() }, this.name, icon('chevron'));
    this.note = h('p.widget-note', { role: 'status' });
    this.sliders = STRENGTHS.map((adjustment) => new Slider(adjustment, { onStart, onInput: (value) => onMove({ ...this.#wish, [adjustment.field]: value }) }));
    this.field = h('input.lens-field', { type: 'search', placeholder: 'Search by maker or name', 'aria-label': 'Search lenses', autocomplete: 'off', spellcheck: false, oninput: () => this.#search().catch(tellError) });
    this.list = h('div.lens-list', { role: 'group', 'aria-label': 'Lenses' });
    this.menu = menu('lenses', 'Lens', this.field, this.list);
    this.reset = h('button.button', { type: 'button', onclick: () => onStep(UNCORRECTED) }, 'Reset');
    this.element = h('div.lens-tool', {},
      h('label.lens-on', {}, h('span', {}, 'Lens corrections'), h('span.switch', {}, this.switch, h('i'))),
      h('div.lens-choice', {}, this.button, this.menu), this.note,
      this.sliders.map(({ element }) => element), h('div.crop-ends', {}, this.reset));
  }

  /** Whether anything is taken back. */
  isUsed({ lens }) {
    return isCorrected(lens) && Boolean(this.#known?.profile);
  }

  /** @param {?object} photo that is open @param {object} document */
  show(photo, { lens }) {
    if (photo?.id !== this.#photo?.id) this.#asked.clear();
    const isOther = photo?.id !== this.#photo?.id || lens.maker !== this.#wish.maker || lens.model !== this.#wish.model;
    if (isOther) this.#known = null;
    [this.#photo, this.#wish] = [photo, lens];
    this.switch.checked = lens.on;
    for (const slider of this.sliders) slider.show(lens[slider.adjustment.field]);
    this.reset.disabled = Object.keys(UNCORRECTED).every((name) => lens[name] === UNCORRECTED[name]);
    this.#showKnown();
    if (this.element.checkVisibility()) this.opened();
  }

  /** The tool is seen: what is known of the lens is told. */
  opened() {
    if (this.#photo && !this.#known) this.#ask().catch(tellError);
  }

  /** Brings what the edit needs of the lens to the stage. */
  async loadNeeded() {
    if (this.#photo && isCorrected(this.#wish) && !this.#known) await this.#ask();
  }

  /** Asks once of each lens what is known of it. */
  async #ask() {
    const photo = this.#photo;
    const { maker, model } = this.#wish;
    const key = `${maker}|${model}`;
    if (!this.#asked.has(key)) {
      const asked = request('GET', `photos/${photo.id}/lens?maker=${encodeURIComponent(maker)}&model=${encodeURIComponent(model)}`);
      this.#asked.set(key, asked);
      asked.catch(() => this.#asked.delete(key)); // the next one to need it asks again
    }
    const known = await this.#asked.get(key);
    const isStale = this.#photo?.id !== photo.id || this.#wish.maker !== maker || this.#wish.model !== model;
    if (isStale || this.#known === known) return;
    this.#known = known;
    this.stage.renderer.setLens(known.profile);
    this.#showKnown();
    if (isCorrected(this.#wish)) this.onCome();
  }

  #showKnown() {
    const { maker, model } = this.#wish;
    const { camera, lens, profile } = this.#known ?? UNKNOWN;
    const isOwn = profile?.source === 'file';
    this.name.textContent = isOwn ? 'What the camera says' : profile ? called(profile) : model ? called({ maker, model }) : this.#known ? 'Choose the lens' : '…';
    this.button.setAttribute('aria-label', `Lens: ${this.name.textContent}`);
    this.element.classList.toggle('unknown', Boolean(this.#known) && !profile);
    for (const { adjustment, element } of this.sliders) {
      const isThere = Boolean(profile?.[TABLES[adjustment.field]]);
      element.classList.toggle('idle', !isThere || !this.#wish.on);
      element.title = isThere || !profile ? adjustment.about : 'Nobody has measured that of this lens.';
    }
    this.note.textContent = !this.#known ? '' : isOwn ? 'This DNG brings along what its lens did.'
      : model ? `Chosen by hand.${profile ? '' : ' Nobody has measured it.'}`
        : profile ? 'Found by what the photo tells.'
          : lens ? `The photo tells of “${lens}”, which is not known here.`
            : camera ? 'The photo does not tell with which lens it was taken.' : 'The photo does not tell with what it was taken.';
  }

  #open() {
    this.field.value = '';
    this.list.replaceChildren();
    this.#search().catch(tellError);
    toggleMenu(this.menu, this.button);
    if (this.menu.matches(':popover-open')) this.field.focus();
  }

  /** Lists lenses by what is typed; those of the camera's maker, as long as nothing is. */
  async #search() {
    const turn = ++this.#typed;
    const typed = this.field.value.trim();
    const [maker] = (this.#known ?? UNKNOWN).maker.split(' ');
    const { lenses } = await request('GET', `lenses?text=${encodeURIComponent(typed || maker)}`);
    if (turn !== this.#typed) return;
    const own = typed ? [] : [this.#row({ maker: '', model: '' }, 'As the photo tells')];
    this.list.replaceChildren(...own, ...lenses.map((each) => this.#row(each, called(each))));
    if (typed && !lenses.length) this.list.replaceChildren(h('p.widget-note', { role: 'status' }, 'No lens is called so.'));
  }

  #row({ maker, model }, label) {
    const isChosen = maker === this.#wish.maker && model === this.#wish.model;
    return h('button', {
      type: 'button', 'aria-pressed': isChosen,
      onclick: () => { this.menu.hidePopover(); if (!isChosen) this.onStep({ ...this.#wish, maker, model, on: true }); },
    }, label);
  }
}
