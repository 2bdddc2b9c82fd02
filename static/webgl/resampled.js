import { placing } from './geometry.js';
import { Program, Target, Texture, canDrawHalf, fill } from './gl.js';
import { STEPS } from './lens.js';
import { COVER } from './shaders/common.glsl.js';
import { RESAMPLE, detailShader, noiseShader } from './shaders/resample.glsl.js';

const GAIN_UNIT = 2;
const LENS_UNIT = 15; // which nothing else uses: the least that WebGL 2 has are 16

/** The shaders that resample. @param {object} k the schema's constants */
export function resamplers(gl, k) {
  return {
    photo: new Program(gl, COVER, RESAMPLE),
    detail: new Program(gl, COVER, detailShader(k)),
    noise: new Program(gl, COVER, noiseShader(k)),
  };
}

/**
 * The photo, its layers' masks, its maps and its noise at the pixels of one target. They change with the view and the masks, not
 * with the sliders, so that a frame while dragging reads each of them once and filters nothing.
 */
export class Resampled {
  #gl;
  #target;
  #programs;
  #photo = null;
  #masks = null;
  #detail = null;
  #noise = null;
  #seen = [];
  #drawn = []; // version of each slice of masks

  /** @param {{photo: Program, detail: Program, noise: Program}} programs of `resamplers`, which any number may share */
  constructor(gl, programs) {
    this.#gl = gl;
    this.#target = new Target(gl);
    this.#programs = programs;
  }

  /**
   * Brings them up to date; does nothing when nothing changed.
   * @param {{width: number, height: number, map: number[]}} place the target's pixels, and its map to picture
   *     coordinates as in the shaders
   * @param {object} framing where in the photo the picture lies, see geometry.js
   * @param {PhotoTexture} photo
   * @param {?Masks} masks null where nothing looks at them
   * @param {?MapTextures} maps null where nothing looks at them
   * @param {?PhotoTexture} clear the photo without its noise; null where nothing mixes it in
   */
  update({ width, height, map }, framing, photo, masks, maps, clear) {
    const seen = [framing, photo, maps, clear, width, height, ...map];
    if (!seen.every((each, i) => each === this.#seen[i])) this.#look({ width, height, map }, framing, photo, maps, clear);
    this.#seen = seen;
    if (masks?.slices) this.#mask({ width, height, map }, framing, masks);
  }

  #look({ width, height, map }, framing, photo, maps, clear) {
    const gl = this.#gl;
    const half = canDrawHalf(gl);
    this.#drawn = [];
    this.#photo = this.#fit(this.#photo, { width, height, format: half ? gl.RGBA16F : gl.SRGB8_ALPHA8 });
    this.#target.begin(this.#photo);
    const place = placing(framing, map);
    const level = photo.bind(0, scaleOf(photo, framing, map), framing);
    this.#draw(this.#programs.photo, place, photo, { uLevel: level, uBare: framing.bare ? 1 : 0 });
    if (maps) this.#lookUp(maps, { width, height, place });
    if (clear) this.#subtract(clear, { width, height, place, scale: scaleOf(clear, framing, map), framing });
  }

  /** Puts the masks together that changed. */
  #mask({ width, height, map }, framing, masks) {
    const gl = this.#gl;
    const { slices } = masks;
    const before = this.#masks;
    this.#masks = this.#fit(before, { width, height, slices, format: canDrawHalf(gl) ? gl.RGBA16F : gl.RGBA8 });
    if (this.#masks !== before) this.#drawn = [];
    const place = placing(framing, map);
    for (let slice = 0; slice < slices; slice++) {
      if (this.#drawn[slice] === masks.version(slice)) continue;
      this.#drawn[slice] = masks.version(slice);
      this.#target.begin(this.#masks, slice);
      masks.draw(slice, place, (unit) => this.#photo.bind(unit));
    }
  }

  bindPhoto(unit) {
    this.#photo.bind(unit);
  }

  /** Hands the masks out, to who disposes of them. */
  takeMasks() {
    const masks = this.#masks;
    this.#masks = null;
    return masks;
  }

  bindNoise(unit) {
    this.#noise.bind(unit);
  }

  bind(photoUnit, masksUnit, detailUnit, noiseUnit) {
    this.#photo.bind(photoUnit);
    this.#masks?.bind(masksUnit);
    this.#detail?.bind(detailUnit);
    this.#noise?.bind(noiseUnit);
  }

  dispose() {
    [this.#target, this.#photo, this.#masks, this.#detail, this.#noise].forEach((each) => each?.dispose());
  }

  /** What the maps say at the photo's pixels, see `detailShader`. */
  #lookUp(maps, { width, height, place }) {
    const gl = this.#gl;
    const program = this.#programs.detail;
    this.#detail = this.#fit(this.#detail, { width, height, format: gl.RGBA16F });
    this.#target.begin(this.#detail);
    this.#photo.bind(0);
    maps.bindBases(1);
    program.use();
    ['uPhoto', 'uFine', 'uMiddle', 'uCoarse'].forEach((name, unit) => gl.uniform1i(program.at(name), unit));
    setPlace(gl, program, place);
    fill(gl);
  }

  /** What the photo lacks without its noise, see `noiseShader`. */
  #subtract(clear, { width, height, place, scale, framing }) {
    const gl = this.#gl;
    const program = this.#programs.noise;
    this.#noise = this.#fit(this.#noise, { width, height, format: gl.RGBA16F });
    this.#target.begin(this.#noise);
    const level = clear.bind(0, scale, framing);
    this.#photo.bind(1);
    program.use();
    gl.uniform1i(program.at('uPhoto'), 1);
    this.#draw(program, place, clear, { uLevel: level });
  }

  /** The texture itself where it has this shape, else a new one in its place. */
  #fit(texture, shape) {
    if (texture && Object.entries(shape).every(([name, value]) => texture[name] === value)) return texture;
    texture?.dispose();
    return new Texture(this.#gl, shape);
  }

  #draw(program, place, { toSrgb, gain }, numbers) {
    const gl = this.#gl;
    program.use();
    gl.uniform1i(program.at('uIsGained'), gain ? 1 : 0);
    gl.uniform1i(program.at('uGain'), GAIN_UNIT);
    if (gain) {
      gain.bind(GAIN_UNIT);
      gl.uniform3fv(program.at('uShift'), gain.shift);
    }
    gl.uniformMatrix3fv(program.at('uToSrgb'), true, toSrgb.flat());
    gl.uniform1i(program.at('uSource'), 0);
    setPlace(gl, program, place);
    Object.entries(numbers).forEach(([name, value]) => gl.uniform1f(program.at(name), value));
    fill(gl);
  }
}

/**
 * Tells a program where in the photo the target lies; the table of the lens is there by `LensTexture`.
 * @param {{place: number[], within: number[], lens: ?object}} where see `placing` in geometry.js
 */
export function setPlace(gl, program, { place, within, lens }) {
  gl.uniformMatrix3fv(program.at('uPlace'), false, place);
  gl.uniform4f(program.at('uWithin'), ...within);
  gl.uniform1i(program.at('uBent'), lens ? 1 : 0);
  gl.uniform1i(program.at('uLens'), LENS_UNIT);
  if (lens) gl.uniform4f(program.at('uCentre'), ...lens.centre, ...lens.sides);
}

/** The table of a lens's correction, where all programs find it. */
export class LensTexture {
  #gl;
  #texture;
  #shown = null;

  constructor(gl) {
    this.#gl = gl;
    this.#texture = new Texture(gl, { format: gl.RGBA32F, width: STEPS, height: 1 });
    this.#texture.bind(LENS_UNIT);
  }

  /** @param {?object} lens a correction, see lens.js */
  show(lens) {
    if (!lens || lens === this.#shown) return;
    this.#shown = lens;
    this.#texture.bind(LENS_UNIT);
    this.#gl.texSubImage2D(this.#gl.TEXTURE_2D, 0, 0, 0, STEPS, 1, this.#gl.RGBA, this.#gl.FLOAT, Float32Array.from(lens.table));
  }

  dispose() {
    this.#texture.dispose();
  }
}

/** How many pixels of the target there are for a texel of a photo. */
function scaleOf(photo, { size, full }, map) {
  return Math.max(...full) / (map[2] * size[0] * Math.max(photo.width, photo.height));
}
