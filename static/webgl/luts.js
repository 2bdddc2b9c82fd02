import { Texture } from './gl.js';

const HEAD = 36; // bytes before the entries in what envo/cube.py's `Lut.dump` writes

/** The LUTs that layers use, on the GPU: all in one texture, one after the other. */
export class LutTextures {
  #gl;
  #luts = new Map(); // id -> {dimensions, size, low, high, entries}
  #texture = null;
  #used = new Set(); // ids
  #first = new Map(); // id -> its first slice, of those used that there is room for

  constructor(gl) {
    this.#gl = gl;
  }

  /** @param {string} id @param {ArrayBuffer} bytes as `Lut.dump` writes them */
  set(id, bytes) {
    if (this.#luts.has(id)) return;
    const view = new DataView(bytes);
    const numbers = (at) => [0, 4, 8].map((each) => view.getFloat32(at + each, true));
    this.#luts.set(id, {
      dimensions: view.getUint32(4, true),
      size: view.getUint32(8, true),
      low: numbers(12),
      high: numbers(24),
      entries: new Uint16Array(bytes, HEAD),
    });
  }

  has(id) {
    return this.#luts.has(id);
  }

  /** Has these LUTs ready, of which `set` was told, as far as the GPU has room for them. @param {Set<string>} ids */
  use(ids) {
    if (ids.size === this.#used.size && [...ids].every((id) => this.#used.has(id))) return;
    const gl = this.#gl;
    this.#used = ids;
    this.#texture?.dispose();
    this.#texture = null;
    this.#first.clear();
    const used = [...ids].map((id) => [id, this.#luts.get(id)]);
    if (!used.length) return;
    const side = Math.max(...used.map(([, { dimensions, size }]) => (dimensions === 3 ? size : Math.ceil(Math.cbrt(size)))));
    const slicesOf = ({ dimensions, size }) => (dimensions === 3 ? size : Math.ceil(size / side ** 2));
    const slices = used.reduce((sum, [, lut]) => sum + slicesOf(lut), 0);
    const room = Math.min(slices, gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS));
    this.#texture = new Texture(gl, { format: gl.RGB16F, width: side, height: side, slices: room });
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
    let first = 0;
    for (const [id, lut] of used) {
      if (first + slicesOf(lut) > room) break;
      this.#fill(lut, side, first);
      this.#first.set(id, first);
      first += slicesOf(lut);
    }
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
  }

  #fill({ dimensions, size, entries }, side, first) {
    const gl = this.#gl;
    const put = (width, height, depth, values) =>
      gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, first, width, height, depth, gl.RGB, gl.HALF_FLOAT, values);
    if (dimensions === 3) {
      put(size, size, size, entries);
      return;
    }
    const slices = Math.ceil(size / side ** 2);
    const whole = new Uint16Array(3 * slices * side ** 2);
    whole.set(entries);
    put(side, side, slices, whole);
  }

  /** The numbers by which the shader finds a LUT in use, see shaders/lut.glsl.js; null for one that is not. */
  place(id) {
    if (!this.#first.has(id)) return null;
    const { dimensions, size, low, high } = this.#luts.get(id);
    return [...low, this.#first.get(id), ...high.map((each, i) => 1 / (each - low[i])), dimensions === 3 ? size : -size];
  }

  bind(unit) {
    this.#texture?.bind(unit);
  }

  dispose() {
    this.#texture?.dispose();
  }
}
