// A layer's mixer, grading and channel curves as tables for the shader; see envo/tables.py, where each is explained.

import { curve } from './curve.js';

/** Rows of a layer in the texture of tables. */
export const ROWS = { mixer: 0, grading: 1, curves: 2 };

const radians = (degrees) => (degrees * Math.PI) / 180;
const modulo = (x, n) => ((x % n) + n) % n;

/** A row of the texture: RGBA of the entries at x = 0 to 1. */
function table(steps, entry) {
  const row = new Float32Array(4 * (steps + 1));
  for (let i = 0; i <= steps; i++) row.set(entry(i / steps), 4 * i);
  return row;
}

/** How much of each band is in a hue, in degrees. @param {number[]} centres hues of the bands */
function bandWeights(hue, centres) {
  const weights = centres.map(() => 0);
  centres.forEach((centre, i) => {
    const following = (i + 1) % centres.length;
    const share = modulo(hue - centre, 360) / modulo(centres[following] - centre, 360);
    if (share >= 1) return;
    const rising = 0.5 - 0.5 * Math.cos(Math.PI * share);
    weights[i] += 1 - rising;
    weights[following] += rising;
  });
  return weights;
}

/** The hue in degrees at a place 0 to 1 around the square |a| + |b| = 1. */
function hueOf(place) {
  const turn = 4 * (place % 1);
  const side = Math.floor(turn);
  const along = turn - side;
  const a = [1 - along, -along, along - 1, along][side];
  const b = [along, 1 - along, -along, along - 1][side];
  return modulo((Math.atan2(b, a) * 180) / Math.PI, 360);
}

export function mixerTable(value, { bands, constants: k }) {
  const centres = Object.values(bands);
  const [hues, saturations, lightnesses] = ['hue', 'saturation', 'lightness'].map((part) =>
    Object.keys(bands).map((band) => value(`${band}_${part}`) / 100));
  return table(k.steps, (x) => {
    const weights = bandWeights(hueOf(x), centres);
    const mixed = (values) => weights.reduce((sum, weight, i) => sum + weight * values[i], 0);
    const turn = radians(k.mixer_turn) * mixed(hues);
    const strength = 1 + mixed(saturations);
    return [strength * Math.cos(turn), strength * Math.sin(turn), k.mixer_lift * mixed(lightnesses), 0];
  });
}

function smoothstep(low, high, x) {
  const t = Math.min(Math.max((x - low) / (high - low), 0), 1);
  return t * t * (3 - 2 * t);
}

export function gradingTable(value, { wheels, constants: k }) {
  const middle = 0.5 - (value('grading_balance') / 100) * k.grading_shift;
  const width = k.grading_width[0] + (k.grading_width[1] * value('grading_blending')) / 100;
  const tints = Object.keys(wheels).map((wheel) => {
    const hue = radians(value(`${wheel}_hue`));
    const chroma = (k.grading_chroma * value(`${wheel}_strength`)) / 100;
    return { wheel, add: [chroma * Math.cos(hue), chroma * Math.sin(hue), (k.grading_lift * value(`${wheel}_lightness`)) / 100] };
  });
  return table(k.steps, (x) => {
    const shadows = 1 - smoothstep(middle - k.grading_reach - width, middle - k.grading_reach + width, x);
    const highlights = smoothstep(middle + k.grading_reach - width, middle + k.grading_reach + width, x);
    const midtones = (1 - shadows) * (1 - highlights);
    const whole = shadows + midtones + highlights;
    const shares = { shadows: shadows / whole, midtones: midtones / whole, highlights: highlights / whole, all: 1 };
    const [a, b, L] = [0, 1, 2].map((i) => tints.reduce((sum, { wheel, add }) => sum + shares[wheel] * add[i], 0));
    const inner = 1 - (2 * x - 1) ** 4;
    return [inner * a, inner * b, x * (1 - x) * L, 0];
  });
}

/** @param {Object<string, [number, number][]>} curves of a layer */
export function channelTable(curves, { constants: k }) {
  const channels = ['red', 'green', 'blue'].map((name) => curve(curves[name] ?? [[0, 0], [1, 1]]));
  return table(k.steps, (x) => [...channels.map((each) => each(x)), 0]);
}
