import { Texture } from './gl.js';

const SIZES = 12; // where the widths and heights of the maps begin in the bytes of envo/maps.py's `Maps.dump`
const AIRLIGHT = 28;
const PIXELS = 40;

/** A photo's maps of structure and haze on the GPU: what they are, and how they are made, is in envo/maps.py. */
export class MapTextures {
  #textures = [];

  /** @param {ArrayBuffer} bytes as `Maps.dump` writes them */
  constructor(gl, bytes) {
    const view = new DataView(bytes);
    /** Linear sRGB of what stands between, in haze. */
    this.airlight = [0, 4, 8].map((at) => view.getFloat32(AIRLIGHT + at, true));
    let at = PIXELS;
    for (let i = SIZES; i < AIRLIGHT; i += 4) {
      const [width, height] = [view.getUint16(i, true), view.getUint16(i + 2, true)];
      const texture = new Texture(gl, { format: gl.RG16F, width, height });
      texture.filter(gl.LINEAR, gl.LINEAR);
      const lines = new Uint16Array(bytes, at, 2 * width * height);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RG, gl.HALF_FLOAT, lines);
      this.#textures.push(texture);
      at += lines.byteLength;
    }
  }

  /** Binds the bases of lightness, from fine to coarse, to texture units from this one on. */
  bindBases(unit) {
    this.#textures.slice(0, -1).forEach((texture, i) => texture.bind(unit + i));
  }

  /** Binds the haze. */
  bindHaze(unit) {
    this.#textures.at(-1).bind(unit);
  }

  dispose() {
    this.#textures.forEach((texture) => texture.dispose());
  }
}
