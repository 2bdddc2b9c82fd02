// What a click would select, shown while the mouse rests on the photo, before anybody clicks.

const REST = 100; // milliseconds that the mouse rests before it is asked
const NEAR = 8; // pixels of the page about the place that was asked about: a click there takes what is shown

/**
 * @typedef {object} Place
 * @property {[number, number]} point in pixels of the photo
 * @property {boolean} adds whether a click there would add
 *
 * One question at a time, about the place where the mouse is by now; whoever moves on gives up the one before.
 */
export class Hover {
  #place = null; // where the mouse rests, or was clicked last
  #timer = 0;
  #asking = null; // gives up the question under way
  #shown = null; // what is seen by now: {place, found}
  #took = 0; // milliseconds until the last answer

  /**
   * @param {HTMLElement} surface
   * @param {{place: (event: PointerEvent) => ?Place, reach: () => number, covers: (found: object, place: Place) => boolean,
   *     ask: (place: Place, signal: AbortSignal) => Promise<?object>, show: (found: ?object) => void, ready?: () => Promise}} events
   *     place: what a click would be, null where nothing is to be foreseen; reach: pixels of the photo in one of the page;
   *     ask: what it would select, null where that cannot be told at once; covers: whether the mouse is over what was found;
   *     ready: kept once there is something to ask
   */
  constructor(surface, events) {
    this.events = events;
    const listen = (name, hear) => surface.addEventListener(name, hear, { passive: true, capture: true }); // before a tool does
    listen('pointermove', (event) => this.#move(event));
    listen('pointerdown', () => this.#giveUp());
    listen('wheel', () => this.stop());
    listen('pointerleave', ({ target }) => { if (target === surface) this.stop(); });
  }

  /** Shows nothing until the mouse moves. */
  stop() {
    this.#giveUp();
    this.#show(null);
  }

  /**
   * Takes what is shown for a click; until the mouse moves on there is nothing to foresee.
   * @param {Place} place of the click
   * @returns {?{place: Place, found: object}} null: nothing is shown for it; else the place that was asked about
   */
  take(place) {
    const shown = this.#shown;
    this.stop();
    this.#place = place;
    return shown && this.#isNear(shown.place, place) ? shown : null;
  }

  #isNear(one, other) {
    const far = Math.hypot(one.point[0] - other.point[0], one.point[1] - other.point[1]);
    return one.adds === other.adds && far <= NEAR * this.events.reach();
  }

  #move(event) {
    const place = event.pointerType === 'mouse' && event.buttons === 0 ? this.events.place(event) : null;
    if (this.#shown && !(place && this.events.covers(this.#shown.found, place))) this.#show(null);
    if (place && this.#place && this.#isNear(this.#place, place)) return;
    this.#giveUp();
    this.#place = place;
    // Where answers are slow the mouse rests longer before, so that it does not ask for more than it is told.
    if (place) this.#timer = setTimeout(() => this.#ask(place), Math.max(REST, this.#took));
  }

  async #ask(place) {
    const asking = new AbortController();
    this.#asking = asking;
    await this.events.ready?.();
    if (this.#asking !== asking) return;
    const start = performance.now();
    const found = await this.events.ask(place, asking.signal).catch(() => null); // a click will tell what is wrong
    if (this.#asking !== asking) return;
    this.#took = performance.now() - start;
    this.#show(found && { place, found });
  }

  #giveUp() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
  }

  #show(shown) {
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.events.show(shown?.found ?? null);
  }
}
