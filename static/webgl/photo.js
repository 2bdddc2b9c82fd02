import { Texture, canDrawHalf } from './gl.js';

const SAME = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

/** The photo as a mipmapped texture in linear light. */
export class PhotoTexture {
  #gl;
  #texture;

  /**
   * @param {{toSrgb?: number[][], gain?: ?GainTexture, shoulder?: ?object}} light what brings its light to the primaries
   *     of sRGB; what it is multiplied by before; and what draws it in where it reaches above white, see shoulder.js
   */
  constructor(gl, texture, { toSrgb = SAME, gain = null, shoulder = null }) {
    this.#gl = gl;
    this.#texture = texture;
    Object.assign(this, { toSrgb, gain, shoulder });
  }

  get width() {
    return this.#texture.width;
  }

  get height() {
    return this.#texture.height;
  }

  /**
   * An 8-bit photo: it stays encoded in memory and the GPU undoes the sRGB curve when sampling.
   * @param {object} light as for the constructor
   */
  static fromBitmap(gl, bitmap, light) {
    const { width, height } = bitmap;
    const texture = new Texture(gl, { format: gl.SRGB8_ALPHA8, width, height, levels: levels(width, height) });
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    gl.generateMipmap(gl.TEXTURE_2D);
    return new PhotoTexture(gl, texture, light);
  }

  /** A linear photo: little-endian half floats, RGB, rows from the top. @param {object} light as for the constructor */
  static fromHalf(gl, buffer, width, height, light) {
    const shrinks = canDrawHalf(gl); // else there are no mipmaps, and a shrunken photo is coarse
    const texture = new Texture(gl, {
      format: gl.RGBA16F, width, height, levels: shrinks ? levels(width, height) : 1,
    });
    // Mipmaps need the RGBA format, and the source is RGB: it is widened in strips to keep memory small.
    const rows = 256;
    const strip = new Uint16Array(4 * width * rows).fill(0x3c00); // 1.0
    for (let top = 0; top < height; top += rows) {
      const count = Math.min(rows, height - top);
      const source = new Uint16Array(buffer, 6 * width * top, 3 * width * count);
      for (let i = 0, j = 0; i < source.length; i += 3, j += 4) {
        strip[j] = source[i];
        strip[j + 1] = source[i + 1];
        strip[j + 2] = source[i + 2];
      }
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, top, width, count, gl.RGBA, gl.HALF_FLOAT, strip);
    }
    if (shrinks) gl.generateMipmap(gl.TEXTURE_2D);
    return new PhotoTexture(gl, texture, light);
  }

  /**
   * Binds the photo for drawing at `scale` pixels of the target per texel. Shrunken, the mipmap nearest in size is
   * sampled bilinearly: the scale is the same everywhere in the picture, so a blend of two would only cost.
   * True texels are shown at 1:1 and, as squares, from 2:1 on.
   * @param {object} framing where in the photo the picture lies
   * @returns {number} uLevel of the shader, see resample.glsl.js
   */
  bind(unit, scale, { exact: isExact, whole }) {
    const gl = this.#gl;
    const level = Math.min(Math.max(Math.round(-Math.log2(scale)), 0), this.#texture.levels - 1);
    if (level ? !whole : !isExact) {
      this.#texture.bind(unit);
      this.#texture.filter(gl.LINEAR_MIPMAP_NEAREST, gl.LINEAR);
      return level ? -2 - Math.max(level - 2, 0) : -1;
    }
    const exact = Math.abs(scale - 1) < 1e-6 || scale >= 2;
    this.#texture.bind(unit);
    this.#texture.filter(exact ? gl.NEAREST : gl.LINEAR_MIPMAP_NEAREST, exact ? gl.NEAREST : gl.LINEAR);
    return level;
  }

  dispose() {
    this.gain?.dispose();
    this.#texture.dispose();
  }
}

const levels = (width, height) => 1 + Math.floor(Math.log2(Math.max(width, height)));
