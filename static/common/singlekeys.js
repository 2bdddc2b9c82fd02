// Keys that do something without Ctrl, such as "p": whoever dictates, or hits keys by accident, can do without them.

import { h } from './dom.js';
import { isTyping } from './keys.js';
import { storage } from './storage.js';

const OFF = 'envo:single-keys-off';

/** @returns {{element: HTMLElement, show: () => void}} what switches them off and on; show: brings it up to date */
export function singleKeysSwitch() {
  const box = h('input', { type: 'checkbox', onchange: () => (box.checked ? storage.remove(OFF) : storage.set(OFF, 'yes')) });
  return { element: h('label.single-keys', {}, box, 'Keys without Ctrl'), show: () => { box.checked = areOn(); } };
}

function areOn() {
  return storage.get(OFF) !== 'yes';
}

// Before any that listens for keys.
window.addEventListener('keydown', (event) => {
  const isSingle = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isSingle && !areOn() && !isTyping(event)) event.stopImmediatePropagation();
}, { capture: true });
