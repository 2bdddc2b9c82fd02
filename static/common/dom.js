// Making elements, drawing icons, telling things.

/**
 * Makes an element: h('button.primary', {onclick: f, title: 'Go'}, 'Go').
 * Attributes whose name starts with "on" become listeners, functions and booleans become properties.
 * @param {string} spec tag name and classes, joined by dots
 * @returns {HTMLElement}
 */
export function h(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split('.');
  const element = document.createElement(tag);
  element.classList.add(...classes);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (typeof value === 'boolean') element[name] = value;
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// 20x20, stroked; see the `.icon` rule in app.css.
const ICONS = {
  undo: 'M8 5 4 9l4 4M4 9h8a4 4 0 0 1 0 8h-2',
  redo: 'm12 5 4 4-4 4M16 9H8a4 4 0 0 0 0 8h2',
  eye: 'M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5ZM12.4 10a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0Z',
  hidden: 'M3 3l14 14M8 5.2A9 9 0 0 1 10 5c5 0 8 5 8 5a14 14 0 0 1-2.6 3M12 14.8a9 9 0 0 1-2 .2c-5 0-8-5-8-5a14 14 0 0 1 3.4-3.6',
  split: 'M10 2v16M3 5h4v10H3zM13 5h4v10h-4z',
  plus: 'M10 4v12M4 10h12',
  trash: 'M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6',
  grid: 'M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z',
  close: 'm5 5 10 10M15 5 5 15',
  chevron: 'm6 8 4 4 4-4',
  invert: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM10 3v14M11.500 3.500v13M13 4v12M14.500 5v10M16 7v6',
  keyboard: 'M2 5h16v10H2zM5 8h.1M8 8h.1M11 8h.1M14 8h.1M6 12h8',
  pencil: 'M4 16l1-4 8-8 3 3-8 8-4 1Z',
  people: 'M10 6.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM2 16c0-3 2.5-5 5.5-5s5.5 2 5.5 5M12.5 4.3a2.5 2.5 0 0 1 0 4.400M14 11.3c2.5.5 4 2.3 4 4.7',
  add: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM10 7v6M7 10h6',
  subtract: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM7 10h6',
  brush: 'M17 3 9.5 10.5M9 10a3.2 3.2 0 0 0-4.5 2.8c0 2-1 3-2.5 3.2 3 1.5 7.5.8 8.5-2.5A3 3 0 0 0 9 10Z',
  eraser: 'M8 16h9M3.5 12.5l8-8a1.5 1.5 0 0 1 2.1 0l2.9 2.9a1.5 1.5 0 0 1 0 2.1L10 16H7l-3.5-3.5ZM8 8l5 5',
  crop: 'M6 2v12h12M2 6h12v12',
  lens: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM10 3l3.500 6M16.100 6.500H9.200M16.100 13.500l-3.500-6M10 17l-3.500-6M3.900 13.500h6.900M3.900 6.500l3.500 6',
  thirds: 'M3 3h14v14H3zM3 7.700h14M3 12.300h14M7.700 3v14M12.300 3v14',
  swap: 'M3 7h12M12 4l3 3-3 3M17 13H5M8 10l-3 3 3 3',
  level: 'M2.500 13.500 17.500 6.500M2.500 13.500h3M14.500 6.500h3',
  flip: 'M10 2v16M8 5v10H2.500ZM12 5v10h5.500Z',
  upend: 'M2 10h16M5 8h10V2.500ZM5 12h10v5.500Z',
  upload: 'M10 13V4M6 7l4-4 4 4M4 16h12',
  download: 'M10 3v9M6 9l4 4 4-4M4 16h12',
  wait: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM10 6v4l2.5 2',
  back: 'm11 5-5 5 5 5',
  forward: 'M4 10h11M11 6l4 4-4 4',
  again: 'M16 5v4h-4M15.6 9a6 6 0 1 0 .4 3',
  check: 'm4 10.5 4 4 8-9',
  left: 'M4 11a6 6 0 1 0 2-4.500M6 2.500v4h4',
  right: 'M16 11a6 6 0 1 1-2-4.500M14 2.500v4h-4',
  copy: 'M7 7h10v10H7zM13 7V3H3v10h4',
  paste: 'M7 4.500H4V17h12V4.500h-3M7 3h6v3H7zM7.500 11h5M7.500 14h3',
  many: 'M7 7h10v10H7zM3 13V3h10',
  folder: 'M2.500 5h5l2 2h8v9h-15z',
  next: 'm9 5 5 5-5 5',
  filter: 'M3 5h14M6 10h8M8.500 15h3',
  play: 'm6 4 10 6-10 6Z',
  pause: 'M7 4v12M13 4v12',
  full: 'M3 8V3h5M12 3h5v5M17 12v5h-5M8 17H3v-5',
  info: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM10 9.500v4M10 6.500v.1',
  face: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM7.500 8v.5M12.500 8v.5M7 12c1.500 2 4.500 2 6 0',
  more: 'M5.600 10a.600.600 0 1 1-1.200 0 .600.600 0 0 1 1.200 0ZM10.600 10a.600.600 0 1 1-1.200 0 .600.600 0 0 1 1.200 0ZM15.600 10a.600.600 0 1 1-1.200 0 .600.600 0 0 1 1.200 0Z',
  sun: 'M13.200 10a3.200 3.200 0 1 1-6.400 0 3.200 3.200 0 0 1 6.400 0ZM10 2v2M10 16v2M2 10h2M16 10h2M4.500 4.500l1.400 1.400M14.100 14.100l1.400 1.400M15.500 4.500l-1.400 1.400M5.900 14.100l-1.400 1.400',
  drop: 'M10 3s5 5.400 5 8.600a5 5 0 0 1-10 0C5 8.400 10 3 10 3Z',
  wand: 'M4 16 14 6M12.500 4.500l3 3M5 4v3M3.500 5.500h3M15.500 12.500v3M14 14h3',
  spark: 'M10 3c.800 4.200 2.800 6.200 7 7-4.200.800-6.200 2.800-7 7-.800-4.200-2.800-6.200-7-7 4.200-.800 6.200-2.800 7-7Z',
  prism: 'm10 3 6.500 13h-13ZM10 3v13',
  ring: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM12.600 10a2.600 2.600 0 1 1-5.200 0 2.600 2.600 0 0 1 5.200 0Z',
  curve: 'M3 3v14h14M3 14c6 0 6-9 13-9.500',
  search: 'M14 8.500a5.500 5.500 0 1 1-11 0 5.500 5.500 0 0 1 11 0ZM12.500 12.500 17 17',
  pipette: 'm11 6 3 3M9.500 7.500 4 13l-.500 3.500L7 16l5.500-5.500M9 5l6 6M11.500 7.500l2.700-2.700a1.800 1.800 0 0 1 2.500 0 1.800 1.800 0 0 1 0 2.500L14 10',
  target: 'M14 10a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM10 2v4M10 14v4M2 10h4M14 10h4',
  sliders: 'M3 6h7M14 6h3M14 6a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM3 14h3M10 14h7M10 14a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z',
  mask: 'M3 10c0-4 3-7 7-7s7 3 7 7-3 7-7 7-7-3-7-7ZM10 3c-3 4-3 10 0 14',
  pointer: 'm5 3 11 6-4.700 1.300L9 15Z',
  intersect: 'M12.500 10a4.500 4.500 0 1 1-9 0 4.500 4.500 0 0 1 9 0ZM16.500 10a4.500 4.500 0 1 1-9 0 4.500 4.500 0 0 1 9 0Z',
  linear: 'M3 3h14v14H3zM3 7h14M3 10h14M3 12.500h14M3 14.800h14',
  radial: 'M18 10a8 6 0 1 1-16 0 8 6 0 0 1 16 0ZM13 10a3 2.200 0 1 1-6 0 3 2.200 0 0 1 6 0Z',
  person: 'M13.500 6.500a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0ZM3.500 17c0-3.600 2.900-6 6.500-6s6.500 2.400 6.500 6',
  backdrop: 'M3 4h14v12H3zM3 13l4-4 3.500 3.500L13 10l4 4M13.500 7.500v.1',
};

/** @param {keyof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS(svg.namespaceURI, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** What stands in a `dl`: a row for each term and what it is. @param {[string, string][]} rows */
export function terms(rows) {
  return rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)));
}

/** Gives an element these children, unless it has them: what is put in anew loses the focus. */
export function setChildren(element, children) {
  const has = element.children.length === children.length && children.every((child, index) => element.children[index] === child);
  if (!has) element.replaceChildren(...children);
}

/** A button that shows only an icon; `label` is its name for screen readers and its tooltip. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h('button.icon-button', { type: 'button', title: label, 'aria-label': label, onclick, ...attributes }, icon(name));
}

const TOAST_MS = 7000;
const ERROR_MS = 2500; // that one error is read before the next takes its place
/** Notes that wait until an error was read. */
const awaiting = [];

/**
 * Says a sentence at the foot of the page for a while, with one thing to do about it. There is one note at a time: a
 * newer one takes the place of the last, but errors are read first. The time stands still while a note is pointed at
 * or has the focus.
 * @param {string} sentence
 * @param {{label: string, run: () => void, kind?: 'error'}} [action]
 * @returns {{remove: () => void}} the note, to be removed when it is out of date
 */
export function toast(sentence, { label, run, kind } = {}) {
  const note = h('div.toast', {}, h('span', {}, sentence));
  const remove = () => endToast(note);
  if (kind) note.classList.add(kind);
  if (label) note.append(h('button.link', { type: 'button', onclick: () => { remove(); run(); } }, label));
  note.append(iconButton('close', 'Dismiss', remove));
  for (const kept of ['pointerenter', 'focusin']) note.addEventListener(kept, () => clearTimeout(note.ends));
  for (const left of ['pointerleave', 'focusout']) note.addEventListener(left, () => showToastFor(note));
  awaiting.push(note);
  nextToast();
  return { remove };
}

function nextToast() {
  let area = document.querySelector('.toasts');
  if (!area) {
    area = h('div.toasts', { role: 'status', 'aria-live': 'polite' });
    document.querySelector('.gradio-container').append(area);
  }
  const shown = area.firstChild;
  if (!awaiting.length) return;
  if (shown?.matches('.error')) {
    if (!shown.matches(':hover, :focus-within')) showToastFor(shown);
    return;
  }
  clearTimeout(shown?.ends);
  const note = awaiting.shift();
  area.replaceChildren(note);
  note.shownAt = performance.now();
  showToastFor(note);
}

/** Ends a note once its time is over, which is short while another one waits. */
function showToastFor(note) {
  clearTimeout(note.ends);
  const over = awaiting.length ? note.shownAt + ERROR_MS - performance.now() : TOAST_MS;
  note.ends = setTimeout(() => endToast(note), over);
}

function endToast(note) {
  clearTimeout(note.ends);
  if (awaiting.includes(note)) awaiting.splice(awaiting.indexOf(note), 1);
  note.remove();
  nextToast();
}

export function tellError(error) {
  toast(error.message, { kind: 'error' });
}
