// EnvoMask, a Gradio component: a photo in which one selects by clicks, boxes and a brush. See envomask/__init__.py.

import { h, icon, iconButton } from '../common/dom.js';
import { History } from '../common/history.js';
import { Answers } from '../mask/answers.js';
import { SIZE } from '../mask/brush.js';
import { Candidates } from '../mask/candidates.js';
import { MaskCanvas } from '../mask/canvas.js';
import { Hover } from '../mask/hover.js';
import { isEmpty, Masks } from '../mask/masks.js';
import { toBase64 } from '../mask/png.js';
import { active, add, change, choose, filled, isAsked, isBlank, nothing, place, remove } from '../mask/selection.js';
import { Painter } from '../mask/strokes.js';
import { Tools, TOOLS } from '../mask/tools.js';

/**
 * @typedef {object} Value as envomask/__init__.py has it
 * @property {string} path of the photo's file on the server
 * @property {number} width of the photo, upright
 * @property {number} height
 * @property {[number, number]} working width and height of the masks
 * @property {string} preview data URL of a picture of it
 * @property {string[]} masks PNG in base64, of the working size
 */

/**
 * What Gradio gives the component's script.
 * @typedef {{element: HTMLElement, props: {value: ?Value}, trigger: (event: string) => void, watch: (name: string, then: () => void) => void,
 *     server: {envomask_look: (path: string) => Promise<Value>, envomask_select: (question: object) => Promise<object>},
 *     upload: (file: File) => Promise<{path: string}>}} Given
 */

/** @param {Given} given */
export function mount(given) {
  const mask = new EnvoMask(given);
  given.watch('value', () => mask.take());
  mask.take();
}

/** Answers by the component's own server function. */
class Asked extends Answers {
  constructor(ask, events) {
    super('', events);
    this.ask = ask;
    this.look = ask;
  }
}

/** What the server answers, or the sentence on why not, thrown. */
async function asked(answer) {
  const given = await answer;
  if (given.error) throw new Error(given.error);
  return given;
}

let strokes = 0;

class EnvoMask {
  #value = null;
  #history = new History(nothing());
  #masks = null;
  #shown = 0;

  /** @param {Given} given */
  constructor(given) {
    Object.assign(this, given);
    this.tools = new Tools((tools) => new MaskCanvas({ onView: () => {}, pans: (event) => tools.pans(event) }), {
      onClick: (point, adds) => this.#click({ point: point.map(Math.floor), adds }),
      onBox: (box) => this.#ask({ box: box.map(Math.round) }),
      onPaint: (adds, radius) => this.#paint(adds, radius),
      onChange: () => this.#showTools(),
    });
    this.canvas = this.tools.canvas;
    this.hover = new Hover(this.canvas.surface, {
      place: (event) => this.#rests(event),
      reach: () => this.canvas.viewport.pixel,
      ask: (place) => this.#foresee(place),
      covers: ({ mask }, { point }) => this.canvas.isOver(mask, point),
      show: (found) => this.canvas.foresee(found?.mask ?? null),
    });
    this.candidates = new Candidates({ onChoose: (choice) => this.#mean(choice) });
    this.canvas.element.append(this.candidates.element);
    this.#build();
    this.tools.choose('add');
  }

  /** Shows the value that Python gives, unless it is what was given to it. */
  take() {
    const value = this.props.value || null;
    if (value === this.#value) return;
    this.#open(value).catch((error) => this.#say(error.message, true));
  }

  #build() {
    this.file = h('input', { type: 'file', accept: 'image/*', hidden: true, onchange: () => this.#bring(this.file.files[0]) });
    this.drop = h('button.em-drop', { type: 'button', onclick: () => this.file.click() }, icon('upload'), h('span', {}, 'Choose a photo, or drop one here'));
    this.buttons = Object.fromEntries(Object.entries(TOOLS).map(([name, { label, hint }]) => [
      name, h('button.em-tool', { type: 'button', title: hint, 'aria-label': label, onclick: () => this.tools.choose(name) }, icon(name), h('span', {}, label)),
    ]));
    this.size = h('input.em-size', { type: 'range', min: SIZE.minimum, max: SIZE.maximum, value: SIZE.default, 'aria-label': 'Size of the brush', oninput: () => this.tools.resize(this.size.valueAsNumber) });
    this.undo = iconButton('undo', 'Undo', () => this.#go('undo'));
    this.redo = iconButton('redo', 'Redo', () => this.#go('redo'));
    this.more = iconButton('plus', 'Another mask', () => this.#step(add(this.#selection)));
    this.away = iconButton('close', 'Another photo', () => this.#clear());
    this.chips = h('div.em-chips', { role: 'group', 'aria-label': 'Masks' });
    this.said = h('p.em-said', { role: 'status' });
    const bar = h('div.em-bar', { role: 'toolbar', 'aria-label': 'Selecting' }, Object.values(this.buttons), this.size, h('span.em-space'), this.undo, this.redo, this.more, this.away);
    this.stage = h('div.em-stage', {}, this.canvas.element, this.drop);
    this.root = h('div.envo-mask', {}, bar, this.stage, h('div.em-foot', {}, this.chips, this.said), this.file);
    this.stage.addEventListener('dragover', (event) => event.preventDefault());
    this.stage.addEventListener('drop', (event) => {
      event.preventDefault();
      this.#bring(event.dataTransfer.files[0]);
    });
    this.root.addEventListener('keydown', (event) => this.#key(event));
    this.element.querySelector('.envo-mask-place').replaceChildren(this.root);
    this.#show();
  }

  get #selection() {
    return this.#history.present;
  }

  get #thing() {
    return active(this.#selection);
  }

  /** @param {?File} file */
  async #bring(file) {
    if (!file) return;
    this.file.value = '';
    this.#say('Opening the photo…');
    try {
      const { path } = await this.upload(file);
      await this.#open(await asked(this.server.envomask_look(path)));
      this.#tell();
      this.trigger('upload');
    } catch (error) {
      this.#say(error.message ?? String(error), true);
    }
  }

  /** @param {?Value} value */
  async #open(value) {
    this.#value = value;
    this.canvas.close();
    this.#history = new History(nothing());
    this.#masks = null;
    if (value) {
      const picture = await createImageBitmap(await (await fetch(value.preview)).blob());
      if (value !== this.#value) return;
      this.answers = new Asked(({ engine, picture, ...question }) => asked(this.server.envomask_select({ path: value.path, ...question })), {
        onAnswer: () => this.#answered(),
        onError: (error) => {
          this.#go('undo');
          this.#say(error.message ?? String(error), true);
        },
      });
      this.#masks = new Masks(value.working, this.answers);
      this.canvas.open(picture, value);
      let selection = nothing();
      for (const png of value.masks) selection = add(selection, { start: await this.#masks.start(await this.#masks.decode(png)) });
      this.#history = new History(selection);
    }
    this.#say('');
    this.#show();
  }

  #clear() {
    this.#open(null);
    this.#tell();
    this.trigger('clear');
  }

  /** Goes on to another selection, of which undo takes one step back. */
  #step(selection) {
    this.#history.push(selection);
    this.#changed();
  }

  #go(way) {
    this.#history[way]();
    this.#changed();
  }

  async #changed() {
    this.hover.stop();
    this.answers?.want(filled(this.#selection));
    await this.#show();
    this.#tell();
  }

  #click(place) {
    const shown = this.hover.take(place);
    const { point, adds } = shown?.place ?? place;
    const clicks = [...this.#thing.clicks, [...point, adds]];
    if (shown) this.answers.take({ ...this.#thing, clicks }, shown.found.answer);
    this.#ask({ clicks });
  }

  /** What a click of the mouse would be just now; null where it would select nothing, or something is under way. */
  #rests(event) {
    const { canvas, tools } = this;
    if (!canvas.isOpen || tools.paints || tools.pans({ button: 0 }) || canvas.waiting || this.#thing.strokes.length) return null;
    const point = canvas.inPhoto(event);
    const adds = (tools.tool === 'add') !== event.altKey;
    return point && (adds || !isBlank(this.#thing)) ? { point: point.map(Math.floor), adds } : null;
  }

  /** Has Python say what a click would select. */
  async #foresee({ point, adds }) {
    const thing = this.#thing;
    const answer = await this.answers.glance({ ...thing, clicks: [...thing.clicks, [...point, adds]] });
    return thing === this.#thing ? { answer, mask: await this.#masks.decode(answer.candidates[0].mask) } : null;
  }

  /** Takes another of the masks that the click may mean. */
  #mean(choice) {
    this.#history.replace(change(this.#selection, { choice }));
    this.#changed();
  }

  /** Has the active mask answered anew. @param {object} gesture what is done to it */
  async #ask(gesture) {
    const { strokes: painted } = this.#thing;
    let before = this.#selection;
    if (painted.length) {
      // An engine goes on from what was painted.
      const start = await this.#masks.start(await this.#masks.of(this.#thing));
      before = change(before, { start, clicks: [], box: null, strokes: [] });
      if (gesture.clicks) gesture.clicks = gesture.clicks.slice(-1);
    }
    this.#step(change(before, gesture));
  }

  async #answered() {
    await this.#show();
    this.#tell();
  }

  #paint(adds, radius) {
    const painted = this.canvas.mask;
    if (!painted) return null;
    const stroke = { id: (strokes += 1), adds, radius, points: [] };
    const mask = painted.slice();
    const painter = new Painter(mask, this.#masks.size, stroke);
    return {
      to: (point) => {
        stroke.points.push(point);
        this.canvas.overlay.touch(mask, painter.to(point));
        this.canvas.requestDraw();
      },
      end: (keep) => {
        if (keep) this.#step(change(this.#selection, { strokes: [...this.#thing.strokes, stroke] }));
        else this.#show();
      },
    };
  }

  /** Shows the active mask, and which others there are. */
  async #show() {
    const turn = (this.#shown += 1);
    const value = this.#value;
    const answer = value && isAsked(this.#thing) ? this.answers.of(this.#thing) : null;
    this.candidates.show(answer?.candidates ?? [], this.#thing.choice);
    const mask = value ? await this.#masks.of(this.#thing) : null;
    if (turn !== this.#shown) return;
    if (mask || !value) {
      this.canvas.mask = mask;
      this.canvas.overlay.show(mask && !isEmpty(mask) ? mask : null);
    }
    this.canvas.waitAt(value && !mask ? place(this.#thing) : null);
    this.canvas.mark(value ? this.#thing : { clicks: [], box: null });
    this.root.classList.toggle('em-open', value !== null);
    this.undo.disabled = !this.#history.canUndo;
    this.redo.disabled = !this.#history.canRedo;
    this.chips.replaceChildren(...(value ? this.#selection.things : []).map((thing, at) => this.#chip(thing, at)));
    this.canvas.requestDraw();
  }

  #chip({ id }, at) {
    const label = `Mask ${at + 1}`;
    const button = h('button.em-chip', { type: 'button', 'aria-pressed': String(id === this.#selection.active), onclick: () => this.#choose(id) }, label);
    const away = iconButton('close', `Remove ${label}`, () => this.#step(remove(this.#selection, id)));
    return h('span.em-mask', {}, button, this.#selection.things.length > 1 ? away : null);
  }

  #choose(id) {
    this.#history.replace(choose(this.#selection, id));
    this.#show();
  }

  #showTools() {
    for (const [name, button] of Object.entries(this.buttons ?? {})) button.setAttribute('aria-pressed', String(name === this.tools.tool));
    if (!this.size) return;
    this.size.hidden = !this.tools.paints;
    this.size.value = this.tools.size;
  }

  /** Gives Python what is selected, once all answers are there. */
  async #tell() {
    const value = this.#value;
    const things = value ? filled(this.#selection) : [];
    const masks = await Promise.all(things.map((thing) => this.#masks.of(thing)));
    if (value !== this.#value || masks.includes(null)) return;
    const files = await Promise.all(masks.filter((mask) => !isEmpty(mask)).map(async (mask) => toBase64(await this.#masks.encode(mask))));
    if (value !== this.#value) return;
    this.#value = value && { ...value, masks: files };
    this.props.value = this.#value;
    this.trigger('change');
  }

  #key(event) {
    const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
    if (undoes) this.#go(event.shiftKey ? 'redo' : 'undo');
    else if (event.key === '[' || event.key === ']') this.tools.step(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #say(sentence, isWrong = false) {
    this.said.textContent = sentence;
    this.said.classList.toggle('em-wrong', isWrong);
  }
}
