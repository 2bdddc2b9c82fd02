// What a tab does, where there is no photo yet: a sentence, and before and after with a line to drag between them.

import { h } from './dom.js';

const FOLDER = new URL('../shown/', import.meta.url); // made by docs/shown.py

/**
 * @param {'edit' | 'replace' | 'restore' | 'gallery'} name
 * @param {string} sentence
 * @returns {HTMLElement}
 */
export function shown(name, sentence) {
  const picture = (which, alt) => h(`img.shown-${which}`, { src: new URL(`${name}-${which}.webp`, FOLDER).href, alt, loading: 'lazy', draggable: false });
  const line = h('input.shown-line', { type: 'range', min: 0, max: 100, value: 50, 'aria-label': 'Before and after' });
  const pictures = h('div.shown-pictures', {}, picture('before', 'Before'), picture('after', 'After'),
    h('span.tag', { 'aria-hidden': 'true' }, 'Before'), h('span.tag', { 'aria-hidden': 'true' }, 'After'), line);
  line.addEventListener('input', () => pictures.style.setProperty('--at', `${line.value}%`));
  return h('div.shown', {}, h('h2', {}, sentence), pictures);
}
