// What sharpening adds to the lightness of the photo; the formulas are those of `sharpness` in envo/passes.py.

import { Target, Texture } from './gl.js';
import { bells, looks, reach } from './kernel.js';

/**
 * What sharpening adds at the pixels of a target, and where masking lets it: a slice of a texture array for each layer
 * that sharpens. It is made anew when the view, a radius or masking changes, and stays while other sliders move.
 */
export class Sharpness {
  #gl;
  #k;
  #programs;
  #target;
  #made = null;
  #key = '';

  /**
   * @param {object} k the schema's constants
   * @param {Programs} programs those of `sharpenShaders` and `blur`
   */
  constructor(gl, k, programs) {
    this.#gl = gl;
    this.#k = k;
    this.#programs = programs;
    this.#target = new Target(gl);
  }

  /**
   * Brings the slices up to date.
   * @param {{width: number, height: number, map: number[]}} place the target's pixels, and its map to picture coordinates
   * @param {{radius: number, masking: number, noise: number}[]} layers that sharpen: pixels of the original photo,
   *     percent, and how much of the noise they take away first, 0 to 1
   * @param {object} scene
   * @param {PhotoTexture} scene.photo
   * @param {object} scene.framing where in the photo the picture lies, see geometry.js
   * @param {string} scene.version another one when what is sharpened has changed
   * @param {(place: object, isCleared: boolean) => Resampled} scene.resample the photo at the pixels
   *     of a place, and its noise
   * @returns {?Texture} null without layers
   */
  update(place, layers, scene) {
    const key = JSON.stringify([scene.version, place, layers]);
    if (key === this.#key) return this.#made;
    this.#key = key;
    this.#made?.dispose();
    this.#made = layers.length ? this.#make(place, layers, scene) : null;
    return this.#made;
  }

  dispose() {
    this.#made?.dispose();
    this.#target.dispose();
  }

  #make(place, layers, { photo, framing, resample }) {
    const gl = this.#gl;
    const made = new Texture(gl, { format: gl.RG16F, width: place.width, height: place.height, slices: layers.length });
    const shown = 1 / (place.map[2] * framing.size[0]); // pixels of the target for one of the original photo
    const there = Math.max(photo.width, photo.height) / Math.max(...framing.full); // pixels of the texture for one
    const isEnlarged = shown > there * (1 + 1e-6);
    const scale = isEnlarged ? there : shown;
    const kernels = layers.map(({ radius }) => (radius * scale >= this.#k.sharp_least ? bells(radius * scale) : null));
    const margin = 2 * Math.max(0, ...kernels.map((each) => (each ? reach(each[0]) : 0)));
    if (!margin) return made;
    const sizes = framing.size.map((edge) => Math.max(1, Math.round(edge * there)));
    const grid = isEnlarged ? texels(place, sizes, margin) : around(place, margin);
    const resampled = resample(grid, layers.some(({ noise }) => noise > 0));
    layers.forEach((layer, slice) => {
      if (kernels[slice]) this.#draw(made, slice, kernels[slice], layer, { place, grid, resampled, isSharp: framing.exact && shown >= 2 * there });
    });
    resampled.dispose();
    return made;
  }

  #draw(made, slice, kernels, { masking, noise }, { place, grid, resampled, isSharp }) {
    const gl = this.#gl;
    const textures = [];
    const draw = (name, inputs, format) => {
      const texture = new Texture(gl, { format, width: grid.width, height: grid.height });
      texture.filter(gl.LINEAR, gl.LINEAR);
      textures.push(texture);
      this.#target.begin(texture);
      this.#programs.draw(name, inputs);
      return texture;
    };
    const blurred = (source, format) => kernels.reduce((texture, kernel) => {
      const list = this.#programs.list(looks(kernel));
      textures.push(list);
      return draw('blur', { uSource: texture, uLooks: list, uCount: { int: list.width } }, format);
    }, source);
    const light = draw(noise ? 'cleared' : 'lightness', {
      uPhoto: { bind: (unit) => resampled.bindPhoto(unit) }, uNoise: { bind: (unit) => resampled.bindNoise(unit) }, uAmount: noise,
    }, gl.R16F);
    const fine = draw('fine', { uSharp: light, uSoft: blurred(light, gl.R16F) }, gl.RG16F);
    const busy = masking ? blurred(fine, gl.RG16F) : fine;
    if (isSharp) {
      for (const texture of new Set([fine, busy])) {
        texture.bind(0);
        texture.filter(gl.NEAREST, gl.NEAREST);
      }
    }
    this.#target.begin(made, slice);
    const [left, top, across, down] = grid.map;
    this.#programs.draw('sharpened', {
      uFine: fine, uBusy: busy, uMap: place.map, uGrid: [-left / across, -top / down, 1 / across, 1 / down],
      uLimit: (this.#k.sharp_edge * (masking / 100) ** 2) ** 2,
    });
    textures.forEach((texture) => texture.dispose());
  }
}

/** The pixels of a place and those around it. */
function around({ width, height, map }, margin) {
  const [left, top, across, down] = map;
  return {
    width: width + 2 * margin, height: height + 2 * margin, map: [left - margin * across, top - margin * down, across, down],
  };
}

/** The texels of a picture that a place shows, and those around them. @param {number[]} sizes of the picture in texels */
function texels({ width, height, map }, sizes, margin) {
  const [first, last] = [Math.min, Math.max].map((most) => [width, height].map((pixels, i) =>
    Math.floor(most(map[i], map[i] + pixels * map[2 + i]) * sizes[i])));
  const begin = first.map((each) => Math.max(each, 0) - margin);
  const end = last.map((each, i) => Math.min(each, sizes[i] - 1) + margin + 1);
  return {
    width: Math.max(end[0] - begin[0], 1), height: Math.max(end[1] - begin[1], 1),
    map: [begin[0] / sizes[0], begin[1] / sizes[1], 1 / sizes[0], 1 / sizes[1]],
  };
}
