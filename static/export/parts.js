// The parts of an export's dialog: format, colour, size, metadata, name, light above white.

import { h } from '../common/dom.js';
import { Segmented } from '../common/segmented.js';
import { Slider } from '../common/slider.js';
import { number } from '../gallery/said.js';
import { Amount, Part, Rows, field } from './fields.js';
import { choices, sizeOf } from './wish.js';

/**
 * @typedef {{photo: import('../library/store.js').Photo, size: [number, number], count: number}} About the photo that is
 *     previewed, how large its picture is at full size, and how many are exported
 * Each part is shown `settings`, and calls `onChange` with those of them that differ by now.
 */

const FORMATS = {
  JPEG: 'Opens everywhere, and is small.',
  PNG: 'Loses nothing; large.',
  TIFF: 'Loses nothing; for printing, and for other programs.',
  WebP: 'Smaller than a JPEG; for pages of the web.',
  AVIF: 'The smallest; opens in browsers, and in newer programs.',
  'JPEG XL': 'Small, and at 100 loses nothing; few programs open it yet.',
};
const LIMIT_KB = 500;

function slider(id, label, { minimum, maximum, step, unit = '', by }, onInput) {
  const digits = step >= 1 ? 0 : 1;
  return new Slider({ id: `export-${id}`, label, about: '', minimum, maximum, default: by, step, digits, unit }, { onStart() {}, onInput });
}

export class FormatPart extends Part {
  /** @param {(change: Partial<import('./wish.js').Settings>) => void} onChange */
  constructor(onChange) {
    const name = new Segmented('Format', Object.fromEntries(choices.formats.map(({ format }) => [format, format])), (format) => onChange({ format }));
    const about = h('p.export-about');
    const quality = slider('quality', 'Quality', { minimum: 1, maximum: 100, step: 1, by: choices.defaults.quality }, (value) => onChange({ quality: value }));
    const detail = new Segmented('Colour detail', { '4:4:4': '4:4:4', '4:2:2': '4:2:2', '4:2:0': '4:2:0' }, (subsampling) => onChange({ subsampling }));
    const all = [...new Set(choices.formats.flatMap(({ depths }) => depths))].sort((a, b) => a - b);
    const depth = new Segmented('Bits a channel', Object.fromEntries(all.map((bits) => [bits, `${bits} bits`])), (bits) => onChange({ depth: Number(bits) }));
    const isLimited = h('input', { type: 'checkbox', onchange: () => onChange({ limit_kb: isLimited.checked ? limit.input.valueAsNumber || LIMIT_KB : null }) });
    const limit = new Amount({ label: 'kB at most', unit: 'kB', minimum: 10, maximum: 1_000_000 }, (limit_kb) => onChange({ limit_kb }));
    limit.show(LIMIT_KB);
    const rows = {
      quality: quality.element,
      subsampling: field('Colour detail', detail.element),
      depth: field('Depth', depth.element),
      limit: h('div.export-field', {}, h('label.export-check', {}, isLimited, 'At most'), limit.element),
    };
    super('Format', [h('div.export-formats', {}, name.element), about, ...Object.values(rows)]);
    Object.assign(this, { name, about, quality, detail, depth, isLimited, limit, rows });
  }

  show(settings) {
    const { format, quality, subsampling, depth, limit_kb: limit } = settings;
    const has = choices.of(format);
    this.name.show(format);
    this.about.textContent = FORMATS[format];
    this.quality.show(quality);
    this.detail.show(subsampling);
    this.depth.show(String(depth));
    for (const button of this.depth.buttons) button.hidden = !has.depths.includes(Number(button.dataset.choice));
    this.rows.quality.hidden = !has.quality;
    this.rows.subsampling.hidden = !has.subsampling;
    this.rows.depth.hidden = has.depths.length < 2;
    this.rows.limit.hidden = !has.limit;
    this.isLimited.checked = limit !== null;
    this.limit.input.disabled = limit === null;
    if (limit !== null) this.limit.show(limit);
    const more = [has.quality && String(quality), has.depths.length > 1 && `${depth} bits`, limit !== null && `${number(limit)} kB`].filter(Boolean);
    this.tell([format, ...more].join(' · '), false);
  }
}

const GAMUTS = {
  srgb: 'Looks right on any screen and in any program.',
  'display-p3': 'Stronger reds and greens on today’s phones and screens; right elsewhere, too.',
  'adobe-rgb': 'For printing; programs that read no profile show it dull.',
};

export class ColourPart extends Part {
  constructor(onChange) {
    const rows = new Rows('Colours', [['source', 'As the photo', ''], ...choices.gamuts.map(({ id, name }) => [id, name, GAMUTS[id]])], (gamut) => onChange({ gamut }));
    super('Colour', [rows.element]);
    this.rows = rows;
  }

  show({ format, gamut }, { photo }) {
    this.element.hidden = !choices.of(format).gamut;
    const nameOf = (id) => choices.gamuts.find((each) => each.id === id).name;
    this.rows.show(gamut);
    this.rows.about('source', `All that the file’s colours reach; here that is ${nameOf(photo.gamut)}.`);
    this.tell(gamut === 'source' ? 'As the photo' : nameOf(gamut), gamut !== 'source');
  }
}

const BY = { full: 'Full', edge: 'Long edge', percent: 'Percent', megapixels: 'Megapixels' };
const AMOUNTS = {
  edge: { label: 'Long edge', unit: 'pixels', minimum: 1, maximum: 100_000, by: 2048 },
  percent: { label: 'Percent', unit: '%', minimum: 1, maximum: 100, by: 50 },
  megapixels: { label: 'Megapixels', unit: 'megapixels', minimum: 0.1, maximum: 1000, step: 'any', by: 12 },
};
const SHARPEN = { none: 'None', low: 'Low', standard: 'Standard', high: 'High' };

export class SizePart extends Part {
  constructor(onChange) {
    const by = new Segmented('Size', BY, (chosen) => onChange({ size: { by: chosen, value: chosen === 'full' ? choices.defaults.size.value : this.last[chosen] } }));
    const amounts = Object.fromEntries(Object.entries(AMOUNTS).map(([id, what]) => [id, new Amount(what, (value) => onChange({ size: { by: id, value } }))]));
    const result = h('output.export-result');
    const row = h('div.export-field', {}, Object.values(amounts).map(({ element }) => element), result);
    const sharpen = new Segmented('Sharpen for the size', SHARPEN, (chosen) => onChange({ sharpen: chosen }));
    super('Size', [by.element, row, field('Sharpen', sharpen.element)]);
    Object.assign(this, { by, amounts, row, result, sharpen, last: Object.fromEntries(Object.entries(AMOUNTS).map(([id, what]) => [id, what.by])) });
  }

  show({ size, sharpen }, about) {
    if (size.by !== 'full') this.last[size.by] = size.value;
    this.by.show(size.by);
    for (const [id, amount] of Object.entries(this.amounts)) {
      amount.element.hidden = id !== size.by;
      amount.input.disabled = id !== size.by;
      if (id === size.by) amount.show(size.value);
    }
    this.row.hidden = size.by === 'full';
    this.sharpen.show(sharpen);
    const pixels = sizeOf(size, about.size).map(number).join(' × ');
    this.result.textContent = `${pixels} pixels`;
    this.tell([pixels, sharpen !== 'none' && 'sharpened'].filter(Boolean).join(' · '), size.by !== 'full' || sharpen !== 'none');
  }
}

const METADATA = [
  ['all', 'All', 'Camera, time, place, people, tags and stars, as Envo knows them.'],
  ['no place', 'Without the place', 'All but where it was taken.'],
  ['copyright', 'Copyright only', 'Who made it, and whose it is; nothing else.'],
  ['none', 'None', 'The picture alone.'],
];

export class MetadataPart extends Part {
  constructor(onChange) {
    const rows = new Rows('What the file tells', METADATA, (metadata) => onChange({ metadata }));
    super('Metadata', [rows.element]);
    this.rows = rows;
  }

  show({ metadata }) {
    this.rows.show(metadata);
    this.tell(METADATA.find(([id]) => id === metadata)[1], metadata !== choices.defaults.metadata);
  }
}

const WORDS = { name: 'its name', date: 'the day it was taken', number: 'its number among those exported', person: 'who is in it' };

export class NamePart extends Part {
  constructor(onChange) {
    const pattern = h('input', { type: 'text', maxlength: 200, required: '', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'Pattern of the name', oninput: () => { if (pattern.value) onChange({ name: pattern.value }); } });
    const put = (word) => {
      pattern.setRangeText(word, pattern.selectionStart, pattern.selectionEnd, 'end');
      pattern.focus();
      onChange({ name: pattern.value });
    };
    const chips = Object.entries(WORDS).map(([word, about]) => h('button.chip', { type: 'button', title: `Put in ${about}`, onclick: () => put(`{${word}}`) }, `{${word}}`));
    const example = h('output.export-example');
    super('Name', [h('div.export-text', {}, pattern), h('div.chips', {}, chips), example]);
    Object.assign(this, { pattern, example });
  }

  show({ name }) {
    if (document.activeElement !== this.pattern) this.pattern.value = name;
    this.tell(name, name !== choices.defaults.name);
  }

  /** @param {string} name of the file of the photo that is previewed */
  showExample(name) {
    this.example.textContent = name ? `such as ${name}` : '';
  }
}

const STOPS = 2; // of a gain map, unless the photo tells how bright it is

/** Whether a photo has light above white that a file can keep. @param {import('../library/store.js').Photo} photo */
const isBright = ({ headroom, format }) => headroom > 0 || format === 'RAW';

export class HdrPart extends Part {
  constructor(onChange) {
    const isOn = h('input', { type: 'checkbox', onchange: () => onChange({ hdr: isOn.checked ? this.stops : null }) });
    const stops = slider('hdr', 'How bright', { minimum: 0.5, maximum: 4, step: 0.1, unit: 'stops', by: STOPS }, (hdr) => onChange({ hdr }));
    super('HDR', [h('label.export-check', {}, isOn, 'Highlights brighter than white'),
      h('p.export-about', {}, 'Screens that can show them so, by a gain map; all others show the photo as it looks here.'), stops.element]);
    Object.assign(this, { isOn, slider: stops, stops: STOPS });
  }

  show({ format, hdr }, { photo, count }) {
    this.element.hidden = !choices.of(format).hdr || (count === 1 && hdr === null && !isBright(photo));
    this.stops = hdr ?? Math.min(4, Math.max(0.5, photo.headroom || STOPS));
    this.isOn.checked = hdr !== null;
    this.slider.show(this.stops);
    this.slider.element.hidden = hdr === null;
    this.tell(hdr === null ? 'Off' : `${hdr.toFixed(1)} stops`, hdr !== null);
  }
}
