// What a blur averages over, as a small picture of weights, and how to look at it with few texture reads. The kernels
// are those of envo/passes.py.

/** A shape that reaches so far to either side: each pixel counts by its part within. */
function shape(across, down, fine, inside) {
  const reach = [across, down].map((each) => Math.ceil(each - 0.5));
  const [width, height] = reach.map((each) => 2 * each + 1);
  const weights = new Float64Array(width * height);
  for (let i = 0; i < height * fine; i++) {
    const y = (i + 0.5) / fine - reach[1] - 0.5;
    const row = width * Math.floor(i / fine);
    for (let j = 0; j < width * fine; j++) {
      if (inside((j + 0.5) / fine - reach[0] - 0.5, y)) weights[row + Math.floor(j / fine)] += 1;
    }
  }
  return { weights, width, height };
}

/** A lens's disc: round, or of the same area with as many straight sides as there are blades. */
export function disc(radius, blades, fine) {
  radius = Math.max(radius, 0.5);
  if (blades < 5) return shape(radius, radius, fine, (x, y) => x * x + y * y <= radius * radius);
  const side = radius * Math.sqrt(Math.PI / (blades * Math.tan(Math.PI / blades))); // its distance from the centre
  const corner = side / Math.cos(Math.PI / blades);
  const turns = Array.from({ length: blades }, (_, i) => (2 * Math.PI * i) / blades);
  const sides = turns.map((turn) => [Math.sin(turn), Math.cos(turn)]);
  return shape(corner, corner, fine, (x, y) => sides.every(([a, b]) => a * x + b * y <= side));
}

/** A line one pixel wide, so many degrees anticlockwise from level. */
export function line(length, degrees, fine) {
  const half = Math.max(length, 1) / 2;
  const turn = (degrees * Math.PI) / 180;
  const [a, b] = [Math.cos(turn), -Math.sin(turn)];
  const reach = (along, across) => Math.abs(half * along) + Math.abs(across) / 2;
  return shape(reach(a, b), reach(b, a), fine,
    (x, y) => Math.abs(x * a + y * b) <= half && Math.abs(x * b - y * a) <= 0.5);
}

/** A Gaussian along the x axis, and along the y axis. */
export function bells(sigma) {
  const reach = Math.ceil(3 * sigma);
  const size = 2 * reach + 1;
  const weights = Float64Array.from({ length: size }, (_, i) => Math.exp(-0.5 * ((i - reach) / Math.max(sigma, 1e-3)) ** 2));
  return [{ weights, width: size, height: 1 }, { weights, width: 1, height: size }];
}

/** How far a kernel reaches from its middle, in pixels. */
export const reach = ({ width, height }) => (Math.max(width, height) - 1) / 2;

/**
 * A kernel as places to look at, between pixels where the GPU mixes them in the wanted proportion: a square of four
 * pixels, or a pair, is one look.
 * @returns {Float32Array} x, y, weight, 0 of each; the weights sum to one
 */
export function looks({ weights, width, height }) {
  const found = [];
  const at = (x, y) => (x < width && y < height ? weights[y * width + x] : 0);
  const total = weights.reduce((sum, each) => sum + each, 0);
  const look = (x, y, weight) => {
    if (weight > 0) found.push(x - (width - 1) / 2, y - (height - 1) / 2, weight / total, 0);
  };
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const [a, b, c, d] = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
      const sum = a + b + c + d;
      if (Math.abs(a * d - b * c) <= 1e-9 * sum * sum) {
        look(x + (b + d) / (sum || 1), y + (c + d) / (sum || 1), sum);
      } else {
        look(x + b / (a + b || 1), y, a + b);
        look(x + d / (c + d || 1), y + 1, c + d);
      }
    }
  }
  return Float32Array.from(found);
}
