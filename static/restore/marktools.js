// Showing the scratches that were found, and correcting them: the tools below the step's controls.

import { h, icon, iconButton } from '../common/dom.js';
import { Slider } from '../common/slider.js';
import { HAND, TOOLS } from '../mask/tools.js';

const PAINTING = {
  brush: 'Paint over what is a scratch, too (B)',
  eraser: 'Paint over what is none (E)',
};
const SIZE = { id: 'brush-size', label: 'Size', about: 'Diameter of the brush on the screen; [ and ] change it.', minimum: 4, maximum: 200, default: 16, step: 1, digits: 0, unit: 'pixels' };

export const BRUSH_SIZE = SIZE.default;

export class MarkTools {
  /** @param {{onShow, onReset: () => void, onTool: (tool: string) => void, onSize: (size: number) => void}} events */
  constructor({ onShow, onReset, onTool, onSize }) {
    this.toggle = h('button.chip', { type: 'button', title: 'Draws them over the photo (M)', onclick: onShow }, icon('eye'), 'Show scratches');
    this.tools = Object.entries(PAINTING).map(([name, about]) => h('button.chip', {
      type: 'button', 'data-tool': name, title: about, onclick: () => onTool(this.tool === name ? HAND : name),
    }, icon(name), TOOLS[name].label));
    this.reset = iconButton('again', 'Reset to what was found', onReset);
    this.size = new Slider(SIZE, { onStart() {}, onInput: onSize });
    this.note = h('p.panel-note', { role: 'status' });
    this.more = h('div.chips', { role: 'toolbar', 'aria-label': 'Correct the scratches' }, this.tools, this.reset);
    this.element = h('div.mark-tools', {}, h('div.chips', {}, this.toggle), this.note, this.more, this.size.element);
  }

  /**
   * @param {{shown: boolean, busy: boolean, corrected: boolean, tool: string, size: number, paints: boolean}} state
   *     busy: they are being looked for
   */
  show({ shown, busy, corrected, tool, size, paints }) {
    this.tool = tool;
    this.toggle.setAttribute('aria-pressed', shown);
    this.more.hidden = !shown || busy;
    this.size.element.hidden = !shown || busy || !paints;
    this.size.show(size);
    this.reset.disabled = !corrected;
    for (const button of this.tools) button.setAttribute('aria-pressed', button.dataset.tool === tool);
    this.note.textContent = busy ? 'Looking for scratches…' : corrected ? 'What you painted counts when the photo is restored.' : '';
    this.note.hidden = !this.note.textContent;
  }
}
