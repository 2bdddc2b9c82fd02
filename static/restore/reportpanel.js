// The panel while a restored photo is looked at: what was done, by what, and what can be done with it.

import { AsideTerms } from '../common/aside.js';
import { h, icon, iconButton, tellError } from '../common/dom.js';
import { duration } from '../common/duration.js';

export class ReportPanel {
  /**
   * @param {{onBack, onEdit, onReplace, onAgain, onDownload, onDelete: (restoration) => ?Promise,
   *     onInvented: (shown: boolean) => void}} events
   */
  constructor(events) {
    this.title = h('h2', {}, 'Restored');
    this.by = h('p.result-by');
    this.name = h('p.report-name');
    this.notes = h('div');
    this.steps = h('ol.report', { 'aria-label': 'What was done' });
    this.toggle = h('button.chip', { type: 'button', 'aria-pressed': 'false', title: 'Tints what does not come from the photo (M)', onclick: () => events.onInvented(!this.showsInvented) }, icon('eye'), 'Show what was made up');
    this.legend = h('p.invented-legend', {}, h('i'), 'Not from the photo: detail that faces did not have, and what fills scratches.');
    this.invented = h('div.report-invented', {}, this.toggle, this.legend);
    this.made = new AsideTerms('How it was made', 'made');
    const button = (spec, name, label, title, run, meanwhile = label) => {
      const made = h(`button.${spec}`, { type: 'button', title }, icon(name), h('span', {}, label));
      made.addEventListener('click', async () => {
        made.disabled = true;
        made.lastChild.textContent = meanwhile;
        await Promise.resolve(run(this.restoration)).catch(tellError);
        made.lastChild.textContent = label;
        made.disabled = false;
      });
      return made;
    };
    this.element = h('section.result-panel', { 'aria-label': 'Report', hidden: true },
      h('div.result-head', {},
        h('button.back', { type: 'button', title: 'Back to the steps (Esc)', onclick: events.onBack }, icon('back'), 'Steps'),
        h('span.space'), this.made.elements, iconButton('trash', 'Delete this restored photo', () => events.onDelete(this.restoration).catch(tellError))),
      h('div.result-about', {}, this.title, this.by, this.name, this.notes, this.steps, this.invented),
      h('div.result-actions', {},
        button('primary', 'download', 'Download', 'At full size, with the metadata of the original', events.onDownload, 'Fetching…'),
        button('button', 'pencil', 'Edit', 'Opens the restored photo in Edit', events.onEdit),
        button('button', 'brush', 'Replace', 'Opens the restored photo in Replace', events.onReplace),
        button('button', 'again', 'Restore again', 'Fills in the steps that made it, to change them', events.onAgain)));
  }

  /** @param {?import('./restorations.js').Restoration} restoration null takes it off */
  show(restoration) {
    this.element.hidden = !restoration;
    if (!restoration || restoration === this.restoration) return;
    this.restoration = restoration;
    this.invented.hidden = !restoration.invented;
    this.showInvented(false);
    const { photo, seconds, width, height, steps, notes } = restoration;
    this.by.textContent = `${width} × ${height}`;
    this.made.show([...steps.map(({ name, label, seconds: each }) => [name, `${label}, ${duration(each)}`]), ['All', duration(seconds)]]);
    this.name.textContent = `In your library as “${photo.name}”.`;
    this.notes.replaceChildren(...notes.map((note) => h('p.result-note', {}, note)));
    this.steps.replaceChildren(...steps.map((step) => h('li', { 'data-step': step.id, 'data-changed': `${step.changed}` },
      icon('check'), h('div', {}, h('b', {}, step.name), h('p', {}, step.said)))));
  }

  /** Whether what was made up is tinted. */
  get showsInvented() {
    return this.toggle.getAttribute('aria-pressed') === 'true';
  }

  /** @param {boolean} shown @param {boolean} [busy] it is not there yet */
  showInvented(shown, busy = false) {
    this.toggle.setAttribute('aria-pressed', shown);
    this.toggle.setAttribute('aria-busy', busy);
    this.legend.hidden = !shown;
    if (shown) this.legend.scrollIntoView({ block: 'nearest' });
  }
}
