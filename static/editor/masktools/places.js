// Where parts of masks lie: photo coordinates, pixels of the page, and the plane in between, whose unit is the photo's long
// edge, so that circles are round in it.

/** Photo coordinates (0 to 1 across and down) of a photo as a point of the plane. @param {[number, number]} size */
export const onPlane = ([x, y], [width, height]) => {
  const edge = Math.max(width, height);
  return [(x * width) / edge, (y * height) / edge];
};

/** The other way round, rounded to what is kept in a document. */
export const inPhoto = ([x, y], [width, height]) => {
  const edge = Math.max(width, height);
  return [rounded((x * edge) / width), rounded((y * edge) / height)].map((each) => Math.max(-4, Math.min(5, each)));
};

export const rounded = (value) => Math.round(value * 1e5) / 1e5;

export class Places {
  /** @param {import('../stage.js').Stage} stage @param {() => object} photo that is open */
  constructor(stage, photo) {
    Object.assign(this, { stage, photo });
  }

  /** The photo's size in pixels. */
  get size() {
    const { width, height } = this.photo();
    return [width, height];
  }

  get edge() {
    return Math.max(...this.size);
  }

  /** Where a point of the plane lies in the picture, in pixels of the page. */
  toPage([x, y]) {
    const { view, ratio } = this.stage.viewport;
    const [left, top] = this.stage.toPicture([x * this.edge, y * this.edge]);
    return [(view.x + left * view.scale) / ratio, (view.y + top * view.scale) / ratio];
  }

  /** The point of the plane at a place of the picture, given in pixels of the page. */
  fromPage([left, top]) {
    const { view, ratio } = this.stage.viewport;
    const at = [(left * ratio - view.x) / view.scale, (top * ratio - view.y) / view.scale];
    return this.stage.toPhoto(at).map((each) => each / this.edge);
  }

  /** Where an event is on the picture, in pixels of the page. */
  onPage({ clientX, clientY }) {
    const box = this.stage.canvas.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  }

  /** The point of the plane where an event is. */
  at(event) {
    return this.fromPage(this.onPage(event));
  }

  /** How long a length of the page is on the plane, about a place. */
  length(pixels, [left, top]) {
    const [from, to] = [this.fromPage([left - pixels / 2, top]), this.fromPage([left + pixels / 2, top])];
    return Math.hypot(to[0] - from[0], to[1] - from[1]);
  }
}
