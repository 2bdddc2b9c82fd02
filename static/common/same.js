// Whether two values of JSON say the same.

/** Fields that are undefined, and those that are not there, are the same. */
export function isSame(a, b) {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name], b[name]));
}
