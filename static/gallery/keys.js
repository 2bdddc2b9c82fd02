// The keys of the gallery.

import { isTyping } from '../common/keys.js';

/** What each key does, for the help. */
export const KEYS = [
  ['← → ↑ ↓', 'the next photo'], ['Shift ←', 'choose up to there'], ['Space', 'choose'], ['Ctrl A', 'choose all'], ['Esc', 'choose none, go back'],
  ['Enter', 'look at it at large'], ['0 to 5', 'stars'], ['T', 'add a tag'], ['/', 'search'], ['Ctrl Shift C', 'copy the edit'], ['Ctrl Shift V', 'paste the edit'], ['Ctrl Shift E', 'export'], ['Delete', 'delete'], ['Ctrl Z', 'undo'], ['Ctrl Shift Z', 'redo'], ['+ −', 'larger, smaller'],
  ['P', 'play all'], ['F', 'faces, when large'], ['O', 'the original of what is edited, when large'], ['I', 'what is known, when large'], ['?', 'these keys'],
];

/** Whether what has the focus does something of its own with a key. */
function isPress({ target, key }) {
  const isAct = key === 'Enter' || key === ' ';
  return (isAct && target.closest('button, summary, a')) || (key.startsWith('Arrow') && target.closest('input, [role=radiogroup]'));
}

/**
 * @param {{isShown: () => boolean, wall: import('./wall.js').Wall, lightbox: import('./lightbox.js').Lightbox,
 *     actions: {rate: (rating: number) => void, chooseAll, copy, paste, exportAs, clear, remove, tag, search, play, help: () => void}}} options
 */
export function watchKeys({ isShown, wall, lightbox, actions }) {
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const plain = {
    Enter: () => { if (wall.photo) wall.onOpen(wall.cursor); },
    ' ': () => { if (wall.photo) wall.chosen.toggle(wall.photo.id); },
    Home: (event) => wall.goTo(0, { extend: event.shiftKey }),
    End: (event) => wall.goTo(Infinity, { extend: event.shiftKey }),
    PageUp: (event) => wall.move(0, -wall.rowsSeen, { extend: event.shiftKey }),
    PageDown: (event) => wall.move(0, wall.rowsSeen, { extend: event.shiftKey }),
    Escape: actions.clear,
    '/': actions.search,
    t: actions.tag,
    p: actions.play,
    '+': () => wall.resize(1),
    '=': () => wall.resize(1),
    '-': () => wall.resize(-1),
  };
  const both = { '?': actions.help, Delete: actions.remove, Backspace: actions.remove };

  document.addEventListener('keydown', (event) => {
    if (!isShown() || isTyping(event) || isPress(event) || event.altKey || document.querySelector('.beside:not([hidden]), .menu:popover-open')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      const run = event.shiftKey ? { c: actions.copy, v: actions.paste, e: actions.exportAs }[key] : key === 'a' && !lightbox.isShown ? actions.chooseAll : null;
      if (!run) return;
      event.preventDefault();
      run();
      return;
    }
    if (/^[0-5]$/.test(key)) actions.rate(Number(key));
    else if (both[key]) both[key]();
    else if (lightbox.isShown) { if (!lightbox.onKey({ key })) return; }
    else if (arrows[key]) wall.move(...arrows[key], { extend: event.shiftKey });
    else if (plain[key]) plain[key](event);
    else return;
    event.preventDefault();
  });
}
