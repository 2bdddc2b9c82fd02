// What photos are exported as: what the server can write, the visitor's presets, and what was wished last.

import { request } from '../common/api.js';
import { storage } from '../common/storage.js';

const REMEMBERED = 'envo:export';

/**
 * @typedef {object} Settings see `ExportSettings` in envo/exportsettings.py
 * @typedef {{format: string, depths: number[], quality: boolean, subsampling: boolean, limit: boolean, hdr: boolean,
 *     gamut: boolean}} Format
 *     what can be chosen of one
 * @typedef {{id: string, name: string, settings: Settings, built_in: boolean}} Preset built_in: ready made; the others are the visitor's own
 * @typedef {'out' | 'library'} To out: a file, of several photos a zip; library: new photos in it
 * @typedef {{settings: Settings, to: To}} Wish
 */

/** What an export can be: loaded once, presets whenever they change. */
class Choices {
  /** @type {Format[]} */
  formats = [];
  /** @type {{id: string, name: string}[]} */
  gamuts = [];
  /** @type {Preset[]} */
  presets = [];
  #loading = null;

  /** Settings that nobody touched. @returns {Settings} */
  get defaults() {
    return this.presets[0].settings;
  }

  load() {
    this.#loading ??= this.#load();
    this.#loading.catch(() => { this.#loading = null; });
    return this.#loading;
  }

  async loadPresets() {
    ({ presets: this.presets } = await request('GET', 'export-presets'));
  }

  /** @returns {Format} */
  of(name) {
    return this.formats.find(({ format }) => format === name) ?? this.formats[0];
  }

  async #load() {
    [{ formats: this.formats, gamuts: this.gamuts }] = await Promise.all([request('GET', 'export-formats'), this.loadPresets()]);
  }
}

export const choices = new Choices();

/** What was wished last, as the server takes it. @returns {Promise<Wish>} */
export async function lastWish() {
  await choices.load();
  const { settings = {}, to = 'out' } = remembered();
  // What an earlier Envo kept may have fields that there are no more.
  const known = Object.keys(choices.defaults).filter((name) => settings[name] !== undefined);
  return { settings: fitting({ ...choices.defaults, ...Object.fromEntries(known.map((name) => [name, settings[name]])) }), to };
}

/** What a download is without asking, in a few words. */
export function saidLast() {
  const { settings } = remembered();
  return settings ? said(settings) : '';
}

function remembered() {
  return JSON.parse(storage.get(REMEMBERED) ?? '{}');
}

/** @param {Wish} wish */
export function keepWish(wish) {
  storage.set(REMEMBERED, JSON.stringify(wish));
}

/** Settings without what their format has not, and without a watermark of nothing. @param {Settings} settings @returns {Settings} */
export function fitting(settings) {
  const { format, depths, limit, hdr, gamut } = choices.of(settings.format);
  const { watermark } = settings;
  return {
    ...settings,
    format,
    depth: depths.includes(settings.depth) ? settings.depth : depths.find((depth) => depth > settings.depth) ?? depths.at(-1),
    limit_kb: limit ? settings.limit_kb : null,
    hdr: hdr ? settings.hdr : null,
    gamut: gamut ? settings.gamut : choices.defaults.gamut,
    watermark: watermark?.picture || watermark?.text.trim() ? watermark : null,
  };
}

const SIZES = { edge: (value) => `${value} px`, percent: (value) => `${value} %`, megapixels: (value) => `${value} MP`, full: () => 'full size' };

/** Settings in a few words. @param {Settings} settings */
export function said({ format, depth, size, hdr }) {
  return [depth > 8 ? `${format}, ${depth} bits` : hdr ? `${format}, HDR` : format, SIZES[size.by](size.value)].join(' · ');
}

/** How large a picture leaves. @param {{by: string, value: number}} size @param {[number, number]} picture @returns {[number, number]} */
export function sizeOf({ by, value }, [width, height]) {
  const scale = { full: 1, edge: value / Math.max(width, height), percent: value / 100, megapixels: Math.sqrt((value * 1e6) / (width * height)) }[by];
  return [width, height].map((side) => Math.max(1, Math.round(side * Math.min(1, scale))));
}
