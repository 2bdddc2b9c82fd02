// 3x3 matrices as arrays of three rows; vectors as arrays of three.

/** Matrix times vector. */
export const apply = (m, v) => m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);

export const transpose = (m) => [0, 1, 2].map((i) => m.map((row) => row[i]));

/** The product a b: b is applied first. */
export const multiply = (a, b) => transpose(transpose(b).map((column) => apply(a, column)));

export const diagonal = ([x, y, z]) => [[x, 0, 0], [0, y, 0], [0, 0, z]];

export const scale = (m, factor) => m.map((row) => row.map((x) => x * factor));

/** The inverse, by cofactors. */
export function invert(m) {
  const cofactor = (r, c) => {
    const [a, b] = [(r + 1) % 3, (r + 2) % 3];
    const [d, e] = [(c + 1) % 3, (c + 2) % 3];
    return m[a][d] * m[b][e] - m[a][e] * m[b][d];
  };
  const determinant = [0, 1, 2].reduce((sum, c) => sum + m[0][c] * cofactor(0, c), 0);
  return [0, 1, 2].map((r) => [0, 1, 2].map((c) => cofactor(c, r) / determinant));
}
