// How light that reaches above white is drawn in below it: the table that envo/shoulder.py tells of.

/** Steps of the table, even in the root of light. */
export const STEPS = 64;

/** The table of a photo that is light alone; `from_knee` in Python. @returns {{headroom: number, factors: Float32Array}} */
export function fromKnee(headroom, knee) {
  const most = 2 ** headroom;
  const slope = (most - knee) / (1 - knee);
  const factors = Float32Array.from({ length: STEPS + 1 }, (_, i) => {
    const light = most * (i / STEPS) ** 2;
    const t = (light - knee) / (most - knee);
    return light > knee ? (knee + ((1 - knee) * slope * t) / (1 + (slope - 1) * t)) / light : 1;
  });
  return { headroom, factors };
}
