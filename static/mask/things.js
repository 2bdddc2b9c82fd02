// The list of the objects that are selected: picture of the mask, name, what it is made of.

import { h, iconButton, setChildren } from '../common/dom.js';
import { isBlank } from './selection.js';

const THUMB = 68; // pixels; shown at half of that

export class Things {
  /** @param {{onChoose: (id) => void, onRemove: (id) => void, onNew: () => void}} events */
  constructor({ onChoose, onRemove, onNew }) {
    this.onChoose = onChoose;
    this.onRemove = onRemove;
    this.rows = h('div.things', { role: 'listbox', 'aria-label': 'Objects' });
    this.more = h('button.link', { type: 'button', title: 'Begin another object (N)', onclick: (event) => { event.preventDefault(); onNew(); } }, '+ new');
  }

  /**
   * @param {import('./selection.js').Selection} selection
   * @param {boolean} complete whether the last object is begun, so that another one can be
   */
  show(selection, complete) {
    this.more.disabled = !complete;
    const known = new Map([...this.rows.children].map((row) => [row.dataset.thing, row]));
    setChildren(this.rows, selection.things.map((thing) => this.#fill(known.get(`${thing.id}`) ?? this.#row(thing.id), thing, thing.id === selection.active)));
  }

  /** Forgets the pictures: another photo's objects come. */
  clear() {
    this.rows.replaceChildren();
  }

  /** Draws the small picture of an object's mask. */
  picture(id, mask, [width, height]) {
    const canvas = this.rows.querySelector(`[data-thing="${id}"] canvas`);
    if (!canvas || canvas.mask === mask) return;
    canvas.mask = mask;
    const context = canvas.getContext('2d');
    const image = new ImageData(THUMB, THUMB);
    const step = Math.max(width, height) / THUMB;
    const [left, top] = [(THUMB - width / step) / 2, (THUMB - height / step) / 2];
    for (let y = 0; y < THUMB; y += 1) {
      for (let x = 0; x < THUMB; x += 1) {
        const [atX, atY] = [Math.floor((x + 0.5 - left) * step), Math.floor((y + 0.5 - top) * step)];
        const value = atX < 0 || atY < 0 || atX >= width || atY >= height ? 0 : mask[atY * width + atX];
        image.data.set([value, value, value, 255], 4 * (y * THUMB + x));
      }
    }
    context.putImageData(image, 0, 0);
  }

  #row(id) {
    const row = h('div.thing', { role: 'option', tabindex: 0, 'data-thing': id },
      h('canvas', { width: THUMB, height: THUMB }), h('div.thing-name', {}, h('b'), h('small')),
      iconButton('close', 'Delete this object', (event) => { event.stopPropagation(); this.onRemove(id); }));
    row.addEventListener('click', () => this.onChoose(id));
    row.addEventListener('keydown', (event) => { if (event.target === row && event.key === 'Enter') this.onChoose(id); });
    return row;
  }

  #fill(row, thing, chosen) {
    row.classList.toggle('on', chosen);
    row.setAttribute('aria-selected', chosen);
    row.querySelector('b').textContent = thing.name;
    row.querySelector('small').textContent = summary(thing);
    row.querySelector('button').hidden = isBlank(thing);
    if (isBlank(thing)) clear(row.querySelector('canvas'));
    return row;
  }
}

/** A row is used again for another photo's object. */
function clear(canvas) {
  canvas.mask = null;
  canvas.getContext('2d').clearRect(0, 0, THUMB, THUMB);
}

/** What an object is made of, in few words. */
function summary(thing) {
  const count = (number, word) => (number ? [`${number} ${word}${number === 1 ? '' : 's'}`] : []);
  const parts = [...(thing.start ? ['mask'] : []), ...(thing.box ? ['box'] : []), ...count(thing.clicks.length, 'click'), ...count(thing.strokes.length, 'stroke')];
  return parts.join(', ') || 'click on the photo';
}
