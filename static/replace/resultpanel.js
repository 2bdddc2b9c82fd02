// The panel while a result is looked at: what made it, and what can be done with it.

import { AsideTerms } from '../common/aside.js';
import { h, icon, iconButton, setChildren, tellError, terms } from '../common/dom.js';
import { duration } from '../common/duration.js';
import { ACTIONS } from './results.js';

/** What of the settings is told, in this order, and how; the rest behind an "i". */
const TOLD = { prompt: 'What', negative: 'What not' };
const MORE = { seed: 'Seed', guidance: 'Guidance', steps: 'Steps', strength: 'Strength', scheduler: 'Scheduler' };

export class ResultPanel {
  /**
   * @param {import('./results.js').Results} results
   * @param {{onBack, onKeep, onEdit, onGoOn, onAgain, onDownload, onDelete: (result) => ?Promise,
   *     onChoose: (result) => void, onFill: (step: number) => void}} events onFill: another fill of the same hole
   */
  constructor(results, events) {
    this.results = results;
    this.onChoose = events.onChoose;
    this.title = h('h2');
    this.by = h('p.result-by');
    this.note = h('p.result-note');
    this.fill = h('span', { role: 'status' });
    const step = (name, label, by) => iconButton(name, label, () => events.onFill(by));
    this.before = step('back', 'The fill before (Page up)', -1);
    this.next = step('back', 'Another fill (Page down)', 1);
    this.fills = h('div.fills', { role: 'group', 'aria-label': 'Fills', hidden: true }, this.before, this.fill, this.next);
    this.chain = h('div.chain', { role: 'group', 'aria-label': 'Made from' });
    this.settings = h('dl');
    this.made = new AsideTerms('How it was made', 'made');
    const button = (spec, name, label, title, run, meanwhile = label) => {
      const made = h(`button.${spec}`, { type: 'button', title }, icon(name), h('span', {}, label));
      made.addEventListener('click', async () => {
        made.disabled = true;
        made.lastChild.textContent = meanwhile;
        try {
          await run(this.result);
        } catch (error) {
          tellError(error);
        } finally {
          made.lastChild.textContent = label;
          made.disabled = false;
        }
      });
      return made;
    };
    this.back = h('button.back', { type: 'button', title: 'Back to the selection (Esc)', onclick: events.onBack }, icon('back'), 'Back');
    this.name = h('p.report-name');
    this.keep = button('button', 'plus', 'Keep as a photo', 'Puts it into your library again, at full size', events.onKeep, 'Keeping…');
    this.edit = button('button', 'pencil', 'Edit', 'Opens it in Edit', events.onEdit);
    this.goOn = button('button', 'forward', 'Go on from it', 'Select in this picture, and change more of it', events.onGoOn);
    this.again = button('button', 'again', 'Use its settings', 'Fills in the settings that made it', events.onAgain);
    this.download = button('primary', 'download', 'Download', 'At full size, as a PNG that tells how it was made', events.onDownload, 'Fetching…');
    this.bin = iconButton('trash', 'Delete this result', () => events.onDelete(this.result).catch(tellError));
    this.element = h('section.result-panel', { 'aria-label': 'Result', hidden: true },
      h('div.result-head', {}, this.back, h('span.space'), this.made.button, this.bin, this.made.menu),
      h('div.result-about', {}, this.title, this.by, this.fills, this.name, this.note, this.chain, this.settings),
      h('div.result-actions', {}, this.download, this.edit, this.goOn, this.again, this.keep));
  }

  /**
   * @param {?import('./results.js').Result} result null takes it off
   * @param {object[]} kinds of backgrounds
   * @param {string} filling what is said of its fills while others are made, or once there are none
   */
  show(result, kinds, filling) {
    this.result = result;
    this.element.hidden = !result;
    if (!result) return;
    const { action, label, seconds, width, height, settings, note, invert, grow, kept } = result;
    this.title.textContent = ACTIONS[action].done;
    this.by.textContent = `${width} × ${height}`;
    this.name.textContent = kept ? `In your library as “${kept.name}”.` : 'Not in your library any more.';
    this.keep.hidden = kept !== null;
    this.note.textContent = note;
    this.note.hidden = !note;
    this.#showFills(result, filling);
    this.#showChain(result);
    const rows = told(settings, TOLD);
    if (action === 'background') rows.push(...described(settings, kinds));
    rows.push(['Changed', invert ? 'everything else' : 'the selection'], ...(grow ? [['Grown', `by ${grow} pixels`]] : []));
    this.settings.replaceChildren(...terms(rows));
    this.made.show([['Engine', action === 'background' ? 'Envo' : label], ['Time', duration(seconds)], ...told(settings, MORE)]);
  }

  #showFills(result, filling) {
    const fills = this.results.fills(result);
    this.fills.hidden = fills.length < 2 && !result.masked;
    this.before.hidden = fills.length < 2;
    this.fill.textContent = fills.length < 2 ? filling || 'Try other fills' : `Fill ${fills.indexOf(result) + 1} of ${fills.length}`;
    this.next.disabled = fills.length < 2 && filling !== '';
  }

  #showChain(result) {
    const steps = this.results.chain(result);
    this.chain.hidden = steps.length < 2;
    setChildren(this.chain, [result.edit ? 'Your edit' : 'Original', ...steps].flatMap((step, index) => {
      const link = typeof step === 'string' ? h('span', {}, step)
        : h('button.link', { type: 'button', 'aria-current': step === result ? 'true' : null, onclick: () => this.onChoose(step) }, `${this.results.number(step)} ${ACTIONS[step.action].done}`);
      return index ? [h('i', {}, '›'), link] : [link];
    }));
  }
}

/** Those of some settings that are set. @param {Object<string, string>} names @returns {[string, string][]} */
function told(settings, names) {
  return Object.entries(names).filter(([id]) => !['', null, undefined].includes(settings[id])).map(([id, name]) => [name, `${settings[id]}`]);
}

/** The settings of a background, in words. */
function described(settings, kinds) {
  const kind = kinds.find(({ id }) => id === settings.kind);
  const colours = settings.colours ?? (settings.colour ? [settings.colour] : []);
  return [
    ['Background', kind?.label ?? settings.kind],
    ...(colours.length ? [['Colour', colours.join(' to ')]] : []),
    ...(kind?.controls ?? []).filter(({ id }) => id in settings).map(({ id, label, unit }) => [label, `${Number(settings[id].toFixed(2))}${unit && ` ${unit}`}`]),
  ];
}
