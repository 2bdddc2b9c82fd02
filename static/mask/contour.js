// The line along which a mask is a half: marching squares over the centres of its pixels.

const HALF = 127.5;

/**
 * @param {Uint8Array} mask
 * @param {number} width
 * @param {number} height
 * @returns {Path2D} in pixels of the mask
 */
export function contour(mask, width, height) {
  const path = new Path2D();
  trace(mask, width, height, (from, to) => {
    path.moveTo(...from);
    path.lineTo(...to);
  });
  return path;
}

/**
 * Goes along the line, piece by piece; outside the mask is nothing, so it closes along the mask's border.
 * @param {(from: [number, number], to: [number, number]) => void} piece in pixels of the mask
 */
export function trace(mask, width, height, piece) {
  const at = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : mask[y * width + x]);
  for (let y = -1; y < height; y += 1) {
    const above = y >= 0 ? y * width : -1;
    const below = y + 1 < height ? (y + 1) * width : -1;
    let left = (above >= 0 && mask[above] > HALF ? 1 : 0) | (below >= 0 && mask[below] > HALF ? 2 : 0);
    if (left) square(piece, 0, at(0, y), 0, at(0, y + 1), -1, y);
    for (let x = 0; x < width; x += 1) {
      const next = x + 1;
      const right = next < width ? (above >= 0 && mask[above + next] > HALF ? 1 : 0) | (below >= 0 && mask[below + next] > HALF ? 2 : 0) : 0;
      // All four corners alike: no line here.
      if (left !== right || left === 1 || left === 2) square(piece, at(x, y), at(next, y), at(x, y + 1), at(next, y + 1), x, y);
      left = right;
    }
  }
}

/** Gives the pieces of the line through the square between four pixels, whose values are given by rows. */
function square(piece, a, b, c, d, x, y) {
  const part = (from, to) => (HALF - from) / (to - from);
  const ends = [];
  // Clockwise from the top: where the line crosses a side.
  if (a > HALF !== b > HALF) ends.push([x + part(a, b), y]);
  if (b > HALF !== d > HALF) ends.push([x + 1, y + part(b, d)]);
  if (c > HALF !== d > HALF) ends.push([x + part(c, d), y + 1]);
  if (a > HALF !== c > HALF) ends.push([x, y + part(a, c)]);
  for (let i = 0; i < ends.length; i += 2) {
    piece(...[ends[i], ends[i + 1]].map(([left, top]) => [left + 0.5, top + 0.5]));
  }
}
