// Blurs and glow of the layers. The steps are those of envo/passes.py, where they are explained.

import { Target, Texture, canDrawHalf } from './gl.js';
import { bells, disc, line, looks, reach } from './kernel.js';
import { reader } from './layers.js';

const BLURS = ['lens_blur', 'gaussian_blur', 'motion_blur'];
const WHOLE = 1.5e6; // pixels of a grid that is made for the whole picture, wherever one looks
const SNAP = 256; // of larger grids parts are made, from and to multiples of so many pixels: moving the view costs less

/** Whether a layer blurs, and whether it glows. */
export function passesOf(layer, schema) {
  const value = reader(layer, schema);
  return { blurs: BLURS.filter((name) => value(name) > 0), glows: value('glow') > 0 };
}

/**
 * What the blurs and glows of a stack of layers come to at the pixels of a target: slices of one texture array, see
 * `passCode`. All of it is made on grids over the picture and kept until what it is made of changes.
 */
export class Passes {
  #gl;
  #schema;
  #k;
  #programs;
  #target;
  #scene;
  #made = new Map(); // what it is made of, as a string -> {texture, place}
  #used = new Set();

  /**
   * @param {object} schema of the adjustments
   * @param {Programs} programs those of `passShaders`
   */
  constructor(gl, schema, programs) {
    this.#gl = gl;
    this.#schema = schema;
    this.#k = schema.constants;
    this.#programs = programs;
    this.#target = new Target(gl);
  }

  /**
   * Where the slices of each layer lie.
   * @param {object[]} layers from the bottom up
   * @returns {({blur: number, front: number, glow: number}|null)[]} null for a layer without a pass
   */
  static slices(layers, schema) {
    let next = 0;
    return layers.map((layer) => {
      const { blurs, glows } = passesOf(layer, schema);
      if (!blurs.length && !glows) return null;
      return {
        blur: blurs.length ? next++ : -1, front: blurs.length && layer.mask ? next++ : -1, glow: glows ? next++ : -1,
      };
    });
  }

  /**
   * Brings the slices up to date.
   * @param {{width: number, height: number, map: number[]}} place the target's pixels, and its map to picture
   *     coordinates as in the shaders
   * @param {object} scene
   * @param {{layer: object, slice: number, channel: number}[]} scene.drawn the layers drawn, from the bottom up, each
   *     with where its mask lies
   * @param {PhotoTexture} scene.photo
   * @param {object} scene.framing where in the photo the picture lies, see geometry.js
   * @param {Masks} scene.masks
   * @param {(place: object) => Texture} scene.maskAt makes the masks at the pixels of a place
   * @param {string} scene.version another one when what layers draw from has changed
   * @param {(count: number, place: object, slices: ?Texture, into: Texture) => void} scene.compose draws linear sRGB of
   *     the first layers
   * @returns {?Texture} null where no layer has a pass
   */
  update(place, scene) {
    const { photo, framing } = scene;
    const edge = Math.max(photo.width, photo.height); // of the whole photo, in texels: what reaches are shares of
    const texels = framing.size.map((each) => Math.max(1, Math.round((each * edge) / Math.max(...framing.full))));
    this.#scene = { ...scene, edge, texels, keys: scene.drawn.map(({ layer }) => JSON.stringify(layer)) };
    this.#used.clear();
    const slices = canDrawHalf(this.#gl) ? this.#slices(scene.drawn.length, place) : null;
    for (const [key, { texture }] of this.#made) {
      if (this.#used.has(key)) continue;
      texture.dispose();
      this.#made.delete(key);
    }
    return slices;
  }

  dispose() {
    this.#made.forEach(({ texture }) => texture.dispose());
    this.#target.dispose();
  }

  /** The slices of the first layers at a place. */
  #slices(count, place) {
    const layers = this.#scene.drawn.slice(0, count).map(({ layer }) => layer);
    const slices = Passes.slices(layers, this.#schema);
    const depth = slices.reduce((sum, each) => sum + Object.values(each ?? {}).filter((slice) => slice >= 0).length, 0);
    if (!depth) return null;
    const sources = slices.map((each, index) => each && this.#sources(index, place));
    const size = [place.width, place.height];
    const keys = sources.map((each) => each && Object.values(each).map((grid) => grid?.key));
    const key = JSON.stringify([size, place.map, keys]);
    return this.#once(key, () => {
      const texture = this.#texture(...size, depth);
      slices.forEach((each, index) => each && this.#place(index, each, sources[index], place, texture));
      return { texture };
    }).texture;
  }

  /** Draws a layer's slices. */
  #place(index, { blur, front, glow }, { blurred, outside, inside, glowing }, { map }, texture) {
    const matte = this.#matte(index, { width: texture.width, height: texture.height, map });
    const draw = (name, slice, inputs) => {
      this.#target.begin(texture, slice);
      this.#programs.draw(name, { ...matte, ...inputs, uMap: map });
    };
    const whole = matte ? '' : 'Whole';
    if (blur >= 0) draw(`placeBlur${whole}`, blur, this.#grid('uSource', blurred));
    if (front >= 0) draw('placeFront', front, this.#sides(outside, inside));
    if (glow >= 0) draw(`placeGlow${whole}`, glow, this.#grid('uSource', glowing));
  }

  /** The grids of a layer: the colours on both sides of its mask, what is blurred, its glow; without those it needs not. */
  #sources(index, place) {
    const { layer } = this.#scene.drawn[index];
    const { blurs, glows } = passesOf(layer, this.#schema);
    const [outside, inside] = blurs.length && layer.mask ? [0, 1].map((side) => this.#side(index, side, place)) : [];
    return {
      outside,
      inside,
      blurred: blurs.length ? this.#blurred(index, blurs, this.#sides(outside, inside), place) : undefined,
      glowing: glows ? this.#glow(index, place) : undefined,
    };
  }

  #blurred(index, blurs, sides, place) {
    const k = this.#k;
    const value = reader(this.#scene.drawn[index].layer, this.#schema);
    const shares = Object.fromEntries(blurs.map((name) => [name, (value(name) / 100) * k[name]]));
    const level = Math.max(...blurs.map((name) => this.#level(shares[name], k[`${name}_pixels`], place)));
    const edge = this.#edge(level);
    const bloom = shares.lens_blur ? (k.lens_bloom * value('lens_highlights')) / 100 : 0;
    const settings = ['lens_blur', 'lens_blades', 'lens_highlights', 'gaussian_blur', 'motion_blur', 'motion_angle'];
    const key = ['blurred', level, ...settings.map(value)];
    return this.#grown(index, key, level, place, () => [
      ...(shares.lens_blur ? [disc(shares.lens_blur * edge, Math.trunc(value('lens_blades')), k.pass_fine)] : []),
      ...(shares.gaussian_blur ? bells(shares.gaussian_blur * edge) : []),
      ...(shares.motion_blur ? [line(shares.motion_blur * edge, value('motion_angle'), k.pass_fine)] : []),
    ], 'own', { ...sides, uBloom: bloom }, { uRooted: 1, uBloom: bloom, uStrength: 1 });
  }

  #side(index, inside, place) {
    const { side_sigma: share, side_sigma_pixels: pixels } = this.#k;
    const level = this.#level(share, pixels, place);
    const kernels = () => bells(share * this.#edge(level));
    return this.#grown(index, ['side', inside, level], level, place, kernels, 'side', { uInside: inside },
      { uRooted: 0, uBloom: 0, uStrength: 1 });
  }

  #glow(index, place) {
    const k = this.#k;
    const value = reader(this.#scene.drawn[index].layer, this.#schema);
    const share = k.glow_sigma * (0.1 + (0.9 * value('glow_radius')) / 100);
    const level = this.#level(share, k.glow_sigma_pixels, place);
    const kernels = () => bells(share * this.#edge(level));
    const strength = (k.glow * value('glow')) / 100;
    return this.#grown(index, ['glow', level, share, strength], level, place, kernels, 'bright', {},
      { uRooted: 0, uBloom: 0, uStrength: strength });
  }

  /**
   * A grid of what the layers below a layer made: prepared, blurred, divided.
   * @param {number} index of the layer
   * @param {Array} own what it hangs on beside them
   * @param {() => object[]} kernels
   * @param {string} prepare the program to begin with, and
   * @param {object} inputs its uniforms
   * @param {object} finish uniforms of the program `divided`
   */
  #grown(index, own, level, place, kernels, prepare, inputs, finish) {
    const { drawn, keys, version } = this.#scene;
    const size = this.#size(level);
    const seen = this.#seen(size, place);
    const { mask } = drawn[index].layer;
    const key = JSON.stringify([version, keys.slice(0, index), mask, own, seen]);
    const made = this.#once(key, () => {
      const steps = kernels();
      const margin = 2 + steps.reduce((sum, each) => sum + reach(each), 0);
      const origin = [seen[0] - margin, seen[1] - margin];
      const [width, height] = [seen[2] - seen[0] + 2 * margin, seen[3] - seen[1] + 2 * margin];
      const map = [origin[0] / size[0], origin[1] / size[1], 1 / size[0], 1 / size[1]];
      const first = origin.map((each) => Math.max(-each, 0));
      const end = [width, height].map((each, i) => Math.min(size[i] - origin[i], each));
      const photo = [...first, ...end.map((each, i) => each - first[i])]; // where in the grid it is, and how large
      const grid = { width, height, map };
      const masked = mask ? this.#masked(index, size, [first[0] + origin[0], first[1] + origin[1], photo[2], photo[3]]) : null;
      const below = this.#texture(width, height);
      const slices = this.#slices(index, grid);
      this.#scene.compose(index, grid, slices, below);
      const gl = this.#gl;
      gl.enable(gl.SCISSOR_TEST); // beyond the photo's edges there is nothing
      gl.scissor(...photo);
      const spare = [this.#texture(width, height), this.#texture(width, height)];
      const step = (name, uniforms) => {
        this.#target.begin(spare[0]);
        this.#programs.draw(name, uniforms);
        spare.reverse();
        return spare[1];
      };
      let texture = step(prepare, {
        uOutside: below,
        uInside: below,
        ...inputs,
        uBelow: below,
        uMask: masked ?? below,
        uMasked: masked ? 1 : 0,
        uMap: map,
        uPhoto: { ints: [...first, end[0] - 1, end[1] - 1] },
      });
      for (const each of steps) {
        const list = this.#programs.list(looks(each));
        texture = step('blur', { uSource: texture, uLooks: list, uCount: { int: list.width } });
        list.dispose();
      }
      texture = step('divided', { ...finish, uSource: texture });
      gl.disable(gl.SCISSOR_TEST);
      [below, spare[0]].forEach((each) => each.dispose());
      return { texture, place: [...size, ...origin] };
    });
    return { ...made, key };
  }

  /** Mean and least of a layer's mask within each pixel of a part of a grid. */
  #masked(index, size, [left, top, width, height]) {
    const { masks, texels, edge } = this.#scene;
    const key = JSON.stringify(['masked', masks.version(), index, size, left, top, width, height]);
    return this.#once(key, () => {
      const texture = this.#texture(width, height);
      const map = [left / size[0], top / size[1], 1 / size[0], 1 / size[1]];
      const finest = (masks.edgeOf(this.#scene.drawn[index].mask) * Math.max(...texels)) / edge;
      const fine = Math.max(1, Math.ceil(finest / (2 * Math.max(...size))));
      const [x, y, across, down] = map;
      const matte = this.#matte(index, { width: fine * width, height: fine * height, map: [x, y, across / fine, down / fine] });
      this.#target.begin(texture);
      this.#programs.draw('masked', { ...matte, uFine: { int: fine } });
      return { texture };
    }).texture;
  }

  /** What was made of the same before, or is now. */
  #once(key, make) {
    if (!this.#made.has(key)) this.#made.set(key, make());
    this.#used.add(key);
    return this.#made.get(key);
  }

  /** How often the picture is halved for a reach, a share of its long edge, to be 1 to 2 times `pixels` then. */
  #level(share, pixels, { map }) {
    const { edge, texels } = this.#scene;
    const least = Math.ceil(Math.log2(Math.max(...texels) / this.#k.pass_edge));
    const shown = Math.floor(Math.log2(texels[0] * map[2]) + 0.4); // much finer than the target is of no use
    return Math.max(0, least, shown, Math.floor(Math.log2((share * edge) / pixels)));
  }

  #size(level) {
    return this.#scene.texels.map((each) => Math.max(1, each >> level));
  }

  /** Long edge of the whole photo in pixels of a grid. */
  #edge(level) {
    const { edge, texels } = this.#scene;
    return (edge * Math.max(...this.#size(level))) / Math.max(...texels);
  }

  /** The part of a grid that a place shows: its first pixels, and those after its last ones. */
  #seen(size, { width, height, map }) {
    if (size[0] * size[1] <= WHOLE) return [0, 0, ...size];
    const ends = [[map[0], map[0] + width * map[2]], [map[1], map[1] + height * map[3]]];
    const first = ends.map((each, i) => SNAP * Math.floor((Math.min(...each) * size[i] - 1) / SNAP));
    const last = ends.map((each, i) => SNAP * Math.ceil((Math.max(...each) * size[i] + 1) / SNAP));
    const within = (each, i) => Math.min(Math.max(each, 0), size[i]);
    return [...first.map(within), ...last.map(within)];
  }

  /** Uniforms that tell where a layer applies, at the pixels of a place; null for one without a mask. */
  #matte(index, place) {
    const { drawn, masks, maskAt } = this.#scene;
    const { layer, slice, channel } = drawn[index];
    if (!layer.mask) return null;
    const key = JSON.stringify(['masks', this.#scene.version, masks.version(), place]);
    const { texture } = this.#once(key, () => ({ texture: maskAt(place) }));
    return { uMasks: texture, uSlice: { int: slice }, uChannel: [0, 1, 2, 3].map((each) => (each === channel ? 1 : 0)) };
  }

  #sides(outside, inside) {
    return outside ? { ...this.#grid('uOutside', outside), ...this.#grid('uInside', inside) } : {};
  }

  #grid(name, { texture, place }) {
    return { [name]: texture, [`${name}Place`]: place };
  }

  #texture(width, height, slices = 0) {
    const gl = this.#gl;
    const texture = new Texture(gl, { format: gl.RGBA16F, width, height, slices });
    if (!slices) texture.filter(gl.LINEAR, gl.LINEAR);
    return texture;
  }
}
