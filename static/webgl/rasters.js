import { BrushRaster } from './brush.js';
import { Program, Target, Texture, canDrawHalf, fill } from './gl.js';
import { all, moved, widened } from './grid.js';
import { COVER } from './shaders/common.glsl.js';
import { BLUR, MIX, PLACE } from './shaders/matte.glsl.js';

/**
 * The rasters of a photo's masks on the GPU: its mattes as they came, what brushes painted, and one texture array in which
 * every part of a mask that is a raster has a channel: fitted to the photo's edges and feathered. The same in Python:
 * envo/expressions.py.
 */
export class Rasters {
  /** Goes up with each change of a channel. */
  version = 0;
  #gl;
  #k;
  #format;
  #programs;
  #target;
  #guide = null;
  #mattes = new Map(); // key -> source; null for one that the photo has not
  #brushes = new Map(); // name -> source
  #packed = null; // Texture, four channels to a slice
  #held = []; // what each channel holds: {source, version, feather, refine}

  /** @param {object} k the schema's constants */
  constructor(gl, k) {
    this.#gl = gl;
    this.#k = k;
    // Half floats keep faint edges exact under strong adjustments.
    this.#format = canDrawHalf(gl) ? { one: gl.R16F, four: gl.RGBA16F } : { one: gl.R8, four: gl.RGBA8 };
    this.#programs = { place: new Program(gl, COVER, PLACE), blur: new Program(gl, COVER, BLUR), mix: new Program(gl, COVER, MIX) };
    this.#target = new Target(gl);
  }

  /** Whether it is known what the photo has of a matte. */
  has(key) {
    return this.#mattes.has(key);
  }

  /** Whether the photo is known not to have a matte. */
  lacks(key) {
    return this.#mattes.get(key) === null;
  }

  /** Takes a matte: an 8-bit grey image; null for one that the photo has not. */
  set(key, bitmap) {
    this.remove(key);
    if (!bitmap) {
      this.#mattes.set(key, null);
      return;
    }
    const gl = this.#gl;
    const source = this.#source([bitmap.width, bitmap.height]);
    source.texture.bind(0);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RED, gl.UNSIGNED_BYTE, bitmap);
    this.#mattes.set(key, source);
  }

  remove(key) {
    this.#drop(this.#mattes, key);
  }

  /** Takes the guide by which parts keep to the photo's edges and colours. @param {?Guide} guide */
  setGuide(guide) {
    this.#guide = guide;
    [...this.#mattes.values(), ...this.#brushes.values()].filter(Boolean).forEach((source) => {
      source.fitted?.texture.dispose();
      source.fitted = null;
    });
    this.#held = [];
  }

  /** Long edge of the raster that a part of a mask is. */
  edgeOf(part, name) {
    const source = part.shape === 'brush' ? this.#brushes.get(name) : this.#mattes.get(keyOf(part));
    return source ? Math.max(...source.size) : 0;
  }

  /**
   * Brings the channels up to date with parts of masks, in this order; draws only what changed.
   * @param {{part: object, name: string}[]} parts mattes that the photo has, and brushes, each with a name of its own
   * @param {[number, number]} size of what is painted
   */
  assign(parts, size) {
    const painted = parts.filter(({ part }) => part.shape === 'brush');
    for (const name of [...this.#brushes.keys()]) {
      if (!painted.some((each) => each.name === name)) this.#drop(this.#brushes, name);
    }
    if (!parts.length) return;
    const changes = new Map(painted.map(({ part, name }) => [name, this.#paint(name, part, size)]));
    const sources = parts.map(({ part, name }) => (part.shape === 'brush' ? this.#brushes.get(name) : this.#mattes.get(keyOf(part))));
    const edges = [...this.#mattes.values(), ...sources].filter(Boolean).map((source) => source.size);
    this.#reserve([0, 1].map((i) => Math.max(...edges.map((each) => each[i]))), Math.ceil(parts.length / 4));
    parts.forEach(({ part, name }, index) => {
      const source = sources[index];
      const { version } = source;
      const refine = this.#guide ? part.refine : 0;
      const held = this.#held[index];
      const isSame = held?.source === source && held.feather === part.feather && held.refine === refine;
      if (isSame && held.version === version) return;
      // A stroke that goes on changes no more than what is about it.
      const isNext = isSame && held.version === version - 1 && !part.feather;
      this.#render(source, { feather: part.feather, refine }, index, isNext ? changes.get(name) : null);
      this.#held[index] = { source, version, feather: part.feather, refine };
      this.version += 1;
    });
  }

  /** Binds the texture array of the channels. */
  bind(unit) {
    this.#packed?.bind(unit);
  }

  dispose() {
    [...this.#mattes.keys()].forEach((key) => this.remove(key));
    [...this.#brushes.keys()].forEach((name) => this.#drop(this.#brushes, name));
    [this.#packed, this.#target, ...Object.values(this.#programs)].forEach((each) => each?.dispose());
  }

  /** An empty raster: its texture, which version of its pixels it has, and what was made of it by the guide. */
  #source(size) {
    return { texture: this.#texture(this.#gl.R8, size), size, version: 0, brush: null, pixels: null, fitted: null };
  }

  #texture(format, [width, height]) {
    const texture = new Texture(this.#gl, { format, width, height });
    texture.filter(this.#gl.LINEAR, this.#gl.LINEAR);
    return texture;
  }

  #drop(sources, name) {
    const source = sources.get(name);
    source?.texture.dispose();
    source?.fitted?.texture.dispose();
    sources.delete(name);
  }

  /** Brings what a brush painted up to date. @returns {?number[]} the window of it that changed */
  #paint(name, { strokes }, size) {
    const gl = this.#gl;
    if (String(this.#brushes.get(name)?.size) !== String(size)) {
      this.#drop(this.#brushes, name);
      const source = this.#source(size);
      source.brush = new BrushRaster(size);
      this.#brushes.set(name, source);
      this.#upload(source.texture, source.brush.values, size, all(size));
    }
    const source = this.#brushes.get(name);
    const window = source.brush.paint(strokes, this.#guide);
    if (!window) return null;
    source.version += 1;
    source.pixels = source.brush.values;
    this.#upload(source.texture, source.pixels, size, window);
    if (source.fitted) {
      const written = this.#guide.fit(source.pixels, size, source.fitted.values, window);
      this.#upload(source.fitted.texture, source.fitted.values, this.#guide.size, written);
      return widened(moved(written, this.#guide.size, size), 2, size);
    }
    return window;
  }

  #upload(texture, values, [width], [left, top, right, bottom]) {
    const gl = this.#gl;
    texture.bind(0);
    const where = { UNPACK_ALIGNMENT: 1, UNPACK_ROW_LENGTH: width, UNPACK_SKIP_PIXELS: left, UNPACK_SKIP_ROWS: top };
    Object.entries(where).forEach(([name, value]) => gl.pixelStorei(gl[name], value));
    gl.texSubImage2D(gl.TEXTURE_2D, 0, left, top, right - left, bottom - top, gl.RED, values instanceof Float32Array ? gl.FLOAT : gl.UNSIGNED_BYTE, values);
    Object.entries(where).forEach(([name]) => gl.pixelStorei(gl[name], name === 'UNPACK_ALIGNMENT' ? 4 : 0));
  }

  /** A raster fitted to the photo's edges, as a texture of the guide's size. */
  #fitted(source) {
    const { size } = this.#guide;
    if (!source.fitted) {
      source.pixels ??= this.#read(source);
      const values = new Float32Array(size[0] * size[1]);
      this.#guide.fit(source.pixels, source.size, values);
      const texture = this.#texture(this.#gl.R16F, size);
      this.#upload(texture, values, size, all(size));
      source.fitted = { texture, values };
    }
    return source.fitted.texture;
  }

  /** The pixels of a matte, from the GPU: canvases of some browsers change what is read from them. */
  #read({ texture, size: [width, height] }) {
    const gl = this.#gl;
    this.#target.begin(texture);
    const pixels = new Uint8Array(4 * width * height);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    const values = new Uint8Array(width * height);
    for (let i = 0; i < values.length; i++) values[i] = pixels[4 * i];
    return values;
  }

  #reserve([width, height], slices) {
    const packed = this.#packed;
    if (packed?.width === width && packed.height === height && packed.slices >= slices) return;
    packed?.dispose();
    this.#packed = new Texture(this.#gl, { format: this.#format.four, width, height, slices });
    this.#packed.filter(this.#gl.LINEAR, this.#gl.LINEAR);
    this.#held = [];
  }

  /**
   * Draws one raster into its channel. A wide Gaussian is blurred at a reduced size, halved until sigma is at most
   * `feather_sigma` pixels, so that its cost is bounded.
   * @param {?number[]} window the part of it that changed; null for all
   */
  #render(source, { feather, refine }, index, window) {
    const gl = this.#gl;
    const { place, blur, mix } = this.#programs;
    const temporary = [];
    let { texture } = source;
    const draw = (program, width, height, set) => {
      const next = new Texture(gl, { format: this.#format.one, width, height });
      next.filter(gl.LINEAR, gl.LINEAR);
      temporary.push(next);
      this.#draw(program, texture, next, 0, set);
      texture = next;
    };
    if (refine) {
      const fitted = this.#fitted(source);
      draw(mix, ...source.size, () => {
        fitted.bind(1);
        gl.uniform1i(mix.at('uFitted'), 1);
        gl.uniform1f(mix.at('uShare'), refine / 100);
      });
    }
    let sigma = (feather / 100) * this.#k.feather * Math.max(...source.size);
    while (sigma > this.#k.feather_sigma) {
      draw(place, Math.ceil(texture.width / 2), Math.ceil(texture.height / 2));
      sigma /= 2;
    }
    if (sigma > 0) {
      for (const axis of [[1, 0], [0, 1]]) {
        draw(blur, texture.width, texture.height, () => {
          gl.uniform2i(blur.at('uAxis'), ...axis);
          gl.uniform1f(blur.at('uSigma'), sigma);
        });
      }
    }
    gl.colorMask(...[0, 1, 2, 3].map((channel) => channel === index % 4));
    if (window) {
      const packed = [this.#packed.width, this.#packed.height];
      const [left, top, right, bottom] = widened(moved(window, source.size, packed), 2, packed);
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(left, top, right - left, bottom - top);
    }
    this.#draw(place, texture, this.#packed, index >> 2);
    gl.disable(gl.SCISSOR_TEST);
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

/** What the matte of a part is called among those of a photo. @param {object} part of the shape "matte" */
export const keyOf = ({ kind, person }) => (person ? `${kind}@${person}` : kind);
