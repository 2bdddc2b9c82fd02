import { Program, Target, Texture, canDrawHalf, fill } from './gl.js';
import { COVER } from './shaders/common.glsl.js';
import { BLUR, PLACE } from './shaders/matte.glsl.js';

/**
 * The mattes of a photo on the GPU: one texture of each kind as it came, and one texture array in which every masked
 * layer has a channel with its own, feathered matte. The same feathering in Python: envo/masks.py.
 */
export class Mattes {
  /** Goes up with each change of a channel. */
  version = 0;
  /** Slices that hold channels. */
  slices = 0;
  #gl;
  #k;
  #format;
  #place;
  #blur;
  #target;
  #kinds = new Map(); // kind -> Texture
  #packed = null; // Texture, four layers to a slice
  #held = []; // what each channel holds: {source: Texture, feather: percent}

  /** @param {object} k the schema's constants */
  constructor(gl, k) {
    this.#gl = gl;
    this.#k = k;
    // Half floats keep faint edges exact under strong adjustments.
    this.#format = canDrawHalf(gl) ? { one: gl.R16F, four: gl.RGBA16F } : { one: gl.R8, four: gl.RGBA8 };
    this.#place = new Program(gl, COVER, PLACE);
    this.#blur = new Program(gl, COVER, BLUR);
    this.#target = new Target(gl);
  }

  /** Long edge of the layers' mattes, in pixels. */
  get edge() {
    return Math.max(this.#packed.width, this.#packed.height);
  }

  has(kind) {
    return this.#kinds.has(kind);
  }

  /** Takes the matte of a kind: an 8-bit grey image. */
  set(kind, bitmap) {
    const gl = this.#gl;
    this.remove(kind);
    const texture = new Texture(gl, { format: gl.R8, width: bitmap.width, height: bitmap.height });
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RED, gl.UNSIGNED_BYTE, bitmap);
    texture.filter(gl.LINEAR, gl.LINEAR);
    this.#kinds.set(kind, texture);
  }

  remove(kind) {
    this.#kinds.get(kind)?.dispose();
    this.#kinds.delete(kind);
  }

  /**
   * Brings the channels up to date with the masks of the layers, in this order; draws only what changed.
   * @param {{kind: string, feather: number}[]} masks with a kind that is here
   */
  assign(masks) {
    this.slices = Math.ceil(masks.length / 4);
    if (!masks.length) return;
    const sources = [...this.#kinds.values()];
    this.#reserve(Math.max(...sources.map(({ width }) => width)), Math.max(...sources.map(({ height }) => height)));
    masks.forEach(({ kind, feather }, index) => {
      const source = this.#kinds.get(kind);
      const held = this.#held[index];
      if (held?.source === source && held.feather === feather) return;
      this.#render(source, feather, index);
      this.#held[index] = { source, feather };
      this.version += 1;
    });
  }

  /** Binds the texture array of the layers' mattes. */
  bind(unit) {
    this.#packed.bind(unit);
  }

  dispose() {
    [...this.#kinds.values(), this.#packed, this.#place, this.#blur, this.#target].forEach((each) => each?.dispose());
  }

  #reserve(width, height) {
    const { slices } = this;
    const packed = this.#packed;
    if (packed?.width === width && packed.height === height && packed.slices >= slices) return;
    packed?.dispose();
    this.#packed = new Texture(this.#gl, { format: this.#format.four, width, height, slices });
    this.#packed.filter(this.#gl.LINEAR, this.#gl.LINEAR);
    this.#held = [];
  }

  /**
   * Feathers one matte into its channel. A wide Gaussian is blurred at a reduced size, halved until sigma is at most
   * `feather_sigma` pixels, so that its cost is bounded.
   */
  #render(source, feather, index) {
    const gl = this.#gl;
    const temporary = [];
    let texture = source;
    const draw = (program, width, height, set) => {
      const next = new Texture(gl, { format: this.#format.one, width, height });
      next.filter(gl.LINEAR, gl.LINEAR);
      temporary.push(next);
      this.#draw(program, texture, next, 0, set);
      texture = next;
    };
    let sigma = (feather / 100) * this.#k.feather * Math.max(source.width, source.height);
    while (sigma > this.#k.feather_sigma) {
      draw(this.#place, Math.ceil(texture.width / 2), Math.ceil(texture.height / 2));
      sigma /= 2;
    }
    if (sigma > 0) {
      for (const axis of [[1, 0], [0, 1]]) {
        draw(this.#blur, texture.width, texture.height, () => {
          gl.uniform2i(this.#blur.at('uAxis'), ...axis);
          gl.uniform1f(this.#blur.at('uSigma'), sigma);
        });
      }
    }
    gl.colorMask(...[0, 1, 2, 3].map((channel) => channel === index % 4));
    this.#draw(this.#place, texture, this.#packed, index >> 2);
    gl.colorMask(true, true, true, true);
    temporary.forEach((each) => each.dispose());
  }

  #draw(program, source, texture, slice, set) {
    const gl = this.#gl;
    this.#target.begin(texture, slice);
    program.use();
    source.bind(0);
    gl.uniform1i(program.at('uSource'), 0);
    gl.uniform2f(program.at('uSize'), texture.width, texture.height);
    set?.();
    fill(gl);
  }
}
