// A rail of tools: small pictures with a short word, one above the other beside a panel, on a phone side by side at its
// foot. One tool is open at a time.

import { h, icon } from './dom.js';
import { roving } from './roving.js';

export class Rail {
  /**
   * @param {string} label what the tools are, for screen readers
   * @param {{name: string, picture: string, apart?: boolean, narrow?: boolean}[]} tools picture: name of an icon; apart: a
   *     line stands before it; narrow: it is there on phones alone
   * @param {(name: string) => void} onChoose
   */
  constructor(label, tools, onChoose) {
    this.onChoose = onChoose;
    this.tools = new Map(tools.map((each) => [each.name, this.#tool(each)]));
    this.element = h('div.rail', { role: 'tablist', 'aria-label': label, 'aria-orientation': 'vertical' },
      tools.flatMap(({ name, apart }) => [apart ? h('hr', { role: 'presentation' }) : null, this.tools.get(name)]));
    roving(this.element, '.tool-tab');
    this.element.addEventListener('keydown', ({ defaultPrevented }) => {
      if (defaultPrevented) this.onChoose(document.activeElement.dataset.tool); // whom an arrow key went to
    });
  }

  #tool({ name, picture, narrow }) {
    return h(`button.tool-tab${narrow ? '.narrow-only' : ''}`, { type: 'button', role: 'tab', 'data-tool': name, onclick: () => this.onChoose(name) }, icon(picture), name);
  }

  /** Marks the tool that is open. */
  show(chosen) {
    this.chosen = chosen;
    for (const [name, tool] of this.tools) tool.setAttribute('aria-selected', name === chosen);
    this.tools.get(chosen).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Marks that something was changed with a tool. */
  mark(name, isUsed) {
    this.tools.get(name).classList.toggle('used', isUsed);
  }
}
