// Everything about masks in Edit: new layers and parts, what is drawn, painted and picked in the photo for them.

import { isNarrow } from '../../common/narrow.js';
import { addLayer, addPart, changeLayer, changeMask, changePart, layer, madeLayer, removePart } from '../document.js';
import { MaskPanel } from '../maskpanel.js';
import { BrushPanel } from './brushpanel.js';
import { Objects } from './objects.js';
import { PartMenu } from './partmenu.js';
import { HOWS, SHAPES, freeName, matteOf, newPart } from './parts.js';
import { Places } from './places.js';
import { ColourRange, LuminanceRange, colourAt } from './ranges.js';
import { drawn, isShaped } from './shaping.js';
import { Surface } from './surface.js';

/** Where a gradient lies before it is drawn: from where to where, in shares of the picture. */
const LAID = { linear: [[0.5, 0.25], [0.5, 0.6]], radial: [[0.5, 0.5], [0.64, 0.68]] };

/**
 * @typedef {object} Host the editor
 * @property {() => object} document
 * @property {() => ?object} photo
 * @property {() => string} selected id of the chosen layer
 * @property {(id: string) => void} select
 * @property {(document: object) => boolean} step one step that undo takes back; false: it was refused
 * @property {() => void} begin a gesture; what `move` brings until the next one is one step
 * @property {(document: object) => void} move
 * @property {() => void} giveUp what a gesture has done
 * @property {() => {kind: string, name: string}[]} mattes of the photo
 * @property {(key: string) => string} nameOf a matte
 * @property {() => boolean} isOpen whether the tool for masks is
 * @property {() => void} open that tool
 * @property {(shown: boolean) => void} reveal the mask of the chosen layer in the photo
 * @property {(how: string) => void} view how masks are shown
 * @property {() => void} show all of this anew
 * @property {(kind: string) => Promise} listed brings a mask that was kept just now
 * @property {(kind: string) => boolean} isUsed whether a matte is part of a mask
 * @property {(kind: string) => void} drop deletes a mask, until undo wants it
 * @property {() => void} replace opens the tab Replace
 * @property {import('./ranges.js').Look} look
 */

export class MaskTools {
  #layer = null; // id of the one whose parts are shown
  #index = 0; // of the chosen part
  #fresh = false; // the chosen part is drawn by the next drag
  #away = false; // the tool was put away: presses in the photo move it
  #unseen = null; // id of a layer that is shown in red until it changes something

  /**
   * @param {import('../stage.js').Stage} stage
   * @param {object} schema of the adjustments
   * @param {Host} host
   */
  constructor(stage, schema, host) {
    Object.assign(this, { stage, schema, host });
    const onStart = () => host.begin();
    const onPart = (change) => host.move(changePart(host.document(), this.#layer, this.#index, change));
    const onPick = (button, wish) => stage.picker.toggle(button, wish);
    const picking = { onStart, onInput: onPart, onPick, look: host.look };
    this.places = new Places(stage, host.photo);
    this.brush = new BrushPanel();
    this.luminance = new LuminanceRange(schema, picking);
    this.colour = new ColourRange(picking);
    this.objects = new Objects(stage, { photo: host.photo, onKept: host.listed, isUsed: host.isUsed, drop: host.drop, name: () => freeName('Object', { layers: host.mattes() }) });
    this.menu = new PartMenu({
      onShape: (shape, how) => this.#make(shape, how),
      onObject: (how) => this.#find(how),
      onMatte: (kind, how) => this.#put(matteOf(kind, how), how),
      onReplace: host.replace,
    });
    this.panel = new MaskPanel(this, {
      onStart,
      onPart,
      onOpacity: (opacity) => host.move(changeLayer(host.document(), host.selected(), { opacity })),
      onChange: (index, change) => this.#change(index, change),
      onInvert: (index) => this.#change(index, { invert: !this.#parts[index].invert }),
      onSelect: (index) => this.#choose(index),
      onRemove: (index) => this.#remove(index),
      onMore: (by, how) => this.menu.open(by, how, HOWS[how].label, host.mattes()),
      onNew: (by) => this.openNew(by),
      onView: host.view,
    });
    stage.element.append(this.menu.element);
    const limits = { maxStrokes: schema.max_strokes, maxPoints: schema.max_stroke_points };
    this.surface = new Surface(stage, this.places, this.brush, limits, {
      onStart,
      onChange: (part) => { this.#fresh = false; onPart(part); },
      onEnd: () => host.show(),
      onGiveUp: host.giveUp,
      onRemove: () => this.#remove(this.#index),
    });
  }

  /** The menu of what a new layer can begin with. @param {HTMLElement} by */
  openNew(by) {
    this.menu.open(by, 'new', 'New mask', []);
  }

  /** Whether something is drawn just now. */
  get isDrawing() {
    return this.surface.isDrawing;
  }

  /** Shows the chosen layer. */
  show() {
    const { host } = this;
    const id = host.selected();
    const chosen = layer(host.document(), id);
    if (id !== this.#layer) this.#begin(id);
    const parts = chosen.mask?.parts ?? [];
    this.#index = Math.max(0, Math.min(this.#index, parts.length - 1));
    if (this.#unseen === id && isAdjusted(chosen)) this.#seen();
    this.panel.show(chosen, this.#index, host.photo(), host.nameOf, this.schema.max_parts);
    this.surface.show(host.photo() && host.isOpen() && !this.#away ? parts[this.#index] ?? null : null, this.#fresh);
  }

  /** Puts what lies over the picture where it belongs by now. */
  place() {
    this.surface.place();
    this.objects.foreseen.place();
  }

  /** The tool for masks was opened, or left for another. */
  opened() {
    this.#away = false;
    this.#fresh = false;
    if (this.host.photo()) this.show();
  }

  /** Puts away what is drawn or picked with. @returns {boolean} whether there was something to */
  putAway() {
    const isPicking = this.stage.picker.isOn;
    const part = this.#parts[this.#index];
    const isOn = this.host.isOpen() && !this.#away && (part?.shape === 'brush' || isShaped(part));
    this.stage.picker.stop();
    if (isPicking || !isOn) return isPicking;
    this.#away = true;
    this.host.show();
    return true;
  }

  get #parts() {
    return layer(this.host.document(), this.host.selected())?.mask?.parts ?? [];
  }

  #begin(id) {
    this.#layer = id;
    this.#index = 0;
    this.#fresh = false;
    this.#away = false;
    this.stage.picker.stop();
  }

  #seen() {
    this.#unseen = null;
    this.host.reveal(false);
  }

  #choose(index) {
    this.stage.picker.stop();
    this.#index = index;
    this.#fresh = false;
    this.#away = false;
    this.host.show();
  }

  #change(index, change) {
    this.host.step(changePart(this.host.document(), this.#layer, index, change));
  }

  #remove(index) {
    if (this.#parts.length < 2) return;
    if (index <= this.#index) this.#index = Math.max(0, this.#index - 1);
    this.#fresh = false;
    this.host.step(removePart(this.host.document(), this.#layer, index));
  }

  /** Makes a part of a shape, for a layer of its own or the chosen one, and takes its tool up. */
  #make(shape, how) {
    this.stage.picker.stop();
    const part = this.#laid(newPart(shape, how === 'new' ? 'add' : how));
    if (!this.#put(part, how)) return;
    this.#fresh = isShaped(part);
    this.host.show();
    if (shape === 'luminance' || shape === 'colour') this[shape].pick();
  }

  /** A part as it lies before it is drawn or picked: in the middle of what is seen. */
  #laid(part) {
    const { clientWidth, clientHeight } = this.stage.element;
    const at = ([x, y]) => this.places.fromPage([x * clientWidth, y * clientHeight]);
    if (isShaped(part)) return drawn(part, ...LAID[part.shape].map(at), this.places.size, part.shape === 'radial');
    if (part.shape !== 'colour') return part;
    const { x, y, scale } = this.stage.viewport.view;
    const { width, height } = this.stage.canvas;
    return { ...part, colour: colourAt(this.host.look, [(width / 2 - x) / scale, (height / 2 - y) / scale]) ?? part.colour };
  }

  /** Puts a part into the edit, as one step. @returns {boolean} false: it was refused */
  #put(part, how, label = SHAPES[part.shape]?.label ?? 'Mask') {
    const { host } = this;
    const before = host.document();
    if (how === 'new') {
      const made = madeLayer(freeName(label, before), part);
      if (!host.step(addLayer(before, made, host.selected()))) return false;
      host.select(made.id);
      this.#layer = made.id;
      this.#index = 0;
    } else {
      if (!host.step(addPart(before, host.selected(), part))) return false;
      this.#index = this.#parts.length - 1;
    }
    this.#away = false;
    this.#fresh = false;
    host.open();
    const id = host.selected();
    if (!isAdjusted(layer(host.document(), id))) {
      this.#unseen = id;
      host.reveal(true);
    }
    host.show();
    if (isNarrow() && this.#parts.length > 1) this.panel.part.scrollIntoView({ block: 'start' });
    return true;
  }

  /** Lets a click in the photo find what a part is to be. */
  #find(how) {
    let put = null; // where it was put
    this.host.open();
    this.objects.start((kind, again) => {
      const { host } = this;
      const there = put && layer(host.document(), put.id)?.mask?.parts[put.index];
      if (there?.shape !== 'matte') {
        if (!this.#put(matteOf(kind, how === 'new' ? 'add' : how), how, 'Object')) return;
        put = { id: host.selected(), index: this.#index };
        return;
      }
      const changed = changePart(host.document(), put.id, put.index, { kind });
      if (again) host.move(changed);
      else host.step(changed);
    });
  }

  /** Turns all of the chosen layer's mask over. */
  invert() {
    const { host } = this;
    const { mask } = layer(host.document(), host.selected());
    host.step(changeMask(host.document(), host.selected(), { invert: !mask.invert }));
  }

  /** Keys of the tools, as the workspace listens for them. */
  get keys() {
    const paints = (run) => (event) => { if (this.#parts[this.#index]?.shape === 'brush' && this.host.isOpen()) run(event); };
    return {
      '[': paints(() => this.brush.step('[')),
      ']': paints(() => this.brush.step(']')),
      x: paints(() => this.brush.erase(!this.brush.erases)),
      ' ': paints((event) => {
        if (!this.stage.canvas.matches(':hover')) return;
        event.preventDefault();
        this.surface.holdSpace(true);
      }),
    };
  }

  /** The space bar was let go. */
  letGo() {
    this.surface.holdSpace(false);
  }
}

/** Whether a layer changes anything within its mask. */
function isAdjusted({ adjustments, curves, lut }) {
  return Object.keys(adjustments).length > 0 || Object.keys(curves).length > 0 || Boolean(lut);
}
