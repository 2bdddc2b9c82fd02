// The line along which a mask is a half: marching squares over the centres of its pixels.

const HALF = 127.5;

/**
 * @param {Uint8Array} mask
 * @param {number} width
 * @param {number} height
 * @returns {Path2D} in pixels of the mask; outside the mask is nothing, so the line closes along its border
 */
export function contour(mask, width, height) {
  const path = new Path2D();
  const at = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : mask[y * width + x]);
  for (let y = -1; y < height; y += 1) {
    const above = y >= 0 ? y * width : -1;
    const below = y + 1 < height ? (y + 1) * width : -1;
    let left = (above >= 0 && mask[above] > HALF ? 1 : 0) | (below >= 0 && mask[below] > HALF ? 2 : 0);
    if (left) square(path, 0, at(0, y), 0, at(0, y + 1), -1, y);
    for (let x = 0; x < width; x += 1) {
      const next = x + 1;
      const right = next < width ? (above >= 0 && mask[above + next] > HALF ? 1 : 0) | (below >= 0 && mask[below + next] > HALF ? 2 : 0) : 0;
      // All four corners alike: no line here.
      if (left !== right || left === 1 || left === 2) square(path, at(x, y), at(next, y), at(x, y + 1), at(next, y + 1), x, y);
      left = right;
    }
  }
  return path;
}

/** Draws the line through the square between four pixels, whose values are given by rows. */
function square(path, a, b, c, d, x, y) {
  const part = (from, to) => (HALF - from) / (to - from);
  const ends = [];
  // Clockwise from the top: where the line crosses a side.
  if (a > HALF !== b > HALF) ends.push([x + part(a, b), y]);
  if (b > HALF !== d > HALF) ends.push([x + 1, y + part(b, d)]);
  if (c > HALF !== d > HALF) ends.push([x + part(c, d), y + 1]);
  if (a > HALF !== c > HALF) ends.push([x, y + part(a, c)]);
  for (let i = 0; i < ends.length; i += 2) {
    path.moveTo(ends[i][0] + 0.5, ends[i][1] + 0.5);
    path.lineTo(ends[i + 1][0] + 0.5, ends[i + 1][1] + 0.5);
  }
}
