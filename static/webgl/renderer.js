import { STRAIGHT, framing, placing } from './geometry.js';
import { Program, Target, Texture, UniformBuffer, canDrawHalf, compile, createContext, fill, readLater } from './gl.js';
import { isActive, needsDenoised, needsMaps, packLayers, reader, steps, tablesOf, toneKey } from './layers.js';
import { GainMap, GainTexture } from './gain.js';
import { Guide } from './guide.js';
import { UNCORRECTED, correction } from './lens.js';
import { LutTextures } from './luts.js';
import { MapTextures } from './maps.js';
import { Masks } from './masks.js';
import { Passes } from './passes.js';
import { PhotoTexture } from './photo.js';
import { Programs } from './programs.js';
import { LensTexture, Resampled, resamplers, setPlace } from './resampled.js';
import { passShaders } from './shaders/blur.glsl.js';
import { COVER } from './shaders/common.glsl.js';
import { OVERLAY, VIEWS, developShader } from './shaders/develop.glsl.js';
import { sharpenShaders } from './shaders/sharpen.glsl.js';
import { Sharpness } from './sharpness.js';
import { fromKnee } from './shoulder.js';
import { toLinear } from './srgb.js';
import { ROWS } from './tables.js';
import { toneTable } from './tone.js';

const UNITS = {
  photo: 0, mattes: 1, tone: 2, tables: 3, detail: 4, noise: 5, haze: 6, luts: 7, sharp: 8, passes: 9,
};
const SAMPLE = 5; // pixels of a side of the square that a sample is the mean of
const EXACT = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/**
 * Draws a photo with its edit document, in one pass, at the canvas's resolution: the *picture* that the document's
 * geometry leaves of the photo.
 *
 * Photo pixels are those of the original, also where a smaller rendition was loaded; the picture's are as large. The canvas receives
 * `rendererlost` and `rendererrestored` events when the browser takes the GPU away and gives it back; the photo, its
 * mattes, the document and the view come back by themselves.
 */
export class Renderer {
  #canvas;
  #gl;
  #schema;
  #source = null; // see setPhoto
  #size = [1, 1]; // photo pixels
  #matteBlobs = new Map();
  #guide = null;
  #mapBytes = null;
  #clearSource = null; // the photo without its noise, as #source
  #lutBytes = new Map();
  #document = { view: 'none', geometry: STRAIGHT, lens: UNCORRECTED, layers: [] };
  #profile = null; // what is known of the photo's lens
  #framings = { key: '', shown: null, cropped: null, version: 0 };
  #uncropped = false;
  #view = { scale: 1, x: 0, y: 0 };
  #overlay = null;
  #overlayView = VIEWS[0];
  #maskingShown = null;
  #split = null;
  #before = false;
  #frame = 0;
  #disposed = false;
  #shownIn = 'srgb'; // gamut of the canvas
  #changes = 0; // of the photo and what is made of it: blurs of what was there before are of no use

  // what lives on the GPU
  #programs; // what the layers drawn need -> Program
  #overlayProgram;
  #target;
  #block;
  #tone;
  #toneKeys;
  #tables;
  #tableKeys;
  #masks;
  #luts;
  #lens; // LensTexture
  #photo;
  #maps; // MapTextures, null without
  #looked; // those where some layer drawn looks at them
  #clear; // PhotoTexture without noise, null without
  #mixed; // that where some layer drawn mixes it in
  #resamplers;
  #resampled;
  #stepPrograms; // of what is no matter of a pixel alone
  #sharpness;
  #passes;
  #places; // layer id -> {slice, channel}
  #layers; // layers drawn: {layer, slice, channel} of each
  #drawn; // what the shader is to know of each
  #sharpened; // those that are sharpened

  /**
   * @param {HTMLCanvasElement|OffscreenCanvas} canvas
   * @param {object} schema the JSON of envo.adjustments.schema()
   * @throws {NoWebGL2}
   */
  constructor(canvas, schema) {
    this.#canvas = canvas;
    this.#schema = schema;
    this.#gl = createContext(canvas);
    this.#create();
    canvas.addEventListener('webglcontextlost', this.#onLost);
    canvas.addEventListener('webglcontextrestored', this.#onRestored);
  }

  /** Has compiled what a photo is drawn with, while it is still to come. */
  prepare() {
    if (!this.#unusable()) compile(this.#gl);
  }

  /**
   * Shows another photo; mattes, maps and what has no noise of the one before are forgotten. Of several calls the last one wins.
   * @param {{blob: Blob, gamut?: string, gain?: ?ArrayBuffer}|{half: ArrayBuffer, width: number, height: number,
   *     headroom?: number}} source an 8-bit image file with the sRGB curve, whose own values are in a gamut of
   *     envo/gamut.py, sRGB without; or little-endian half-float linear sRGB, RGB, rows from the top, with its own size;
   *     gain is what its light is multiplied by, as envo/gainmap.py's `GainMap.dump` writes it; headroom, how many stops
   *     above white light reaches
   * @param {number} width of the original photo
   * @param {number} height of the original photo
   */
  async setPhoto(source, width, height) {
    this.#source = source;
    this.#size = [width, height];
    this.setMaps(null);
    this.setDenoised(null);
    this.setLens(null);
    this.#guide = null;
    this.#masks.setGuide(null);
    for (const kind of [...this.#matteBlobs.keys()]) this.removeMatte(kind);
    this.#photo?.dispose();
    this.#photo = null;
    await this.#loadPhoto();
  }

  /** Longest edge that a photo's texture may have here, in pixels. */
  get maxEdge() {
    return this.#gl.getParameter(this.#gl.MAX_TEXTURE_SIZE);
  }

  /**
   * Shows the same photo in finer pixels; its mattes stay.
   * @param {{blob: Blob, gamut?: string}} source as for `setPhoto`
   */
  async refinePhoto(source) {
    this.#source = source;
    await this.#loadPhoto();
  }

  /**
   * Takes a matte of the photo; layers with a mask of it show from now on.
   * @param {string} key what parts of masks call it, such as "person"
   * @param {?Blob} blob 8-bit grey PNG; null where the photo is known not to have it
   */
  async setMatte(key, blob) {
    this.#matteBlobs.set(key, blob);
    await this.#loadMatte(key);
  }

  removeMatte(key) {
    this.#matteBlobs.delete(key);
    this.#masks.remove(key);
    this.#update();
  }

  /**
   * Takes the photo's guide; masks keep to the photo's edges and colours from now on.
   * @param {Blob} blob as envo/guide.py makes it
   */
  async setGuide(blob) {
    const photo = this.#source;
    const bitmap = await createImageBitmap(blob, EXACT);
    const size = [bitmap.width, bitmap.height];
    const pixels = this.#unusable() ? null : await this.#pixels(bitmap);
    bitmap.close();
    if (!pixels || photo !== this.#source || this.#disposed) return;
    this.#guide = new Guide(pixels, size, this.#schema.constants);
    this.#masks.setGuide(this.#guide);
    this.#update();
  }

  /**
   * Takes the maps of the photo's structure and haze; what looks at them shows, or shows wholly, from now on.
   * @param {?ArrayBuffer} bytes as envo/maps.py's `Maps.dump` writes them; null for none
   */
  setMaps(bytes) {
    this.#mapBytes = bytes;
    this.#loadMaps();
    this.#update();
  }

  /**
   * Takes the photo without its noise; layers that take noise away show so from now on, as long as it has the photo's
   * pixels.
   * @param {?object} source as for `setPhoto`; null for none
   */
  async setDenoised(source) {
    this.#clearSource = source;
    if (!source) {
      this.#clear?.dispose();
      this.#clear = null;
      this.#changes += 1;
      this.#update();
    }
    await this.#loadDenoised();
  }

  /**
   * Takes a LUT, which stays whatever photo is shown; layers that name it show it from now on.
   * @param {string} id
   * @param {ArrayBuffer} bytes as envo/cube.py's `Lut.dump` writes them
   */
  setLut(id, bytes) {
    this.#lutBytes.set(id, bytes);
    this.#luts.set(id, bytes);
    this.#changes += 1;
    this.#update();
  }

  /**
   * Takes what is known of the photo's lens; what the edit says of it shows from now on.
   * @param {?object} profile as envo/lens.py's `Profile.schema` gives it; null for none
   */
  setLens(profile) {
    this.#profile = profile;
    this.#framings.key = '';
  }

  /** What the edit takes of what is known of the lens; see lens.js. */
  get lens() {
    return this.#framed().cropped.lens;
  }

  /** Takes the edit document; only what changed since the last one goes to the GPU. */
  setDocument(document) {
    this.#document = document;
    this.#update();
  }

  /**
   * Where the picture lies, in device pixels of the canvas.
   * @param {{scale: number, x: number, y: number}} view device pixels for one of its pixels; its top left corner
   */
  setView({ scale, x, y }) {
    this.#view = { scale, x, y };
  }

  /**
   * Shows the mask of a layer.
   * @param {?string} layerId null shows none
   * @param {string} [view] "red", over the picture; "white", on black; "outline"
   */
  setOverlay(layerId, view = VIEWS[0]) {
    this.#overlayView = view;
    if (layerId === this.#overlay) return;
    this.#overlay = layerId;
    this.#update();
  }

  /** Shows all of the frame, with what the crop leaves out. */
  setUncropped(uncropped) {
    this.#uncropped = uncropped;
    this.#update();
  }

  /** Where in the photo the picture lies that is shown; see geometry.js. */
  get framing() {
    return this.#framed().shown;
  }

  /** Width and height that the crop leaves of the photo. */
  get size() {
    return this.#framed().cropped.size;
  }

  /** Shows the original left of this fraction of the picture's width; null shows the edit alone. */
  setSplit(fraction) {
    this.#split = fraction;
  }

  /** Shows the original alone. */
  setBefore(before) {
    this.#before = before;
  }

  /** Shows in white where a layer is sharpened, as its masking has it; null shows the photo. */
  setMaskingShown(layerId) {
    if (layerId === this.#maskingShown) return;
    this.#maskingShown = layerId;
    this.#update();
  }

  /**
   * Draws in a gamut of the schema that the screen has, where the browser can: sRGB and Display P3 have such canvases.
   * @param {string} gamut
   */
  setGamut(gamut) {
    const gl = this.#gl;
    if (gl.drawingBufferColorSpace === undefined || gl.drawingBufferColorSpace === gamut) return; // older browsers have sRGB alone
    gl.drawingBufferColorSpace = gamut;
    this.#canvas.width = this.#canvas.width; // or Chromium goes on with the buffer that it has
    this.#shownIn = gamut;
  }

  /** Draws now. */
  draw() {
    const gl = this.#gl;
    const { width, height } = this.#canvas;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.#photo) return;

    const { scale, x, y } = this.#view;
    const frame = this.framing;
    const [w, h] = frame.size.map((edge) => scale * edge);
    const [left, right, top, bottom] = [x, x + w, y, y + h].map(Math.round);
    const place = { width, height, map: [-x / w, (height - y) / h, 1 / w, -1 / h] };
    const around = this.#around(place, frame, this.#sharpness, this.#passes);
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(left, height - bottom, Math.max(right - left, 0), Math.max(bottom - top, 0));
    this.#resampled.update(place, frame, this.#photo, this.#masks, this.#looked, this.#mixed);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, width, height);
    this.#paint(this.#resampled, place.map, frame, this.#before ? 2 : this.#split ?? -1, { ...around, gamut: this.#shownIn });
    this.#paintOverlay();
    this.#paintMasking(around);
    gl.disable(gl.SCISSOR_TEST);
  }

  /** Draws once in the browser's next frame, however often it is called until then. */
  requestDraw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }

  /**
   * The whole edited photo, cropped, at a size of your choice, without overlay or split, in sRGB.
   * @returns {Promise<Uint8Array>} RGBA, rows from the top; zeros while no photo is loaded
   */
  async read(width, height) {
    const gl = this.#gl;
    const pixels = new Uint8Array(4 * width * height);
    if (!this.#photo) return pixels;
    const end = this.#paintInto(width, height, [0, 0, 1 / width, 1 / height], this.#framed().cropped);
    const reading = readLater(gl, width, height, pixels);
    end();
    await reading;
    return pixels;
  }

  /**
   * The colour that another document of the same geometry than the one shown gives the photo at a place.
   * @param {object} document
   * @param {[number, number]} at in pixels of the picture
   * @returns {?number[]} linear sRGB, 0 to 1, the mean of a few pixels; null while no photo is loaded
   */
  sample(document, [x, y]) {
    const gl = this.#gl;
    if (!this.#photo || gl.isContextLost()) return null;
    const shown = this.#document;
    this.setDocument(document);
    const frame = this.framing;
    const [width, height] = frame.size;
    const corner = [Math.floor(x), Math.floor(y)].map((at) => at - (SAMPLE - 1) / 2);
    const end = this.#paintInto(SAMPLE, SAMPLE, [corner[0] / width, corner[1] / height, 1 / width, 1 / height], frame);
    const pixels = new Uint8Array(4 * SAMPLE * SAMPLE);
    gl.readPixels(0, 0, SAMPLE, SAMPLE, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    end();
    this.setDocument(shown);
    return [0, 1, 2].map((channel) => {
      const values = pixels.filter((_, i) => i % 4 === channel);
      return values.reduce((sum, value) => sum + toLinear(value / 255), 0) / values.length;
    });
  }

  /** Gives back everything on the GPU; the renderer is of no use afterwards. */
  dispose() {
    this.#disposed = true;
    if (this.#frame) cancelAnimationFrame(this.#frame);
    this.#canvas.removeEventListener('webglcontextlost', this.#onLost);
    this.#canvas.removeEventListener('webglcontextrestored', this.#onRestored);
    const owners = [
      this.#overlayProgram, this.#target, this.#block, this.#tone, this.#tables, this.#masks, this.#luts, this.#lens, this.#resampled,
      this.#stepPrograms, this.#sharpness, this.#passes,
    ];
    [...owners, ...this.#programs.values(), ...Object.values(this.#resamplers)].forEach((each) => each.dispose());
    this.#photo?.dispose();
    this.#photo = null;
    this.#maps?.dispose();
    this.#clear?.dispose();
  }

  #create() {
    const gl = this.#gl;
    const { constants, max_layers: rows } = this.#schema;
    this.#photo = null;
    this.#clear = null;
    this.setGamut(this.#shownIn);
    this.#programs = new Map();
    this.#overlayProgram = new Program(gl, COVER, OVERLAY);
    this.#target = new Target(gl);
    this.#block = new UniformBuffer(gl, packLayers([], this.#schema).byteLength);
    this.#tone = new Texture(gl, { format: gl.RG32F, width: constants.table_size, height: rows });
    this.#toneKeys = [];
    const { length: rowsEach } = Object.keys(ROWS);
    this.#tables = new Texture(gl, { format: gl.RGBA32F, width: constants.steps + 1, height: rowsEach * rows });
    this.#tableKeys = [];
    this.#masks = new Masks(gl, constants);
    this.#masks.setGuide(this.#guide);
    this.#luts = new LutTextures(gl);
    this.#lutBytes.forEach((bytes, id) => this.#luts.set(id, bytes));
    this.#lens = new LensTexture(gl);
    this.#framings.key = '';
    this.#maps = null;
    this.#loadMaps();
    this.#resamplers = resamplers(gl, constants);
    this.#resampled = new Resampled(gl, this.#resamplers);
    this.#stepPrograms = new Programs(gl, { ...passShaders(constants), ...sharpenShaders(constants) });
    [this.#sharpness, this.#passes] = this.#makers();
    this.#update();
  }

  /** What sharpens, and what blurs and glows, at the pixels of a target. */
  #makers() {
    const programs = this.#stepPrograms;
    return [new Sharpness(this.#gl, this.#schema.constants, programs), new Passes(this.#gl, this.#schema, programs)];
  }

  /** Where in the photo the picture lies that is shown, and that which the crop leaves; made anew when it changes. */
  #framed() {
    const { geometry, lens: wish = UNCORRECTED } = this.#document;
    const key = JSON.stringify([geometry, wish, this.#size, this.#uncropped]);
    if (key !== this.#framings.key) {
      const { constants } = this.#schema;
      const lens = correction(this.#profile, wish, this.#size);
      this.#lens.show(lens);
      const cropped = framing(geometry, this.#size, constants, lens);
      const shown = this.#uncropped ? { ...framing(geometry, this.#size, constants, lens, true), bare: true } : cropped;
      this.#framings = { key, shown, cropped, version: this.#framings.version + 1 };
    }
    return this.#framings;
  }

  /** What layers draw on that is no matter of a pixel alone, at the pixels of a place. */
  #around(place, frame, sharpness, passes) {
    const photo = this.#photo;
    const placed = `${this.#changes} ${this.#framings.version} ${frame.matrix}`;
    const version = `${placed} ${this.#masks.version()}`;
    const resample = (grid, masks, maps, clear) => {
      const resampled = new Resampled(this.#gl, this.#resamplers);
      resampled.update(grid, frame, photo, masks, maps, clear);
      return resampled;
    };
    const compose = (count, grid, slices, into) => {
      const resampled = resample(grid, this.#masks, this.#looked, this.#mixed);
      this.#target.begin(into);
      this.#paint(resampled, grid.map, frame, -1, { sharp: null, passes: slices, count });
      resampled.dispose();
    };
    const maskAt = (grid) => {
      const resampled = resample(grid, this.#masks, null, null);
      const masks = resampled.takeMasks();
      resampled.dispose();
      return masks;
    };
    return {
      sharp: sharpness.update(place, this.#sharpened, {
        photo,
        framing: frame,
        version: placed,
        resample: (grid, isCleared) => resample(grid, null, null, isCleared ? this.#mixed : null),
      }),
      passes: passes.update(place, { drawn: this.#layers, photo, framing: frame, masks: this.#masks, version, compose, maskAt }),
    };
  }

  async #loadPhoto() {
    const source = this.#source;
    const photo = await this.#texture(source, () => source === this.#source);
    if (!photo) return;
    this.#photo?.dispose();
    this.#photo = photo;
    this.#update();
  }

  async #loadDenoised() {
    const source = this.#clearSource;
    // Its values are differences to be had from the photo's: without half floats there is no place for them.
    if (!source || !canDrawHalf(this.#gl)) return;
    const clear = await this.#texture(source, () => source === this.#clearSource);
    if (!clear) return;
    this.#clear?.dispose();
    this.#clear = clear;
    this.#update();
  }

  /** The texture of a photo's file; null where it is not wanted any more by then. */
  async #texture(source, isWanted) {
    const [bitmap, gain] = await Promise.all([source.blob && createImageBitmap(source.blob, EXACT), this.#gain(source)]);
    let texture = null;
    if (isWanted() && !this.#unusable()) {
      texture = bitmap
        ? PhotoTexture.fromBitmap(this.#gl, bitmap, { toSrgb: this.#gamut(source.gamut).to_srgb, gain, shoulder: gain?.shoulder })
        : PhotoTexture.fromHalf(this.#gl, source.half, source.width, source.height, { shoulder: this.#fromKnee(source) });
      this.#changes += 1;
    } else gain?.dispose();
    bitmap?.close();
    return texture;
  }

  /** The gain map of a photo that has one. */
  async #gain({ gain }) {
    if (!gain || !canDrawHalf(this.#gl)) return null; // there is no place for light above white
    const map = new GainMap(gain);
    const bitmap = await createImageBitmap(map.picture, EXACT);
    const { width, height } = bitmap;
    const pixels = this.#unusable() ? null : await this.#pixels(bitmap);
    bitmap.close();
    return pixels && !this.#unusable() ? new GainTexture(this.#gl, map, pixels, width, height) : null;
  }

  /** What draws in the light of a photo that is light alone. */
  #fromKnee({ headroom }) {
    return headroom && canDrawHalf(this.#gl) ? fromKnee(headroom, this.#schema.constants.headroom_knee) : null;
  }

  async #loadMatte(key) {
    const blob = this.#matteBlobs.get(key);
    const bitmap = blob && await createImageBitmap(blob, EXACT);
    if (this.#matteBlobs.get(key) === blob && !this.#unusable()) {
      this.#masks.set(key, bitmap);
      this.#update();
    }
    bitmap?.close();
  }

  /** The pixels of a picture, RGBA, by the GPU: canvases of some browsers change what is read from them. */
  async #pixels(bitmap) {
    const gl = this.#gl;
    const { width, height } = bitmap;
    const texture = new Texture(gl, { format: gl.RGBA8, width, height });
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    this.#target.begin(texture);
    const pixels = new Uint8Array(4 * width * height);
    const reading = readLater(gl, width, height, pixels);
    texture.dispose();
    await reading;
    return gl.isContextLost() ? null : pixels;
  }

  #loadMaps() {
    this.#changes += 1;
    this.#maps?.dispose();
    this.#maps = this.#mapBytes && canDrawHalf(this.#gl) && !this.#unusable() ? new MapTextures(this.#gl, this.#mapBytes) : null;
  }

  /** A gamut of the schema, as envo/gamut.py has it. */
  #gamut(id = 'srgb') {
    return this.#schema.gamuts.find((each) => each.id === id);
  }

  #unusable() {
    return this.#disposed || this.#gl.isContextLost();
  }

  /** What is there of the photo besides its pixels. */
  get #has() {
    const noise = this.#clear !== null && this.#clear.width === this.#photo?.width;
    return { maps: this.#maps !== null, noise, halves: canDrawHalf(this.#gl) };
  }

  /** Brings mattes, maps, tone tables and parameters on the GPU up to date with the document. */
  #update() {
    const gl = this.#gl;
    const { layers } = this.#document;
    const active = layers.filter((layer) => isActive(layer, this.#schema) && (!layer.mask || this.#masks.isReady(layer.mask)));
    // The overlay's comes last, so that looking at a mask moves no other.
    const looked = layers.filter((layer) => layer.id === this.#overlay && layer.mask && this.#masks.isReady(layer.mask) && !active.includes(layer));
    const masked = [...active.filter(({ mask }) => mask), ...looked];
    this.#masks.assign(masked, this.#size);
    this.#places = new Map(masked.map(({ id }, i) => [id, { mask: i, slice: i >> 2, channel: i % 4 }]));

    this.#luts.use(new Set(active.map(({ lut }) => lut?.id).filter((id) => this.#luts.has(id))));
    const drawn = active.map((layer) => ({ layer, lut: this.#luts.place(layer.lut?.id), ...(this.#places.get(layer.id) ?? { mask: -1, slice: -1, channel: 0 }) }));
    this.#looked = active.some((layer) => needsMaps(layer, this.#schema)) ? this.#maps : null;
    this.#mixed = this.#has.noise && active.some((layer) => needsDenoised(layer, this.#schema)) ? this.#clear : null;
    const passes = this.#has.halves ? Passes.slices(active, this.#schema) : [];
    this.#layers = drawn;
    this.#drawn = drawn.map(({ layer, slice, lut }, i) => ({
      slice, steps: steps(layer, this.#schema, { ...this.#has, lut: lut !== null }), sharp: -1, passes: passes[i] ?? null,
    }));
    const sharp = this.#drawn.map((_, i) => i).filter((i) => this.#drawn[i].steps.includes('sharp'));
    sharp.forEach((i, place) => { this.#drawn[i].sharp = place; });
    this.#sharpened = sharp.map((i) => this.#sharpening(drawn[i].layer));
    const masking = this.#has.halves && layers.find(({ id }) => id === this.#maskingShown);
    if (masking) this.#sharpened.push(this.#sharpening(masking));
    this.#block.write(packLayers(drawn, this.#schema, Math.max(...this.#size)));
    drawn.forEach(({ layer }, row) => {
      const key = toneKey(layer, this.#schema);
      if (this.#toneKeys[row] === key) return;
      this.#toneKeys[row] = key;
      this.#tone.bind(UNITS.tone);
      const table = toneTable(layer, reader(layer, this.#schema), this.#schema);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, row, table.length / 2, 1, gl.RG, gl.FLOAT, table);
    });
    drawn.forEach(({ layer }, place) => {
      for (const { row, key, make } of tablesOf(layer, this.#schema)) {
        const at = Object.keys(ROWS).length * place + row;
        if (this.#tableKeys[at] === key) continue;
        this.#tableKeys[at] = key;
        this.#tables.bind(UNITS.tables);
        const table = make();
        gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, at, table.length / 4, 1, gl.RGBA, gl.FLOAT, table);
      }
    });
  }

  /** How a layer is sharpened: in pixels of the photo, in percent, and without how much of the noise. */
  #sharpening(layer) {
    const value = reader(layer, this.#schema);
    const noise = this.#has.noise ? value('noise_luminance') / 100 : 0;
    return { radius: value('sharpening_radius'), masking: value('sharpening_masking'), noise };
  }

  /**
   * The shader for the layers drawn now; each stack of masks and steps has its own, compiled when first needed.
   * @param {number} [count] of layers, from the bottom up, that others look at: without sharpening, in linear light
   * @param {string} [gamut] that is drawn in
   */
  #develop(count, gamut = 'srgb') {
    const isLinear = count !== undefined;
    const shown = isLinear ? { view: 'none' } : { view: this.#document.view, gamut, isBright: Boolean(this.#photo.shoulder) };
    const photo = { maps: this.#has.maps, isLinear, ...shown };
    const drawn = isLinear
      ? this.#drawn.slice(0, count).map((each) => ({ ...each, steps: each.steps.filter((step) => step !== 'sharp'), sharp: -1 }))
      : this.#drawn;
    const key = JSON.stringify([drawn, photo]);
    if (!this.#programs.has(key)) {
      const { constants, max_layers: rows } = this.#schema;
      const program = new Program(this.#gl, COVER, developShader(constants, rows, drawn, { ...photo, gamut: this.#gamut(gamut) }));
      if (drawn.length) program.bindBlock('Layers', 0);
      this.#programs.set(key, program);
    }
    return this.#programs.get(key);
  }

  /**
   * Draws the photo with its layers.
   * @param {Resampled} resampled the photo and masks at the target's pixels
   * @param {number[]} map from the target's pixels to picture coordinates, see the shader
   * @param {object} frame where in the photo the picture lies
   * @param {number} split picture coordinate left of which the original shows
   * @param {{sharp: ?Texture, passes: ?Texture, count?: number, gamut?: string}} around what `#around` gives, and for
   *     `#develop`
   */
  #paint(resampled, map, frame, split, { sharp, passes, count, gamut }) {
    const gl = this.#gl;
    const program = this.#develop(count, gamut);
    program.use();
    this.#block.bind(0);
    resampled.bind(UNITS.photo, UNITS.mattes, UNITS.detail, UNITS.noise);
    this.#tone.bind(UNITS.tone);
    this.#tables.bind(UNITS.tables);
    sharp?.bind(UNITS.sharp);
    passes?.bind(UNITS.passes);
    gl.uniform1i(program.at('uSharp'), UNITS.sharp);
    gl.uniform1i(program.at('uPasses'), UNITS.passes);
    gl.uniform1i(program.at('uTables'), UNITS.tables);
    this.#luts.bind(UNITS.luts);
    gl.uniform1i(program.at('uLuts'), UNITS.luts);
    gl.uniform2f(program.at('uSize'), ...this.#size);
    gl.uniform1i(program.at('uDetail'), UNITS.detail);
    gl.uniform1i(program.at('uNoise'), UNITS.noise);
    if (this.#looked) {
      this.#looked.bindHaze(UNITS.haze);
      gl.uniform1i(program.at('uHaze'), UNITS.haze);
      gl.uniform3f(program.at('uAirlight'), ...this.#looked.airlight);
    }
    gl.uniform1i(program.at('uPhoto'), UNITS.photo);
    gl.uniform1i(program.at('uMattes'), UNITS.mattes);
    gl.uniform1i(program.at('uTone'), UNITS.tone);
    const { size, crop: [left, top, right, bottom] } = frame;
    const [across, down] = [right - left, bottom - top];
    gl.uniform4f(program.at('uMap'), ...map);
    gl.uniform4f(program.at('uCrop'), (map[0] - left) / across, (map[1] - top) / down, map[2] / across, map[3] / down);
    gl.uniform1f(program.at('uAspect'), (across * size[0]) / (down * size[1]));
    gl.uniform1f(program.at('uScale'), 1 / (map[2] * size[0]));
    setPlace(gl, program, placing(frame, map));
    gl.uniform1f(program.at('uSplit'), split);
    const { shoulder } = this.#photo;
    if (shoulder) {
      gl.uniform1f(program.at('uMost'), 2 ** shoulder.headroom);
      gl.uniform1fv(program.at('uFactors'), shoulder.factors);
    }
    fill(gl);
  }

  /**
   * Draws the photo with its layers into a target of its own, which stays bound to be read.
   * @returns {() => void} gives the target back
   */
  #paintInto(width, height, map, frame) {
    const gl = this.#gl;
    const resampled = new Resampled(gl, this.#resamplers);
    resampled.update({ width, height, map }, frame, this.#photo, this.#masks, this.#looked, this.#mixed);
    const [sharpness, passes] = this.#makers();
    const around = this.#around({ width, height, map }, frame, sharpness, passes);
    const texture = new Texture(gl, { format: gl.RGBA8, width, height });
    this.#target.begin(texture);
    this.#paint(resampled, map, frame, -1, around);
    return () => [texture, resampled, sharpness, passes].forEach((each) => each.dispose());
  }

  #paintOverlay() {
    const gl = this.#gl;
    const place = this.#places.get(this.#overlay);
    if (!place) return;
    const program = this.#overlayProgram;
    program.use();
    gl.uniform1i(program.at('uMattes'), UNITS.mattes);
    gl.uniform1i(program.at('uSlice'), place.slice);
    gl.uniform1i(program.at('uChannel'), place.channel);
    gl.uniform1i(program.at('uView'), VIEWS.indexOf(this.#overlayView));
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE);
    fill(gl);
    gl.disable(gl.BLEND);
  }

  /** Where the layer of which masking is shown is sharpened, in white, over all else. */
  #paintMasking({ sharp }) {
    if (!sharp || sharp.slices === this.#drawn.filter((each) => each.sharp >= 0).length) return;
    this.#stepPrograms.draw('masking', { uSharp: sharp, uSlice: { int: sharp.slices - 1 } });
  }

  #onLost = (event) => {
    event.preventDefault(); // or the browser never restores it
    this.#photo = null;
    this.#canvas.dispatchEvent(new Event('rendererlost'));
  };

  #onRestored = async () => {
    this.#create();
    const mattes = [...this.#matteBlobs.keys()].map((kind) => this.#loadMatte(kind));
    await Promise.all([this.#source && this.#loadPhoto(), this.#loadDenoised(), ...mattes]);
    if (this.#disposed) return;
    this.draw();
    this.#canvas.dispatchEvent(new Event('rendererrestored'));
  };
}
