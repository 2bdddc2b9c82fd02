// What was made of photos, step by step.

import { duration } from '../common/duration.js';
import { thumbnail } from '../common/renditions.js';

/** As the file is called, by the one step that was done. */
const ALONE = { negative: 'made positive', straighten: 'straightened', light: 'brightened', enlarge: 'enlarged' };

/**
 * @typedef {object} Restoration
 * @property {string} id
 * @property {import('../library/store.js').Photo} photo that was made
 * @property {string} source id of the photo that it was made of
 * @property {{id, name, engine, label: string, settings: object, said: string, seconds: number, changed: boolean}[]} steps that were done
 * @property {string[]} notes sentences to read
 * @property {boolean} invented whether some of it was made up
 * @property {number} seconds
 * @property {number} width
 * @property {number} height
 */

/** The restorations by the photo that they were made of, oldest first. Event: `change` (detail: id of the photo). */
export class Restorations extends EventTarget {
  #known = new Map();

  /** @param {string} photo id @returns {Restoration[]} */
  of(photo) {
    return this.#known.get(photo) ?? [];
  }

  find(photo, id) {
    return this.of(photo).find((restoration) => restoration.id === id);
  }

  /** Takes what the server says. */
  take(photo, restorations) {
    this.#known.set(photo, restorations);
    this.dispatchEvent(new CustomEvent('change', { detail: photo }));
  }
}

/** Address of the photo that a restoration was made of, as it lies under the restored one. */
export function beforeAddress({ id, source, photo }) {
  return `photos/${source}/restorations/${id}/before?edge=${Math.max(...photo.display)}`;
}

/** Address of what tells how much of a restored photo was made up. */
export function inventedAddress({ id, source }) {
  return `photos/${source}/restorations/${id}/invented`;
}

/** One word for what was done: who has a photo only straightened had nothing restored. @param {{id: string}[]} steps */
export function doneTo(steps) {
  return (steps.length === 1 && ALONE[steps[0].id]) || 'restored';
}

/** What the strip says of a restoration. */
export function described({ photo, steps, seconds }) {
  const done = doneTo(steps);
  const said = done[0].toUpperCase() + done.slice(1);
  const names = steps.filter(({ changed }) => changed).map(({ name }) => name).join(', ');
  return {
    title: `${said}: ${steps.map(({ name, label }) => `${name} by ${label}`).join(', ') || 'nothing needed a repair'}, ${duration(seconds)}`,
    name: said,
    lines: [names || 'nothing to repair'],
    picture: thumbnail(photo),
  };
}
