// What a mask is put together of: the shapes of parts, what they are called, how they begin, and their sliders.

import { matteKey, mattePart } from '../document.js';

const percent = (id, label, about, rest) => ({ id, label, about, minimum: 0, maximum: 100, default: rest, step: 1, digits: 0, unit: '%' });

/** Sliders of parts, as `Slider` takes them. */
export const SLIDERS = {
  feather: percent('feather', 'Feather', 'How softly it ends.', 0),
  refine: percent('refine', 'Refine edges', 'How much it follows the edges in the photo, such as hair.', 0),
  tolerance: percent('tolerance', 'Tolerance', 'How different a colour may be.', 30),
};

/**
 * @typedef {object} Shape
 * @property {string} label
 * @property {string} picture name of an icon
 * @property {string[]} sliders names in `SLIDERS`
 * @property {object} rest what a new one has besides how it goes together with others
 * @property {string} [about]
 */

/** @type {Object<string, Shape>} those that can be made anew, in the order in which they are offered */
export const SHAPES = {
  brush: { label: 'Brush', picture: 'brush', sliders: ['feather', 'refine'], rest: { strokes: [], feather: 0, refine: 0 }, about: 'Paint where it is to be' },
  linear: { label: 'Linear gradient', picture: 'linear', sliders: ['feather'], rest: { start: [0.5, 0.2], end: [0.5, 0.6], feather: 100 }, about: 'From all to nothing along a line' },
  radial: { label: 'Radial gradient', picture: 'radial', sliders: ['feather'], rest: { centre: [0.5, 0.5], radii: [0.2, 0.2], angle: 0, feather: 50 }, about: 'An ellipse with a soft rim' },
  luminance: { label: 'Luminance range', picture: 'sun', sliders: ['feather'], rest: { low: 0.5, high: 1, feather: 20 }, about: 'What is as light or as dark' },
  colour: { label: 'Colour range', picture: 'drop', sliders: ['tolerance', 'feather'], rest: { colour: [0.5, 0.5, 0.5], tolerance: 30, feather: 30 }, about: 'What has about the same colour' },
};

const MATTE = { label: 'Mask', picture: 'mask', sliders: ['feather', 'refine'] };

/** Ways in which a part goes together with those before it. */
export const HOWS = {
  add: { label: 'Add', picture: 'add' },
  subtract: { label: 'Subtract', picture: 'subtract' },
  intersect: { label: 'Intersect', picture: 'intersect' },
};

/** The shape of a part. @returns {Shape} */
export const shapeOf = ({ shape }) => SHAPES[shape] ?? MATTE;

/** A new part. @param {string} shape in `SHAPES` @param {string} how in `HOWS` */
export const newPart = (shape, how) => ({ shape, how, invert: false, ...SHAPES[shape].rest });

/** A part that is a matte of the photo. */
export const matteOf = (kind, how) => ({ ...mattePart(kind), how });

/** What a slider of a part goes back to. */
export const defaultOf = (part, name) => SHAPES[part.shape]?.rest[name] ?? SLIDERS[name].default;

/**
 * What the parts of a mask are called, those of one name by numbers.
 * @param {object[]} parts
 * @param {(key: string) => string} nameOf a matte
 */
export function namesOf(parts, nameOf) {
  const names = parts.map((part) => (part.shape === 'matte' ? nameOf(matteKey(part)) : shapeOf(part).label));
  return names.map((name, index) => {
    const before = names.slice(0, index).filter((each) => each === name).length;
    return before ? `${name} ${before + 1}` : name;
  });
}

/** A name for a new layer that no other one has: "Radial gradient 2". @param {string} label @param {object} document */
export function freeName(label, { layers }) {
  const taken = new Set(layers.map(({ name }) => name));
  let number = 1;
  while (taken.has(`${label} ${number}`)) number += 1;
  return `${label} ${number}`;
}
