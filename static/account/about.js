// What this app is here: which engines there are, which are not and why; memory, versions, what is kept how long.

import { request } from '../common/api.js';
import { h, terms } from '../common/dom.js';
import { size } from '../common/files.js';

/**
 * @typedef {{label: string, here: boolean, why: string, licence: string}} Told an engine
 * @typedef {{space: boolean, engines: {for: string, engines: Told[]}[], device: string, lent: boolean, memory: Record<string, number>,
 *     versions: Record<string, string>, kept: {days: ?number, bytes: ?number, trashDays: number, sentMinutes: number, restarts: boolean}}} About
 *     see tabs/work/about.py
 */

/**
 * Shows it in a dialog that is open.
 * @param {(title: string, ...parts: HTMLElement[]) => void} show
 * @param {string} title
 * @param {() => void} back
 */
export async function showAbout(show, title, back) {
  const told = h('div.about', { tabindex: 0, role: 'region', 'aria-label': title }, h('p', { role: 'status' }, 'Looking…'));
  show(title, told, h('div.ask-answers', {}, h('button.button.primary', { type: 'button', onclick: back }, 'Back')));
  try {
    told.replaceChildren(...parts(await request('GET', 'about')));
  } catch (error) {
    told.replaceChildren(h('p.account-wrong', { role: 'alert' }, error.message));
  }
}

/** @param {About} about */
function parts(about) {
  const { kept, memory } = about;
  return [
    h('h4', {}, 'What is kept'), h('dl', {}, terms(keeping(kept))),
    h('h4', {}, 'Engines'),
    h('dl', {}, terms(about.engines.map((each) => [each.for, h('ul', {}, each.engines.map(engine))]))),
    h('h4', {}, 'Machine'), h('dl', {}, terms([
      ['Networks run on', about.lent ? `${about.device}; some on a GPU that is lent for a while` : about.device],
      ['Memory', size(memory.total)],
      ['Of it for networks', memory.loaded ? `${size(memory.loaded)} in use of ${size(memory.models)}` : size(memory.models)],
      ['Of it for photos', size(memory.photos)],
    ])),
    h('h4', {}, 'Versions'), h('dl', {}, terms(Object.entries(about.versions))),
  ];
}

/** @param {About['kept']} kept */
function keeping({ days, bytes, trashDays, sentMinutes, restarts }) {
  return [
    ['Your photos', [days === null ? 'until you delete them' : `${count(days, 'day')} after your last visit`, bytes === null ? '' : `, at most ${size(bytes)}`,
      restarts ? '' : '; and no longer than until this Space restarts, for it has no disk of its own'].join('')],
    ['The trash', count(trashDays, 'day')],
    ['Sent by programs', count(sentMinutes, 'minute')],
  ];
}

/** @param {Told} told */
function engine({ label, here, why, licence }) {
  return here ? h('li', {}, label, licence ? h('small', {}, licence) : null) : h('li.away', {}, `${label}: not here`, h('small', {}, why));
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;
