// A curve through points, monotone between them; see `curve_at` in envo/curves.py.

/**
 * The curve as a function of x: level beyond its ends.
 * @param {[number, number][]} points x ascending, both in 0 to 1, two at least
 * @returns {(x: number) => number}
 */
export function curve(points) {
  const last = points.length - 1;
  const widths = points.slice(1).map(([x], i) => x - points[i][0]);
  const slopes = widths.map((width, i) => (points[i + 1][1] - points[i][1]) / width);
  const tangents = points.map((_, i) => {
    if (i === 0 || i === last) return slopes[i === 0 ? 0 : last - 1];
    const [left, right] = [slopes[i - 1], slopes[i]];
    const mean = (left * widths[i] + right * widths[i - 1]) / (widths[i - 1] + widths[i]);
    return (Math.sign(left) + Math.sign(right)) * Math.min(Math.abs(left), Math.abs(right), Math.abs(mean) / 2);
  });
  return (x) => {
    const at = Math.min(Math.max(x, points[0][0]), points[last][0]);
    let i = 0;
    while (i < last - 1 && at >= points[i + 1][0]) i += 1;
    const u = (at - points[i][0]) / widths[i];
    const bend = (1 - u) * (tangents[i] - slopes[i]) - u * (tangents[i + 1] - slopes[i]);
    return points[i][1] + u * (points[i + 1][1] - points[i][1]) + u * (1 - u) * widths[i] * bend;
  };
}
