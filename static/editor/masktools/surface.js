// The chosen part of a mask in the photo: a gradient's lines and handles, the brush as a circle, and the gestures that
// draw and paint.

import { h, setChildren, toast } from '../../common/dom.js';
import { drawn, handlesOf, isDrawn, isShaped, linesOf, moved } from './shaping.js';
import { inPhoto } from './places.js';

const SPACING = 0.04; // of the brush's diameter: points of a stroke lie at least so far from each other
const FAST = 10; // pixels of an arrow key with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Surface {
  #part = null; // what is drawn, painted or moved; null: the presses in the photo are not for this
  #fresh = false; // a gradient that is drawn by the next drag
  #gesture = null;
  #frame = 0;
  #space = false;

  /**
   * @param {import('../stage.js').Stage} stage
   * @param {import('./places.js').Places} places
   * @param {import('./brushpanel.js').BrushPanel} brush
   * @param {{maxStrokes: number, maxPoints: number}} limits
   * @param {{onStart, onEnd, onGiveUp, onRemove: () => void, onChange: (part: object) => void}} events of a gesture,
   *     which is one step; onGiveUp: it is to be as if it had not begun
   */
  constructor(stage, places, brush, limits, events) {
    Object.assign(this, { stage, places, brush, limits, events });
    this.svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    this.handles = h('div.mask-handles', { role: 'group', 'aria-label': 'Shape of the mask', hidden: true });
    this.handles.append(this.svg);
    stage.element.append(this.handles, brush.cursor.element);
    stage.tool = this;
    const { canvas } = stage;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    canvas.addEventListener('pointerup', (event) => this.#up(event));
    canvas.addEventListener('pointercancel', (event) => { if (event.pointerId === this.#gesture?.pointer) this.#cancel(); });
    canvas.addEventListener('pointerleave', () => brush.cursor.hide());
    canvas.addEventListener('contextmenu', (event) => { if (this.#paints) event.preventDefault(); });
  }

  get #paints() {
    return this.#part?.shape === 'brush';
  }

  /** Whether something is drawn or painted by a press in the photo. */
  get isOn() {
    return this.#paints || this.#fresh;
  }

  /** Whether a press draws or paints, instead of moving the photo. @param {PointerEvent} event */
  takes({ button }) {
    return this.isOn && !this.#space && (button === 0 || (button === 2 && this.#paints));
  }

  /** Whether a gesture is under way, so that the mask is to be seen. */
  get isDrawing() {
    return this.#gesture?.begun ?? false;
  }

  /**
   * Shows the part that gestures are for.
   * @param {?object} part
   * @param {boolean} fresh whether the next drag in the photo draws it
   */
  show(part, fresh) {
    this.#part = part;
    this.#fresh = fresh && isShaped(part);
    this.stage.element.classList.toggle('drawing', this.#fresh);
    this.stage.element.classList.toggle('painting', this.#paints && !this.#space);
    if (!this.#paints) this.brush.cursor.hide();
    this.place();
  }

  /** Puts lines and handles where they belong by now: the photo has moved. */
  place() {
    const part = this.#part;
    this.handles.hidden = !isShaped(part);
    if (this.handles.hidden) return;
    const { size } = this.places;
    const pixel = this.places.length(1, [this.handles.clientWidth / 2, this.handles.clientHeight / 2]);
    const lines = linesOf(part, size, pixel).flatMap(({ points, soft }) => {
      const path = points.map((point) => this.places.toPage(point).map((at) => at.toFixed(1)).join(' ')).join('L');
      return ['shade', soft ? 'soft' : 'line'].map((kind) => `<path class="${kind}" d="M${path}"/>`);
    });
    this.svg.innerHTML = lines.join('');
    const known = new Map([...this.handles.children].map((each) => [each.dataset.handle, each]));
    setChildren(this.handles, [this.svg, ...handlesOf(part, size, pixel).map(({ name, label, at }) => {
      const handle = known.get(name) ?? this.#handle(name, label);
      const [left, top] = this.places.toPage(at);
      handle.style.transform = `translate(${left}px, ${top}px)`;
      return handle;
    })]);
  }

  /** The space bar, held, lets the photo be moved. */
  holdSpace(down) {
    this.#space = down;
    this.stage.element.classList.toggle('painting', this.#paints && !down);
    if (down) this.brush.cursor.hide();
  }

  #handle(name, label) {
    const handle = h('button.mask-handle', { type: 'button', 'data-handle': name, title: label, 'aria-label': label });
    handle.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || this.#gesture) return;
      handle.setPointerCapture(event.pointerId);
      const [left, top] = this.places.toPage(this.#at(name));
      const on = this.places.onPage(event);
      this.#gesture = { pointer: event.pointerId, before: this.#part, handle: name, beside: [left - on[0], top - on[1]] };
    });
    handle.addEventListener('pointermove', (event) => this.#move(event));
    handle.addEventListener('pointerup', (event) => this.#up(event));
    handle.addEventListener('pointercancel', (event) => { if (event.pointerId === this.#gesture?.pointer) this.#cancel(); });
    handle.addEventListener('keydown', (event) => this.#key(event, name));
    return handle;
  }

  #at(name) {
    const pixel = this.places.length(1, [this.handles.clientWidth / 2, this.handles.clientHeight / 2]);
    return handlesOf(this.#part, this.places.size, pixel).find((each) => each.name === name).at;
  }

  #key(event, name) {
    const arrow = ARROWS[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') this.events.onRemove();
    else if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    if (!arrow) return;
    const [left, top] = this.places.toPage(this.#at(name));
    const step = event.shiftKey ? FAST : 1;
    const to = this.places.fromPage([left + arrow[0] * step, top + arrow[1] * step]);
    if (!event.repeat) this.events.onStart();
    this.events.onChange(moved(this.#part, name, to, this.places.size, false));
  }

  #down(event) {
    if (this.#gesture && this.stage.viewport.touches > 1) this.#cancel(); // two fingers zoom
    else if (!this.#gesture && event.isPrimary && this.takes(event)) this.#press(event);
  }

  #press(event) {
    this.stage.canvas.setPointerCapture(event.pointerId);
    const gesture = { pointer: event.pointerId, before: this.#part, from: this.places.at(event) };
    if (this.#paints) {
      if (this.#part.strokes.length >= this.limits.maxStrokes) {
        toast(`A brush takes ${this.limits.maxStrokes} strokes. Add another brush to paint on.`, { kind: 'error' });
        return;
      }
      gesture.stroke = this.brush.stroke(this.places.length(this.brush.cursor.size, this.places.onPage(event)), event.button === 2 || event.altKey);
      gesture.spacing = SPACING * gesture.stroke.size;
      gesture.points = [];
    }
    this.#gesture = gesture;
    if (gesture.stroke) this.#apply(event);
  }

  #move(event) {
    if (this.#paints && !this.#space && event.currentTarget === this.stage.canvas) this.brush.cursor.follow(event, this.stage.element);
    const gesture = this.#gesture;
    if (event.pointerId !== gesture?.pointer) return;
    const moves = gesture.stroke ? event.getCoalescedEvents?.() ?? [] : [];
    gesture.waiting = [...gesture.waiting ?? [], ...(moves.length ? moves : [event])];
    this.#frame ||= requestAnimationFrame(() => this.#flush());
  }

  /** What came since the last frame becomes of the part. */
  #flush() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const events = this.#gesture?.waiting ?? [];
    if (!events.length) return;
    this.#gesture.waiting = [];
    this.#apply(...events);
  }

  #apply(...events) {
    const gesture = this.#gesture;
    const part = gesture.stroke ? this.#painted(gesture, events) : this.#shaped(gesture, events.at(-1));
    if (!part) return;
    if (!gesture.begun) this.events.onStart();
    gesture.begun = true;
    this.events.onChange(part);
  }

  #shaped(gesture, event) {
    const { size } = this.places;
    if (!gesture.handle) {
      const to = this.places.at(event);
      return gesture.begun || isDrawn(gesture.from, to) ? drawn(gesture.before, gesture.from, to, size, event.shiftKey) : null;
    }
    const on = this.places.onPage(event);
    const to = this.places.fromPage([on[0] + gesture.beside[0], on[1] + gesture.beside[1]]);
    return moved(this.#part, gesture.handle, to, size, event.shiftKey);
  }

  #painted(gesture, events) {
    const { size } = this.places;
    for (const event of events) {
      const at = this.places.at(event);
      const { last = null } = gesture;
      if (last && Math.hypot(at[0] - last[0], at[1] - last[1]) < gesture.spacing) continue;
      gesture.last = at;
      gesture.points.push(inPhoto(at, size));
      if (gesture.points.length < this.limits.maxPoints) continue;
      gesture.points = gesture.points.filter((_, index) => index % 2 === 0);
      gesture.spacing *= 2;
    }
    const stroke = { ...gesture.stroke, points: [...gesture.points] };
    return { ...gesture.before, strokes: [...gesture.before.strokes, stroke] };
  }

  #up(event) {
    if (event.pointerId !== this.#gesture?.pointer) return;
    this.#flush();
    const { begun } = this.#gesture;
    this.#gesture = null;
    if (begun) this.events.onEnd();
  }

  #cancel() {
    const { begun } = this.#gesture;
    this.#gesture = null;
    if (begun) this.events.onGiveUp();
  }
}
