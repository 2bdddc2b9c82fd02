import { workingSize } from './brush.js';
import { Program, fill } from './gl.js';
import { oklab } from './oklab.js';
import { Rasters, keyOf } from './rasters.js';
import { setPlace } from './resampled.js';
import { COVER } from './shaders/common.glsl.js';
import { VECTORS, expressionShader } from './shaders/expression.glsl.js';
import { toLinear } from './srgb.js';

const isRaster = ({ shape }) => shape === 'matte' || shape === 'brush';

/** What the shader is told of parts, by their shape; `shares` makes photo coordinates shares of the photo's long edge. */
const VALUES = {
  linear({ start, end, feather }, { soft_least: least }, shares) {
    const [[x0, y0], [x1, y1]] = [shares(start), shares(end)];
    const [u, v] = [x1 - x0, y1 - y0];
    const length = Math.max(u * u + v * v, 1e-12);
    const soft = Math.max(feather / 100, least);
    return [x0, y0, u / length, v / length, 0.5 - soft / 2, 1 / soft];
  },
  radial({ centre, radii: [across, down], angle, feather }, { soft_least: least }, shares) {
    const turn = (angle * Math.PI) / 180;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const soft = Math.max(feather / 100, least);
    return [...shares(centre), cos / across, sin / across, -sin / down, cos / down, 1 - soft, 1 / soft];
  },
  luminance({ low, high, feather }, { luminance_soft: most, luminance_least: least }) {
    const soft = Math.max((most * feather) / 100, least);
    return [low - soft, 1 / soft, high];
  },
  colour({ colour, tolerance, feather }, k) {
    const linear = colour.map(toLinear);
    const soft = Math.max((k.colour_soft * feather) / 100, k.colour_least);
    return [...oklab(linear, k), (k.colour_soft * tolerance) / 100, 1 / soft];
  },
};

/** Whether a mask keeps to edges, or colours, of the photo: it needs its guide. */
export const needsGuide = (mask) => mask?.parts.some((part) =>
  isRaster(part) && (part.refine > 0 || part.strokes?.some(({ aware }) => aware))) ?? false;

/**
 * The masks of the layers: expressions of parts, which are put together at the pixels of a target, one channel for each
 * layer. The same in Python: envo/expressions.py.
 */
export class Masks {
  /** Slices of four masks. */
  slices = 0;
  #gl;
  #k;
  #rasters;
  #programs = new Map(); // shapes of the parts -> Program
  #edges = [1, 1];
  #packed = []; // of each slice: {key, shapes, parts, whole, version}
  #finest = [];
  #changes = 0;

  /** @param {object} k the schema's constants */
  constructor(gl, k) {
    this.#gl = gl;
    this.#k = k;
    this.#rasters = new Rasters(gl, k);
  }

  /** Takes a matte: an 8-bit grey image; null for one that the photo has not. */
  set(key, bitmap) {
    this.#rasters.set(key, bitmap);
  }

  remove(key) {
    this.#rasters.remove(key);
  }

  /** Takes the photo's guide. @param {?Guide} guide */
  setGuide(guide) {
    this.#rasters.setGuide(guide);
  }

  /** Whether a mask can be shown: all that it is made of is there, and it is not nothing. */
  isReady({ parts }) {
    const [first] = parts;
    if (first.shape === 'matte' && this.#rasters.lacks(keyOf(first))) return false;
    return parts.every((part) => part.shape !== 'matte' || this.#rasters.has(keyOf(part)));
  }

  /**
   * Brings the masks of layers up to date, in this order.
   * @param {object[]} layers with masks that are ready
   * @param {[number, number]} size of the photo
   */
  assign(layers, size) {
    const working = workingSize(size, this.#k);
    this.#edges = size.map((edge) => edge / Math.max(...size));
    const named = layers.map(({ id, mask }) => mask.parts.map((part, i) => ({ part, name: `${id} ${i}` })));
    const rasters = named.flat().filter(({ part }) => isRaster(part) && !this.#isAbsent(part));
    this.#rasters.assign(rasters, working);
    const places = new Map(rasters.map(({ name }, i) => [name, i]));
    this.#finest = named.map((parts) => Math.max(...parts.map(({ part, name }) => this.#edgeOf(part, name, working))));
    this.slices = Math.ceil(layers.length / 4);
    const before = this.#packed;
    this.#packed = Array.from({ length: this.slices }, (_, slice) => {
      const members = named.slice(4 * slice, 4 * slice + 4);
      const shapes = members.map((parts) => parts.map(({ part }) => ({ shape: this.#shapeOf(part), how: part.how })));
      const parts = members.flat().flatMap(({ part, name }) => this.#pack(part, places.get(name)));
      const whole = layers.slice(4 * slice, 4 * slice + 4).flatMap(({ mask: { invert } }) => (invert ? [-1, 1] : [1, 0]));
      const changes = JSON.stringify([shapes, parts, whole, this.#edges, this.#rasters.version]);
      const old = before[slice];
      return old?.changes === changes ? old : { changes, key: JSON.stringify(shapes), shapes, parts, whole, version: (this.#changes += 1) };
    });
  }

  /** Another string when any of the masks, or one slice of them, changed. */
  version(slice) {
    return slice === undefined ? this.#packed.map((each) => each.version).join(' ') : this.#packed[slice].version;
  }

  /** Long edge of what the finest part of a mask is stored as. @param {number} index among the masks that were assigned */
  edgeOf(index) {
    return this.#finest[index];
  }

  /**
   * Draws a slice of masks into what is bound.
   * @param {number} slice
   * @param {object} where see `placing` in geometry.js
   * @param {(unit: number) => void} bindPhoto binds the photo at the target's pixels
   */
  draw(slice, where, bindPhoto) {
    const gl = this.#gl;
    const { key, shapes, parts, whole } = this.#packed[slice];
    if (!this.#programs.has(key)) this.#programs.set(key, new Program(gl, COVER, expressionShader(this.#k, shapes)));
    const program = this.#programs.get(key);
    program.use();
    this.#rasters.bind(0);
    bindPhoto(1);
    gl.uniform1i(program.at('uRasters'), 0);
    gl.uniform1i(program.at('uPhoto'), 1);
    setPlace(gl, program, where);
    gl.uniform2f(program.at('uEdges'), ...this.#edges);
    gl.uniform4fv(program.at('uParts'), parts);
    gl.uniform2fv(program.at('uWhole'), whole);
    fill(gl);
  }

  dispose() {
    [this.#rasters, ...this.#programs.values()].forEach((each) => each.dispose());
  }

  #shapeOf(part) {
    if (this.#isAbsent(part)) return 'nothing';
    return isRaster(part) ? 'raster' : part.shape;
  }

  #isAbsent(part) {
    return part.shape === 'matte' && this.#rasters.lacks(keyOf(part));
  }

  #edgeOf(part, name, working) {
    return isRaster(part) && !this.#isAbsent(part) ? this.#rasters.edgeOf(part, name) : Math.max(...working);
  }

  /** A part as the vectors that `expressionShader` has for it. @param {number} [place] of a raster among the channels */
  #pack(part, place) {
    const isAbsent = this.#isAbsent(part);
    const turned = isAbsent ? [0, 0] : part.invert ? [-1, 1] : [1, 0];
    const vectors = isAbsent ? [] : isRaster(part)
      ? [...[0, 1, 2, 3].map((channel) => (channel === place % 4 ? 1 : 0)), place >> 2]
      : VALUES[part.shape](part, this.#k, (point) => point.map((at, i) => at * this.#edges[i]));
    return [...vectors, ...Array(4 * (VECTORS - 1) - vectors.length).fill(0), ...turned, 0, 0];
  }
}
