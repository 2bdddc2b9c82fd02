// What belongs to the photo on the stage: its pixels, mattes, maps, the photo without its noise, and LUTs. Each is brought
// once, when it is first needed.

import { request, requestBlob } from '../common/api.js';
import { tellError } from '../common/dom.js';
import { isActive, needsDenoised, needsMaps } from '../webgl/layers.js';
import { needsGuide } from '../webgl/masks.js';
import { developedAs, isMade, isTouched, matteKey, mattesOf } from './document.js';
import { lutTable } from './lut.js';

// The photo's maps, beside the kinds of mattes among what comes to the stage.
const MAPS = 'maps';
// The guide by which masks keep to the photo's edges and colours.
const GUIDE = 'guide';
// The photo without its noise, beside them.
const DENOISED = 'denoised';

export class Belongings {
  #photo = null;
  #gain = null; // {id, bytes} of the photo whose gain map was asked for
  #refined = null; // id of the photo whose finest pixels were asked for
  #cleared = null; // id of the photo that is on the stage without its noise, too
  #clearedAs = null; // how that was developed, where it is a RAW
  #developed = null; // how the RAW on the stage is; null where that is the camera's own picture
  #developing = null; // {way, source}: a promise of its pixels, until they are on the stage
  #loads = new Map(); // kind of matte, or MAPS -> promise that it is on the stage
  #followed = new Map(); // key of a matte that follows somebody, or is none -> its kind in this photo, or null
  #luts = new Map(); // id -> promise that it is on the stage

  /**
   * @param {import('./stage.js').Stage} stage
   * @param {object} schema of the adjustments
   * @param {number} mapsVersion
   * @param {import('./noise.js').NoiseState} noise says how far the photo without its noise is
   * @param {{document: () => object, matte: (kind: string) => ?object, kindOf: (part: object) => ?string, onCome: () => void,
   *     onRetry: () => void, onDeveloping: (isDeveloping: boolean) => void}} of document: the edit that is shown; matte: as the server lists it; kindOf: the kind of matte
   *     that a part of a mask is in the photo, null where it is none, undefined where that is not known yet; onCome: something that is to be seen has come;
   *     onRetry: what failed is to be asked for again
   */
  constructor(stage, schema, mapsVersion, noise, { document, matte, kindOf, onCome, onRetry, onDeveloping }) {
    Object.assign(this, { stage, schema, mapsVersion, noise, document, matte, kindOf, onCome, onRetry, onDeveloping });
  }

  /** Begins with another photo, or none. */
  open(photo) {
    this.#photo = photo;
    this.#loads = new Map();
    this.#followed = new Map();
    this.#refined = null;
    this.#cleared = null;
    this.#developed = null;
    this.#developing = null;
    this.onDeveloping(false);
    this.noise.clear();
  }

  /**
   * What a RAW is shown by at first: as its edit has it developed, if that is there at once; else the camera's own picture.
   * @returns what the renderer takes
   */
  async first(photo) {
    const developed = this.#develop(photo, this.#way);
    const own = requestBlob('GET', `photos/${photo.id}/preview`).then((blob) => (blob.size ? { blob } : developed), () => developed);
    const source = await Promise.race([developed, own]);
    if (source.half && this.#photo?.id === photo.id) this.#developed = this.#way;
    return source;
  }

  /** Brings the RAW to the stage as its edit has it developed; what is there shows until then. */
  async #loadDeveloped() {
    const photo = this.#photo;
    const way = this.#way;
    const isIt = () => this.#photo?.id === photo.id && this.#way === way;
    if (photo?.format !== 'RAW') return;
    if (way === this.#developed) {
      this.onDeveloping(false);
      return;
    }
    this.onDeveloping(true);
    try {
      const source = await this.#develop(photo, way);
      if (!isIt() || way === this.#developed) return;
      this.#developed = way;
      this.#developing = null;
      await this.stage.refine(source);
      if (isIt()) this.onCome();
    } catch (error) {
      if (isIt()) this.#developed = way; // it is told once
      throw error;
    } finally {
      if (isIt()) this.onDeveloping(false);
    }
  }

  /** The pixels of a RAW, developed in a way; asked for once. */
  #develop(photo, way) {
    if (this.#developing?.way !== way) {
      const developing = { way, source: this.pixels(photo) };
      developing.source.catch(() => { if (this.#developing === developing) this.#developing = null; }); // the next one to need it asks again
      this.#developing = developing;
    }
    return this.#developing.source;
  }

  /** How the edit has a RAW developed, in addresses. */
  get #way() {
    return developedAs(this.document().development);
  }

  /** Where a rendition of a photo is. @param {string} what of it @param {boolean} [isFine] in as many pixels as the zoom asks for */
  #path({ id, format }, what, isFine = false) {
    const asked = [isFine && 'detail=true', format === 'RAW' && `development=${this.#way}`].filter(Boolean);
    return `photos/${id}/${what}${asked.length ? `?${asked.join('&')}` : ''}`;
  }

  /** A rendition of a photo, as the renderer takes it. */
  async pixels(photo, path = this.#path(photo, 'rendition')) {
    const [blob, gain] = await Promise.all([requestBlob('GET', path), this.#gainMap(photo)]);
    const { gamut, headroom, linear, display: [width, height] } = photo;
    return linear ? { half: await blob.arrayBuffer(), width, height, headroom } : { blob, gamut, gain };
  }

  /** The gain map of a photo, fetched once; null where it has none. */
  #gainMap({ id, linear, headroom }) {
    if (linear || !headroom) return null;
    if (this.#gain?.id !== id) {
      const bytes = requestBlob('GET', `photos/${id}/gain-map`).then((blob) => blob.arrayBuffer());
      this.#gain = { id, bytes };
      bytes.catch(() => { this.#gain = null; });
    }
    return this.#gain.bytes;
  }

  /** Brings all that the edit needs to be seen as it is. */
  loadNeeded() {
    const { layers } = this.document();
    const needed = layers.filter((each) => isTouched(each) || isMade(each.id)).map(({ mask }) => this.loadMattes(mask));
    needed.push(this.#loadDeveloped());
    if (this.#needsMaps()) needed.push(this.loadMaps());
    if (this.#needsGuide()) needed.push(this.#loadGuide());
    if (this.#needsDenoised()) needed.push(this.#loadDenoised());
    needed.push(...layers.filter(({ lut }) => lut).map(({ lut }) => this.#loadLut(lut.id)));
    return Promise.all(needed);
  }

  /** Brings the mattes that a mask is made of to the stage. @param {?object} mask */
  loadMattes(mask) {
    return Promise.all(mattesOf(mask).map((part) => this.#loadPart(part)));
  }

  /** Brings a matte to the stage, once; null where the photo has none of the kind. */
  loadMatte(kind) {
    if (!this.matte(kind)) return null;
    return this.#bring(kind, () => requestBlob('GET', this.matteAddress(kind)), (blob) => this.stage.renderer.setMatte(kind, blob), () => this.#isUsed(kind));
  }

  /** Whether what a matte is part of changes anything. */
  #isUsed(kind) {
    return this.document().layers.some((each) => isTouched(each) && mattesOf(each.mask).some((part) => part.kind === kind));
  }

  /** Brings the matte of a part of a mask, or that there is none; of whoever's face it is by now, where it follows somebody. */
  #loadPart(part) {
    const kind = this.kindOf(part);
    if (kind === undefined) return null;
    if (kind && !part.person) return this.loadMatte(kind);
    const { renderer } = this.stage;
    const key = matteKey(part);
    if (this.#followed.get(key) !== kind) this.#loads.delete(key);
    this.#followed.set(key, kind);
    const take = (blob) => { if (this.#followed.get(key) === kind) return renderer.setMatte(key, blob); };
    return this.#bring(key, () => kind && requestBlob('GET', this.matteAddress(kind)), take, () => true);
  }

  /** Takes a matte off the stage. */
  dropMatte(kind) {
    this.#loads.delete(kind);
    this.stage.renderer.removeMatte(kind);
  }

  /** Where a matte is; its small picture by `file`. */
  matteAddress(kind, file = '') {
    return `photos/${this.#photo.id}/mattes/${kind}${file}?version=${this.matte(kind).version}`;
  }

  /** Brings the maps of the photo's structure and haze to the stage, once. */
  loadMaps() {
    const photo = this.#photo;
    const take = async (blob) => {
      const bytes = await blob.arrayBuffer();
      if (this.#photo?.id === photo.id) this.stage.renderer.setMaps(bytes);
    };
    const path = `photos/${photo.id}/maps?version=${this.mapsVersion}`;
    return this.#bring(MAPS, () => requestBlob('GET', path), take, () => this.#needsMaps());
  }

  /** Brings the photo's guide to the stage, once. */
  #loadGuide() {
    const path = `photos/${this.#photo.id}/guide`;
    return this.#bring(GUIDE, () => requestBlob('GET', path), (blob) => this.stage.renderer.setGuide(blob), () => this.#needsGuide());
  }

  #needsGuide() {
    return this.document().layers.some(({ mask }) => needsGuide(mask));
  }

  /** Fetches the pixels that the zoom asks for, once; what is there shows until they come. */
  async refine(photo) {
    if (this.#refined === photo.id) return;
    this.#refined = photo.id;
    const isCleared = this.#cleared === photo.id;
    const [finer, clear] = await Promise.all([
      this.pixels(photo, `photos/${photo.id}/rendition?detail=true`),
      isCleared ? this.pixels(photo, this.#denoisedPath(photo)) : null,
    ]);
    if (this.#photo?.id !== photo.id) return;
    await Promise.all([this.stage.refine(finer), clear && this.stage.renderer.setDenoised(clear)]);
    this.stage.renderer.requestDraw();
  }

  /** A LUT that was gone may be there again: it is asked for when it is next needed. */
  forgetLut(id) {
    this.#luts.delete(id);
  }

  #needsMaps() {
    return this.document().layers.some((each) => isActive(each, this.schema) && needsMaps(each, this.schema));
  }

  /** Brings the photo without its noise to the stage, once; where no edit has asked for it yet, it is made first. */
  #loadDenoised() {
    const photo = this.#photo;
    const way = this.#way;
    if (this.#clearedAs !== way) this.#loads.delete(DENOISED);
    this.#clearedAs = way;
    const take = async (source) => {
      if (!source || way !== this.#way) return;
      await this.stage.renderer.setDenoised(source);
      this.#cleared = photo.id;
    };
    return this.#bring(DENOISED, () => this.#denoised(photo), take, () => this.#needsDenoised());
  }

  #needsDenoised() {
    return this.document().layers.some((each) => isActive(each, this.schema) && needsDenoised(each, this.schema));
  }

  /** The photo without its noise, in as many pixels as are shown; null where it could not be made. */
  async #denoised(photo) {
    const way = this.#way;
    const stale = () => this.#photo?.id !== photo.id || this.#way !== way;
    let news = { number: -1 };
    do {
      const path = this.#path(photo, 'denoised');
      news = await request('GET', `${path}${path.includes('?') ? '&' : '?'}seen=${news.number}`);
      if (stale()) return null;
      if (news.state === 'failed') {
        this.noise.fail(news.step, () => { this.#loads.delete(DENOISED); this.onRetry(); });
        return null;
      }
      if (news.state !== 'done') this.noise.wait(news.step, news.fraction);
    } while (news.state !== 'done');
    this.noise.clear();
    let path;
    let source;
    do {
      path = this.#denoisedPath(photo);
      source = await this.pixels(photo, path);
    } while (!stale() && path !== this.#denoisedPath(photo));
    return source;
  }

  #denoisedPath(photo) {
    return this.#path(photo, 'denoised/rendition', this.#refined === photo.id);
  }

  /**
   * Brings to the stage what belongs to the photo, once.
   * @template T
   * @param {string} name among what was brought
   * @param {() => Promise<T>} fetch
   * @param {(fetched: T) => Promise<void>} take
   * @param {() => boolean} shows whether something of it is to be seen
   */
  #bring(name, fetch, take, shows) {
    const photo = this.#photo;
    const loads = this.#loads;
    const load = async () => {
      const fetched = await fetch();
      if (this.#photo?.id !== photo.id) return;
      await take(fetched);
      if (this.#photo?.id !== photo.id) return;
      this.stage.renderer.requestDraw();
      if (shows()) this.onCome();
    };
    if (!loads.has(name)) {
      loads.set(name, load().catch((error) => {
        loads.delete(name); // the next one to need it asks again
        throw error;
      }));
    }
    return loads.get(name);
  }

  /** Brings a LUT to the stage, once. */
  #loadLut(id) {
    const load = async () => {
      this.stage.renderer.setLut(id, await lutTable(id));
      this.stage.renderer.requestDraw();
      this.onCome();
    };
    if (!this.#luts.has(id)) {
      this.#luts.set(id, load().catch((error) => {
        // One that is gone is told of once; else the next change asks again.
        if (error.status !== 404) this.#luts.delete(id);
        tellError(error);
      }));
    }
    return this.#luts.get(id);
  }
}
