// What takes back what a lens did to a photo: which tables there are is explained in envo/lens.py, which computes the same.

/** As far as a table reaches, in distances from the lens's centre, half the photo's diagonal being 1; its entries. */
export const REACH = 1.5;
export const STEPS = 256;

const SIDE = 32; // places on each side of a picture
const SCALES = [0.25, 2];

export const UNCORRECTED = { on: false, maker: '', model: '', distortion: 100, vignetting: 100, colour: 100 };

/** Whether what an edit says of the lens changes a photo of a lens that is known. */
export const isCorrected = ({ on, distortion, vignetting, colour }) => on && Math.max(distortion, vignetting, colour) > 0;

const distance = (i) => (i * REACH) / (STEPS - 1);

/** A table between its entries; as at its ends beyond. */
function between(table, at) {
  const place = Math.min(Math.max(at / distance(1), 0), STEPS - 1);
  const first = Math.min(Math.floor(place), STEPS - 2);
  return table[first] + (place - first) * (table[first + 1] - table[first]);
}

/** A table of factors at a strength of so many percent; ones where there is none. */
const share = (table, strength) => Float64Array.from({ length: STEPS }, (_, i) => (table ? 1 + (strength / 100) * (table[i] - 1) : 1));

/**
 * What an edit takes of what is known of a lens, for a photo; null for nothing.
 * @param {?object} profile as `Profile.schema` of envo/lens.py gives it
 * @param {object} wish the document's `lens`
 * @param {[number, number]} size of the photo
 * @returns {?{centre: number[], sides: number[], table: Float64Array}} where its centre is in the photo; what photo
 *     coordinates come times, to be distances; over distances in the corrected photo, by what red, green and blue are
 *     farther from the centre in the photo, and what light there comes times, one after another
 */
export function correction(profile, wish, size) {
  if (!profile || !isCorrected(wish)) return null;
  const { centre } = profile;
  const sides = size.map((side) => (2 * side) / Math.hypot(...size));
  const bent = share(profile.distortion, wish.distortion).map((factor, i) => factor * distance(i));
  for (let i = 1; i < STEPS; i++) bent[i] = Math.max(bent[i], bent[i - 1]);
  bent.forEach((_, i) => { bent[i] += 1e-7 * distance(i); });
  const [red, blue] = [profile.red, profile.blue].map((table) => share(table, wish.colour));
  const gain = share(profile.gain, wish.vignetting);

  const scaled = (scale) => {
    const found = bent.map((_, i) => between(bent, scale * distance(i)) + Math.max(scale * distance(i) - REACH, 0) * (bent[STEPS - 1] / REACH));
    const table = new Float64Array(4 * STEPS);
    for (let i = 0; i < STEPS; i++) {
      const away = i ? found[i] / distance(i) : found[1] / distance(1);
      table.set([away * between(red, found[i]), away, away * between(blue, found[i]), between(gain, found[i])], 4 * i);
    }
    return { centre, sides, table };
  };

  if (!profile.distortion || !wish.distortion) return scaled(1);
  const whole = rim([0, 0, 1, 1]);
  const fills = (scale) => {
    const lens = scaled(scale);
    return whole.every((place) => bentBy(lens, place).every((each) => each >= 0 && each <= 1));
  };
  let [least, most] = SCALES;
  for (let i = 0; i < 40; i++) {
    const half = (least + most) / 2;
    if (fills(half)) least = half;
    else most = half;
  }
  return scaled(least);
}

/** Places along the sides of a box: left, top, right, bottom. @returns {[number, number][]} */
export function rim([left, top, right, bottom]) {
  return Array.from({ length: SIDE }, (_, i) => {
    const [x, y] = [(i / SIDE) * (right - left), (i / SIDE) * (bottom - top)];
    return [[left + x, top], [right, top + y], [right - x, bottom], [left, bottom - y]];
  }).flat();
}

const green = (table, i) => table[4 * i + 1];

/** Where in the photo a place of the corrected one lies, both 0 to 1. @param {?object} lens a correction */
export function bentBy(lens, place) {
  if (!lens) return place;
  const { centre, sides, table } = lens;
  const away = place.map((each, i) => each - centre[i]);
  const at = Math.min(Math.hypot(away[0] * sides[0], away[1] * sides[1]) / distance(1), STEPS - 1);
  const first = Math.min(Math.floor(at), STEPS - 2);
  const factor = green(table, first) + (at - first) * (green(table, first + 1) - green(table, first));
  return away.map((each, i) => centre[i] + each * factor);
}

/** Where in the corrected photo a place of the photo lies: the other way than `bentBy`. */
export function straightBy(lens, place) {
  if (!lens) return place;
  const { centre, sides, table } = lens;
  const away = place.map((each, i) => each - centre[i]);
  const bent = Math.hypot(away[0] * sides[0], away[1] * sides[1]);
  const end = (i) => distance(i) * green(table, i);
  let straight = bent / green(table, bent > end(STEPS - 1) ? STEPS - 1 : 0);
  if (bent > 0 && bent <= end(STEPS - 1)) {
    let first = 0;
    while (first < STEPS - 2 && end(first + 1) <= bent) first += 1;
    const slope = (green(table, first + 1) - green(table, first)) / distance(1);
    const b = green(table, first) + slope * distance(first);
    const c = end(first) - bent; // slope t^2 + b t + c = 0
    straight = distance(first) - (2 * c) / (b + Math.sqrt(Math.max(b * b - 4 * slope * c, 0)));
  }
  return away.map((each, i) => centre[i] + each * (bent ? straight / bent : 1));
}
