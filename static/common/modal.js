// What lies over the page as a dialog: nothing else can be reached meanwhile, and the focus returns to where it was.

const STAYS = '.over, .toasts, [popover], script, style, link';

/**
 * Lets nothing but an element be reached, as long as it is seen.
 * @param {HTMLElement} element that is shown over all else
 * @returns {() => void} takes that back
 */
export function cover(element) {
  const before = document.activeElement;
  let covered = outside(element);
  const free = () => { for (const each of covered) each.inert = false; covered = []; };
  // The tab that it stands in may be left without closing it.
  const seen = new IntersectionObserver(([{ isIntersecting }]) => {
    free();
    if (isIntersecting) covered = outside(element);
  });
  seen.observe(element);
  return () => {
    seen.disconnect();
    free();
    if (before?.checkVisibility()) before.focus({ preventScroll: true });
  };
}

/** Makes all outside an element inert. @returns {HTMLElement[]} what was not so before */
function outside(element) {
  const made = [];
  for (let inner = element; inner !== document.body; inner = inner.parentElement) {
    made.push(...[...inner.parentElement.children].filter((other) => other !== inner && !other.inert && !other.matches(STAYS)));
  }
  for (const each of made) each.inert = true;
  return made;
}
