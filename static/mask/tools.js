// What the pointer does on the photo: clicks, boxes, strokes. Panning and zooming are the viewport's.

const SLOP = { mouse: 5, pen: 8, touch: 12 }; // pixels of the page that a click may wander before it draws a box

/** The tool that does nothing: a press takes hold of the photo. */
export const HAND = 'hand';

/** The tools, in the order in which they are offered, each with its key. */
export const TOOLS = {
  add: { label: 'Add', key: 'A', hint: 'Click what you want, or drag a box around it. Right click, or Alt, subtracts.' },
  subtract: { label: 'Subtract', key: 'S', hint: 'Click what does not belong to it.' },
  brush: { label: 'Brush', key: 'B', hint: 'Paint what belongs to it; [ and ] change the size. Right button, or Alt, erases.' },
  eraser: { label: 'Eraser', key: 'E', hint: 'Paint what does not belong to it; [ and ] change the size.' },
};

export class Tools {
  tool = 'add';
  #gesture = null;
  #space = false;

  /**
   * @param {(tools: Tools) => import('./canvas.js').MaskCanvas} makeCanvas
   * @param {{onClick: (point, adds: boolean) => void, onBox: (box) => void, onChange: () => void,
   *     onPaint: (adds: boolean, radius: number) => ?{to: (point) => void, end: (keep: boolean) => void}}} events
   *     points and boxes in pixels of the photo; those of a stroke, and its radius, in pixels of its masks
   */
  constructor(makeCanvas, events) {
    Object.assign(this, events);
    this.canvas = makeCanvas(this);
    const { surface } = this.canvas;
    surface.addEventListener('pointerdown', (event) => this.#down(event));
    surface.addEventListener('pointermove', (event) => this.#move(event));
    surface.addEventListener('pointerup', (event) => this.#up(event));
    surface.addEventListener('pointercancel', () => this.#cancel());
    surface.addEventListener('pointerleave', () => this.canvas.brush.hide());
    surface.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  /** Whether a press takes hold of the photo instead of using a tool. */
  pans({ button }) {
    return button === 1 || ((this.#space || this.tool === HAND) && button === 0);
  }

  /** Diameter of the brush, in pixels of the page. */
  get size() {
    return this.canvas.brush.size;
  }

  get paints() {
    return this.tool === 'brush' || this.tool === 'eraser';
  }

  choose(tool) {
    this.tool = tool;
    this.canvas.surface.dataset.tool = tool;
    this.canvas.brush.hide();
    this.onChange();
  }

  resize(size) {
    this.canvas.brush.resize(size);
    this.onChange();
  }

  /** A size smaller or larger. @param {string} key "[" or "]" */
  step(key) {
    this.resize(this.canvas.brush.stepped(key));
  }

  /** The space bar, held over the photo, turns the pointer into a hand. */
  holdSpace(down) {
    this.#space = down;
    this.canvas.surface.classList.toggle('hand', down);
    if (down) this.canvas.brush.hide();
  }

  /** Gives up the gesture that is under way. */
  #cancel() {
    this.#gesture?.painter?.end(false);
    this.#gesture = null;
    this.canvas.stretch(null);
  }

  #down(event) {
    const { canvas } = this;
    if (this.tool === HAND || this.pans(event) || canvas.viewport.touches > 1) {
      this.#cancel();
      return;
    }
    if (this.#gesture || !canvas.isOpen || event.button === 1) return;
    const other = event.button === 2 || event.altKey;
    const from = canvas.viewport.locate(event);
    const gesture = { pointer: event.pointerId, from, at: [event.clientX, event.clientY], inside: canvas.inPhoto(event) };
    if (this.paints) {
      gesture.adds = (this.tool === 'brush') !== other;
      gesture.painter = this.onPaint(gesture.adds, canvas.maskLength(this.size / 2));
      if (!gesture.painter) return;
      gesture.painter.to(canvas.toMask(from));
    } else {
      gesture.adds = (this.tool === 'add') !== other;
    }
    canvas.surface.setPointerCapture(event.pointerId);
    this.#gesture = gesture;
  }

  #move(event) {
    this.#moveCursor(event);
    const gesture = this.#gesture;
    if (event.pointerId !== gesture?.pointer) return;
    if (gesture.painter) {
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const each of moves.length ? moves : [event]) gesture.painter.to(this.canvas.toMask(this.canvas.viewport.locate(each)));
      return;
    }
    const wandered = Math.hypot(event.clientX - gesture.at[0], event.clientY - gesture.at[1]);
    if (wandered > SLOP[event.pointerType] && gesture.adds) gesture.draws = true;
    if (gesture.draws) {
      const to = this.canvas.viewport.locate(event);
      gesture.box = [Math.min(gesture.from[0], to[0]), Math.min(gesture.from[1], to[1]), Math.max(gesture.from[0], to[0]), Math.max(gesture.from[1], to[1])];
      this.canvas.stretch(gesture.box);
    }
  }

  #up(event) {
    const gesture = this.#gesture;
    if (event.pointerId !== gesture?.pointer) return;
    this.#gesture = null;
    this.canvas.stretch(null);
    if (gesture.painter) gesture.painter.end(true);
    else if (gesture.draws) this.onBox(gesture.box);
    else if (gesture.inside) this.onClick(gesture.inside, gesture.adds);
  }

  #moveCursor(event) {
    const { brush, element } = this.canvas;
    if (this.paints && !this.#space) brush.follow(event, element);
    else brush.hide();
  }
}
