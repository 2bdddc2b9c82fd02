// The panel beside the photo: tools, ready choices, objects, what can be done with a mask, and how it is shown.

import { h, icon, iconButton, setChildren } from '../common/dom.js';
import { scrolls } from '../common/scrolls.js';
import { Slider } from '../common/slider.js';
import { SIZE } from './brush.js';
import { COLOURS } from './overlay.js';
import { TOOLS } from './tools.js';

const AMOUNT = { id: 'amount', label: 'By', about: 'How far to grow, shrink or feather, in pixels of the mask.', minimum: 1, default: 4, step: 1, digits: 0, unit: 'pixels' };

/** Steps on the mask of the object that is chosen; those with `by` are told how far. */
const STEPS = {
  invert: { label: 'Invert', about: 'What is out comes in (I)' },
  grow: { label: 'Grow', about: 'Larger all around', by: true },
  shrink: { label: 'Shrink', about: 'Smaller all around', by: true },
  feather: { label: 'Feather', about: 'A softer edge', by: true },
  fill: { label: 'Fill holes', about: 'What is enclosed comes in' },
  largest: { label: 'Keep largest', about: 'Smaller pieces go out' },
  refine: { label: 'Fit to edges', about: 'Follow the edges in the photo, such as hair', by: true },
};

export class Panel {
  /**
   * @param {{things: import('./things.js').Things, engines: import('./engines.js').Engines, uses: HTMLElement,
   *     parts: HTMLElement[], rail: HTMLElement, maxStep: number}} elements parts: what a tab shows in the place of the
   *     selection; rail: chooses between them
   * @param {{onTool, onSize, onStep: (name: string, amount: number) => void, onReady: (kind: string) => void,
   *     onColour, onOutline, onUpload}} events
   */
  constructor({ things, engines, uses, parts, rail, maxStep }, events) {
    this.onReady = events.onReady;
    this.tools = Object.entries(TOOLS).map(([name, { label, key, hint }]) =>
      h('button.tool', { type: 'button', 'data-tool': name, title: `${label} (${key}). ${hint}`, onclick: () => events.onTool(name) }, icon(name), h('span', {}, label)));
    this.size = new Slider(SIZE, { onStart() {}, onInput: events.onSize });
    this.ready = h('div.chips.ready');
    this.readyNote = h('p.panel-note', {}, 'Looking for people and parts of them…');
    this.amount = new Slider({ ...AMOUNT, maximum: maxStep }, { onStart() {}, onInput: (value) => this.amount.show(value) });
    this.steps = Object.entries(STEPS).map(([name, { label, about }]) =>
      h('button.chip', { type: 'button', 'data-step': name, title: about, onclick: () => events.onStep(name, this.amount.value) }, label));
    this.colours = Object.keys(COLOURS).map((name) => h('button.swatch', {
      type: 'button', 'data-colour': name, title: COLOUR_NAMES[name], 'aria-label': COLOUR_NAMES[name], onclick: () => events.onColour(name),
      style: `--colour:rgb(${COLOURS[name]})`,
    }));
    this.outline = h('button.chip', { type: 'button', title: 'A line along the edge', onclick: events.onOutline }, 'Outline');
    this.upload = iconButton('upload', 'Upload a mask', events.onUpload, { title: 'Upload a mask: what is white or painted is selected, and of a cutout what shows' });

    this.groups = [];
    this.tabs = h('div.group-tabs', { role: 'tablist' });
    const groups = [
      this.#group('Found', null, this.readyNote, this.ready),
      this.#group('Objects', h('span.group-actions', {}, this.upload, things.more), things.rows),
      this.#group('Change', null, h('div.chips', {}, this.steps), this.amount.element),
      this.#group('Show', null, h('div.chips.show', {}, h('span.swatches', { role: 'group', 'aria-label': 'Colour of the mask' }, this.colours), this.outline)),
    ];
    const use = this.#group('Use', null, uses); // stays in sight, however many objects there are
    this.#chooseGroup('Found');
    this.element = h('aside.panel.railed', { 'aria-label': 'Replace' },
      h('div.railed-body', {},
        h('div.select-tools', {},
          h('div.tools', {}, h('div.tool-row', { role: 'toolbar', 'aria-label': 'Tools' }, this.tools), engines.element), engines.progress.element, this.size.element),
        h('section.select-part', { 'aria-label': 'Select' }, this.tabs, scrolls(h('div.mask-groups', {}, groups)), use),
        parts),
      rail);
  }

  #group(name, aside, ...children) {
    const tab = h('button.group-tab', { type: 'button', role: 'tab', onclick: () => this.#chooseGroup(name) }, name);
    const group = h('section.group', { 'data-group': name }, h('div.group-head', {}, h('h3', {}, name), aside), ...children);
    this.groups.push({ name, tab, group });
    this.tabs.append(tab);
    return group;
  }

  /** On a phone one group shows at a time. */
  #chooseGroup(chosen) {
    for (const { name, tab, group } of this.groups) {
      group.classList.toggle('chosen', name === chosen);
      tab.setAttribute('aria-selected', name === chosen);
    }
  }

  showTool({ tool, size, paints }) {
    for (const button of this.tools) button.setAttribute('aria-pressed', button.dataset.tool === tool);
    this.size.element.hidden = !paints;
    this.size.show(size);
  }

  showColour(colour, outlined) {
    for (const button of this.colours) button.setAttribute('aria-pressed', button.dataset.colour === colour);
    this.outline.setAttribute('aria-pressed', outlined);
  }

  /** @param {boolean} can whether there is a mask to change */
  showSteps(can) {
    for (const button of this.steps) button.disabled = !can && button.dataset.step !== 'invert';
  }

  /**
   * Offers masks that are there already.
   * @param {?{kind, label: string}[]} mattes null while they are being made
   * @param {string[]} chosen kinds
   */
  showReady(mattes, chosen, note = '') {
    this.readyNote.textContent = note;
    this.readyNote.hidden = !note;
    this.ready.hidden = !mattes?.length;
    const known = new Map([...this.ready.children].map((chip) => [chip.dataset.kind, chip]));
    setChildren(this.ready, (mattes ?? []).map(({ kind, label }) => {
      const chip = known.get(kind) ?? h('button.chip', { type: 'button', 'data-kind': kind, onclick: () => this.onReady(kind) });
      chip.textContent = label;
      chip.setAttribute('aria-pressed', chosen.includes(kind));
      return chip;
    }));
  }
}

const COLOUR_NAMES = { red: 'Red', green: 'Green', blue: 'Blue', rest: 'Darken what is not selected' };
