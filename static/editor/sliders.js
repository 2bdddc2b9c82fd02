// The tools for the chosen layer, one open at a time on a rail: sections of sliders each, drawn from the schema, and
// those that are no part of it.

import { h } from '../common/dom.js';
import { isNarrow, watchNarrow } from '../common/narrow.js';
import { Rail } from '../common/rail.js';
import { scrolls } from '../common/scrolls.js';
import { Slider } from '../common/slider.js';
import { Finder } from './finder.js';
import { Section } from './section.js';

/** What the rail shows for a group of the schema; one that is not here has plain sliders. */
const PICTURES = { Light: 'sun', Colour: 'drop', Detail: 'prism', Blur: 'ring', Effects: 'wand' };

/**
 * What is drawn in a section besides plain sliders, or in their place.
 * @typedef {object} Widget
 * @property {string} tool
 * @property {string} section a new one comes after those of the schema
 * @property {HTMLElement} element
 * @property {Slider[]} [sliders] those of the schema that it draws itself
 * @property {string[]} [ids] adjustments that are no slider in it
 * @property {(layer: object, document: object) => void} show
 * @property {(layer: object) => boolean} [isUsed] whether it changes more of the layer than adjustments
 * @property {() => void} [reset] resets the section, where that is more than its layer's
 * @property {object} [cleared] what of the layer becomes what when the section is reset, besides adjustments
 * @property {(id: string) => HTMLElement} [reveal] brings one of its adjustments into sight; gives what gets the focus
 *
 * @typedef {{name: string, picture: string, element: HTMLElement, isUsed: (layer: object) => boolean, apart?: boolean,
 *     narrow?: boolean, after?: string}} OtherTool one that is no part of the schema, as the rail shows it; after: the
 *     tool that it stands after, else after all; narrow: it is one on phones alone, else a part of that tool
 */

export class Tools {
  /**
   * @param {import('../common/slider.js').Adjustment[]} schema the adjustments
   * @param {Widget[]} widgets
   * @param {OtherTool[]} others
   * @param {object[]} findable what is found besides sliders, as these are described in the schema; `reveal` brings it
   *     into sight
   * @param {{onStart: () => void, onInput: (values: object) => void, onReset: (names: string[], cleared: object) => void,
   *     onOpen: (tool: string) => void}} events
   */
  constructor(schema, widgets, others, findable, { onStart, onInput, onReset, onOpen }) {
    Object.assign(this, { widgets, others, onOpen });
    this.sliders = new Map(widgets.flatMap(({ sliders = [] }) => sliders).map((each) => [each.adjustment.id, each]));
    this.sections = []; // {section, members: ids, widget}
    const sheets = new Map();
    const drawn = new Set([...this.sliders.keys(), ...widgets.flatMap(({ ids = [] }) => ids)]);
    for (const tool of new Set(schema.map(({ group }) => group))) {
      const mine = schema.filter(({ group }) => group === tool);
      const names = new Set([...mine, ...widgets.filter((each) => each.tool === tool)].map(({ section }) => section));
      for (const name of names) {
        const members = mine.filter(({ section }) => section === name);
        const widget = widgets.find((each) => each.tool === tool && each.section === name);
        const plain = members.filter(({ id }) => !drawn.has(id)).map((each) => {
          const slider = new Slider(each, { onStart, onInput: (value) => onInput({ [each.id]: value }) });
          this.sliders.set(each.id, slider);
          return slider.element;
        });
        const section = new Section(tool, name, [widget?.element, ...plain], {
          onFold: (folded) => this.#foldOthers(folded),
          onReset: () => (widget?.reset ? widget.reset() : onReset(members.map(({ id }) => id), widget?.cleared ?? {})),
        });
        this.sections.push({ section, members: members.map(({ id }) => id), widget });
      }
      sheets.set(tool, this.sections.filter(({ section }) => section.tool === tool).map(({ section }) => section.element));
    }
    const rail = [...sheets.keys()].map((name) => ({ name, picture: PICTURES[name] ?? 'sliders' }));
    for (const other of others) {
      rail.splice(other.after ? rail.findIndex(({ name }) => name === other.after) + 1 : rail.length, 0, other);
      sheets.set(other.name, [h('div.tool-head', {}, h('h3', {}, other.name)), other.element]);
    }
    this.rail = new Rail('Tools', rail, (name) => this.choose(name));
    this.sheets = new Map([...sheets].map(([name, content]) => [
      name, h('div.tool-sheet', { 'data-group': name, role: 'tabpanel', 'aria-label': name }, content)]));
    this.finder = new Finder([...schema, ...findable], ({ id, reveal }) => (reveal ? reveal() : this.reveal(id)));
    this.scrolling = scrolls(h('div.adjustments', {}, [...this.sheets.values()]));
    this.element = h('div.edit-tools', {}, this.finder.element, this.scrolling);
    watchNarrow(() => this.#restoreFolds());
    this.#restoreFolds();
    this.choose(rail[0].name);
  }

  choose(name) {
    for (const [other, sheet] of this.sheets) sheet.hidden = other !== name;
    this.scrolling.scrollTop = 0;
    this.rail.show(name);
    this.onOpen(name);
  }

  get chosen() {
    return this.rail.chosen;
  }

  /** Brings an adjustment into sight, wherever it is, and gives it the focus. @param {string} id */
  reveal(id) {
    const { section, widget } = this.sections.find(({ members }) => members.includes(id));
    this.choose(section.tool);
    if (!section.isOpen) {
      section.keep(true);
      this.#foldOthers(section);
    }
    const found = widget?.reveal?.(id) ?? this.sliders.get(id).range;
    found.focus({ preventScroll: true });
    const row = found.closest('.slider') ?? found;
    row.scrollIntoView({ block: 'center' });
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) row.animate({ backgroundColor: ['var(--chosen)', 'transparent'] }, { duration: 1200, easing: 'ease-in' });
  }

  /** @param {object} layer that is chosen @param {object} document */
  show(layer, document) {
    const { adjustments } = layer;
    for (const [id, slider] of this.sliders) {
      const value = adjustments[id] ?? slider.adjustment.default;
      if (slider.value !== value || slider.range.valueAsNumber !== value) slider.show(value); // most stay as they are
    }
    for (const { adjustment, element } of this.sliders.values()) {
      element.classList.toggle('idle', Boolean(adjustment.of) && !(adjustment.of in adjustments));
    }
    for (const widget of this.widgets) widget.show(layer, document);
    const used = new Set();
    for (const { section, members, widget } of this.sections) {
      const isUsed = members.some((id) => id in adjustments) || Boolean(widget?.isUsed?.(layer, document));
      section.mark(isUsed);
      if (isUsed) used.add(section.tool);
    }
    for (const { name, isUsed, narrow, after } of this.others) if (isUsed(layer)) used.add(narrow && !isNarrow() ? after : name);
    for (const tool of this.sheets.keys()) this.rail.mark(tool, used.has(tool));
  }

  #restoreFolds() {
    const first = new Set();
    for (const { section } of this.sections) {
      section.restore(!isNarrow() || !first.has(section.tool));
      first.add(section.tool);
    }
  }

  /** On a phone one section of a tool is open. */
  #foldOthers(open) {
    if (!isNarrow() || !open.isOpen) return;
    for (const { section } of this.sections) if (section.tool === open.tool && section !== open) section.keep(false);
    open.element.scrollIntoView({ block: 'start' });
  }
}
