// Small menus that open beside what was clicked.

import { h } from './dom.js';
import { singleKeysSwitch } from './singlekeys.js';

/** @returns {HTMLElement} a menu that is closed; it must stand somewhere in the page */
export function menu(name, title, ...children) {
  return h(`div.menu.${name}`, { popover: 'auto', role: 'group', 'aria-label': title }, h('h4', { role: 'presentation' }, title), ...children);
}

/** Opens a menu below an element, or closes it. */
export function toggleMenu(element, by) {
  element.togglePopover();
  const box = by.getBoundingClientRect();
  const below = box.bottom + 6;
  element.style.top = `${below + element.offsetHeight <= innerHeight - 8 ? below : Math.max(8, box.top - 6 - element.offsetHeight)}px`;
  element.style.left = `${Math.max(8, Math.min(box.right, innerWidth - 8) - element.offsetWidth)}px`;
}

/** A menu of keys: [key, what it does] each. */
export function shortcuts(keys) {
  const single = singleKeysSwitch();
  const element = menu('shortcuts', 'Keyboard shortcuts', keys.map(([key, what]) => h('div.shortcut', {}, h('kbd', {}, key), h('span', {}, what))), single.element);
  element.addEventListener('beforetoggle', () => single.show());
  return element;
}
