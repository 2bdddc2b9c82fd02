// The editor is there before Gradio is: in a page that looks like Gradio's, made of what Gradio was told. Once Gradio
// has drawn its own, the editor moves in there. Gradio's scripts take longer to be compiled than an editor to be made.

import { h } from './dom.js';
import { place } from './place.js';
import { drawn, openTab } from './tabs.js';

const TAB = 'edit';
const MODULE = 'editor/editor.js';
const ENDS = ['pointerup', 'pointercancel'];

/** @type {?{section: HTMLElement, page: HTMLElement, mounted: Promise<void>}} */
let ahead = null;
let held = false; // a pointer is down: a move would let go what it drags

/**
 * Mounts the editor in a page of its own, unless Gradio was told of none, or another tab is to be seen.
 * @param {(root: HTMLElement, part: object) => Promise<void>} mount
 * @returns {Promise<boolean>} whether it was
 */
export async function mountAhead(mount) {
  const components = window.gradio_config?.components ?? []; // who has yet to sign in is told of none
  const editor = components.find(({ props }) => props.props?.module === MODULE)?.props;
  if (!editor || place.tab !== TAB) return false;
  for (const kind of ['pointerdown', ...ENDS]) addEventListener(kind, () => { held = !ENDS.includes(kind); }, true);
  const brand = h('div.brand-ahead');
  brand.innerHTML = components.find(({ props }) => props.elem_id === 'brand').props.value;
  const work = h('div');
  work.innerHTML = editor.html_template;
  const page = h('div.ahead', {}, brand, bar(components), work);
  // It stays when the page is gone: dialogs and notes lie in the first of these.
  const version = window.gradio_config.version.replaceAll('.', '-');
  document.querySelector('gradio-app').before(h(`div.gradio-container.gradio-container-${version}.over`, {}, page));
  const section = work.querySelector('section');
  ahead = { section, page, mounted: mount(section, editor.props) };
  await ahead.mounted;
  return true;
}

function bar(components) {
  const buttons = components.filter(({ type }) => type === 'tabitem').map(({ props: { id, label } }) => (
    h(`button${id === TAB ? '.selected' : ''}`, { type: 'button', role: 'tab', 'aria-selected': String(id === TAB), onclick: () => openTab(id) }, label)));
  return h('div.tab-wrapper', {}, h('div.tab-container', { role: 'tablist' }, buttons));
}

/**
 * Moves a part that is there already to where Gradio has a place for it, as soon as nothing in it is dragged.
 * @param {HTMLElement} empty in which it would be mounted
 * @param {string} module that draws it
 * @returns {?Promise<void>} null: it is to be mounted as any other
 */
export function moveAhead(empty, module) {
  return ahead && module === MODULE ? move(empty) : null;
}

async function move(empty) {
  const { section, page, mounted } = ahead;
  await drawn();
  while (held) await Promise.race(ENDS.map((kind) => new Promise((resolve) => { addEventListener(kind, resolve, { once: true, capture: true }); })));
  const focused = document.activeElement;
  if (empty.parentElement.moveBefore) empty.parentElement.moveBefore(section, empty);
  else empty.before(section);
  if (section.contains(focused)) focused.focus({ preventScroll: true });
  empty.remove();
  page.remove();
  await mounted;
}
