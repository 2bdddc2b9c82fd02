import { Texture } from './gl.js';
import { STEPS } from './shoulder.js';

// Where in the bytes of envo/gainmap.py's `GainMap.dump` each begins.
const SHIFT = 4;
const FACTORS = 28;
const GAINS = FACTORS + 4 * (STEPS + 1);
const VALUES = GAINS + 2 * 3 * 256;

/** A photo's gain map as it comes: what its base's light is multiplied by, and how what comes of it is drawn in. */
export class GainMap {
  /** @param {ArrayBuffer} bytes */
  constructor(bytes) {
    const [headroom] = new Float32Array(bytes, 0, 1);
    this.shoulder = { headroom, factors: new Float32Array(bytes, FACTORS, STEPS + 1) };
    /** What is added to the base, and taken from what comes of it: red, green and blue of each. */
    this.shift = new Float32Array(bytes, SHIFT, 6);
    /** Half floats: log2 of the gain that each value of red, green and blue stands for. */
    this.gains = new Uint16Array(bytes, GAINS, 3 * 256);
    this.picture = new Blob([new Uint8Array(bytes, VALUES)]);
  }
}

/** A gain map on the GPU. */
export class GainTexture {
  #texture;

  /**
   * @param {GainMap} map
   * @param {Uint8Array} pixels of its picture, RGBA
   */
  constructor(gl, map, pixels, width, height) {
    const logarithms = new Uint16Array(pixels.length);
    for (let i = 0; i < pixels.length; i += 4) {
      for (let c = 0; c < 3; c++) logarithms[i + c] = map.gains[256 * c + pixels[i + c]];
    }
    this.#texture = new Texture(gl, { format: gl.RGBA16F, width, height });
    this.#texture.filter(gl.LINEAR, gl.LINEAR);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.HALF_FLOAT, logarithms);
    this.shift = map.shift;
    this.shoulder = map.shoulder;
  }

  bind(unit) {
    this.#texture.bind(unit);
  }

  dispose() {
    this.#texture.dispose();
  }
}
