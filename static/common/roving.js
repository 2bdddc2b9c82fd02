// Lists that are one stop of the Tab key: the arrow keys go from item to item in them, Home and End to the ends.

const CURRENT = '[aria-current=true], [aria-selected=true], [aria-checked=true]';
const SAME_ROW = 8; // pixels that items of a row may lie apart

/**
 * Makes a list such a one. What becomes of an item by Enter or a click is its own.
 * @param {HTMLElement} list
 * @param {string} items selector of what is gone to; items may come and go
 */
export function roving(list, items) {
  let last = null;
  const all = () => [...list.querySelectorAll(items)].filter(({ hidden }) => !hidden);
  const mark = () => {
    const each = all();
    const focused = each.find((item) => item === document.activeElement);
    const stop = focused ?? each.find((item) => item.matches(CURRENT)) ?? (each.includes(last) ? last : each[0]);
    for (const item of each) {
      const tabIndex = item === stop ? 0 : -1;
      if (item.tabIndex !== tabIndex) item.tabIndex = tabIndex;
    }
  };
  new MutationObserver(mark).observe(list, { childList: true, subtree: true, attributeFilter: ['aria-current', 'aria-selected', 'aria-checked', 'hidden'] });
  list.addEventListener('focusin', ({ target }) => {
    last = target.closest(items) ?? last;
    mark();
  });
  list.addEventListener('keydown', (event) => {
    const item = event.target.closest?.(items);
    if (!item || event.target !== item || event.ctrlKey || event.metaKey || event.altKey) return;
    const seen = all().filter((each) => each.checkVisibility());
    const next = neighbour(seen, item, event.key);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  mark();
}

/** @returns {?HTMLElement} where a key leads from an item; null where it is not one of these keys */
function neighbour(items, item, key) {
  const at = items.indexOf(item);
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
  if (key === 'Home') return items[0];
  if (key === 'End') return items.at(-1);
  if (!step) return null;
  const [x, y] = middle(item);
  const isBeside = (each) => Math.abs(middle(each)[1] - y) < SAME_ROW;
  const beside = items.filter(isBeside).length;
  if (!key.endsWith('Up') && !key.endsWith('Down') || beside === 1 || beside === items.length) return items[Math.max(0, Math.min(items.length - 1, at + step))];
  // Of several rows: to the nearest in the next one.
  const beyond = items.filter((each) => !isBeside(each) && Math.sign(middle(each)[1] - y) === step);
  const row = Math.min(...beyond.map((each) => Math.abs(middle(each)[1] - y)));
  const nearest = beyond.filter((each) => Math.abs(middle(each)[1] - y) < row + SAME_ROW).sort((one, other) => Math.abs(middle(one)[0] - x) - Math.abs(middle(other)[0] - x));
  return nearest[0] ?? item;
}

function middle(item) {
  const { left, top, width, height } = item.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}
