// Whether the page is as narrow as a phone, see the media rules of the style sheets.

const narrow = matchMedia('(max-width: 720px)');

/** Whether it is so now. */
export function isNarrow() {
  return narrow.matches;
}

/** Says when that changes. @param {() => void} onChange */
export function watchNarrow(onChange) {
  narrow.addEventListener('change', onChange);
}
