// Gradients under the pointer: their handles, what becomes of them when one is moved, and the lines that show them. Pure
// functions; points are of the plane of `places.js`.

import { inPhoto, onPlane, rounded } from './places.js';

const FAR = 1.5; // how far the lines of a linear gradient reach to both sides
const LEAST = 0.002; // of a radius
const DRAWN_LEAST = 0.01; // a gradient that is drawn shorter than this was a click
const ARM = 34; // pixels of the page from an ellipse to the handle that turns it
const TURNS = { linear: 45, radial: 15 }; // degrees that are snapped to
const CORNERS = 72; // of the line that draws an ellipse

const add = (a, b) => [a[0] + b[0], a[1] + b[1]];
const minus = (a, b) => [a[0] - b[0], a[1] - b[1]];
const times = (a, factor) => [a[0] * factor, a[1] * factor];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
const length = (a) => Math.hypot(...a);
const degrees = (radians) => (radians * 180) / Math.PI;

/** Whether a part is shaped by handles. */
export const isShaped = (part) => part?.shape === 'linear' || part?.shape === 'radial';

/** The axes of an ellipse, across and down before it is turned. */
function axes({ angle }) {
  const turn = (angle * Math.PI) / 180;
  return [[Math.cos(turn), Math.sin(turn)], [-Math.sin(turn), Math.cos(turn)]];
}

/** A vector at the nearest of the angles that are snapped to, as long as before. */
function snapped(vector, step) {
  const angle = (Math.round(degrees(Math.atan2(vector[1], vector[0])) / step) * step * Math.PI) / 180;
  return times([Math.cos(angle), Math.sin(angle)], length(vector));
}

/**
 * The handles of a gradient.
 * @param {object} part
 * @param {[number, number]} size of the photo in pixels
 * @param {number} pixel length of a pixel of the page on the plane
 * @returns {{name: string, label: string, at: [number, number]}[]}
 */
export function handlesOf(part, size, pixel) {
  if (part.shape === 'linear') {
    const [start, end] = [part.start, part.end].map((at) => onPlane(at, size));
    return [
      { name: 'middle', label: 'Move the gradient', at: times(add(start, end), 0.5) },
      { name: 'start', label: 'Where it is whole', at: start },
      { name: 'end', label: 'Where it ends', at: end },
    ];
  }
  const centre = onPlane(part.centre, size);
  const [across, down] = axes(part);
  const [wide, high] = part.radii;
  return [
    { name: 'centre', label: 'Move the ellipse', at: centre },
    { name: 'right', label: 'Width', at: add(centre, times(across, wide)) },
    { name: 'left', label: 'Width, from the left', at: minus(centre, times(across, wide)) },
    { name: 'bottom', label: 'Height', at: add(centre, times(down, high)) },
    { name: 'top', label: 'Height, from the top', at: minus(centre, times(down, high)) },
    { name: 'turn', label: 'Turn', at: minus(centre, times(down, high + ARM * pixel)) },
  ];
}

/**
 * A gradient with one of its handles at another place.
 * @param {boolean} even with Shift: at even angles; of an ellipse, whose proportions are kept
 */
export function moved(part, name, to, size, even) {
  return part.shape === 'linear' ? movedLine(part, name, to, size, even) : movedEllipse(part, name, to, size, even);
}

function movedLine(part, name, to, size, even) {
  const [start, end] = [part.start, part.end].map((at) => onPlane(at, size));
  if (name === 'middle') {
    const by = minus(to, times(add(start, end), 0.5));
    return { ...part, start: inPhoto(add(start, by), size), end: inPhoto(add(end, by), size) };
  }
  const other = name === 'start' ? end : start;
  const along = minus(to, other);
  return { ...part, [name]: inPhoto(add(other, even ? snapped(along, TURNS.linear) : along), size) };
}

function movedEllipse(part, name, to, size, even) {
  if (name === 'centre') return { ...part, centre: inPhoto(to, size) };
  const from = minus(to, onPlane(part.centre, size));
  if (name === 'turn') {
    const angle = degrees(Math.atan2(from[1], from[0])) + 90;
    const whole = even ? Math.round(angle / TURNS.radial) * TURNS.radial : Math.round(angle * 10) / 10;
    return { ...part, angle: ((whole + 540) % 360) - 180 };
  }
  const index = name === 'left' || name === 'right' ? 0 : 1;
  const radius = Math.min(4, Math.max(LEAST, Math.abs(dot(from, axes(part)[index]))));
  const other = even ? part.radii[1 - index] * (radius / part.radii[index]) : part.radii[1 - index];
  const radii = index ? [other, radius] : [radius, other];
  return { ...part, radii: radii.map((each) => rounded(Math.min(4, Math.max(LEAST, each)))) };
}

/** Whether a drag from one point to another is long enough to draw a gradient. */
export const isDrawn = (from, to) => length(minus(to, from)) >= DRAWN_LEAST;

/** A gradient that is drawn from one point to another. @param {boolean} even with Shift: at even angles; a circle */
export function drawn(part, from, to, size, even) {
  const along = minus(to, from);
  if (part.shape === 'linear') {
    return { ...part, start: inPhoto(from, size), end: inPhoto(add(from, even ? snapped(along, TURNS.linear) : along), size) };
  }
  const radii = even ? [length(along), length(along)] : along.map(Math.abs);
  return { ...part, centre: inPhoto(from, size), angle: 0, radii: radii.map((each) => rounded(Math.max(DRAWN_LEAST, each))) };
}

/**
 * The lines that show a gradient.
 * @returns {{points: [number, number][], soft: boolean}[]} soft: drawn by dashes, for it is no edge
 */
export function linesOf(part, size, pixel) {
  if (part.shape === 'linear') {
    const [start, end] = [part.start, part.end].map((at) => onPlane(at, size));
    const along = minus(end, start);
    const side = times([-along[1], along[0]], FAR / (length(along) || 1));
    const across = (at, soft) => ({ points: [minus(at, side), add(at, side)], soft });
    return [across(start, false), across(times(add(start, end), 0.5), true), across(end, false), { points: [start, end], soft: true }];
  }
  const centre = onPlane(part.centre, size);
  const [wide, high] = axes(part);
  const ellipse = (share) => Array.from({ length: CORNERS + 1 }, (_, i) => {
    const turn = (2 * Math.PI * i) / CORNERS;
    return add(centre, add(times(wide, share * part.radii[0] * Math.cos(turn)), times(high, share * part.radii[1] * Math.sin(turn))));
  });
  const top = minus(centre, times(high, part.radii[1]));
  const lines = [{ points: ellipse(1), soft: false }, { points: [top, minus(top, times(high, ARM * pixel))], soft: true }];
  return part.feather > 0 && part.feather < 100 ? [...lines, { points: ellipse(1 - part.feather / 100), soft: true }] : lines;
}
