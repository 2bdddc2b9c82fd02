// A rail of tools: small pictures with a short word, one above the other beside a panel, on a phone side by side at its
// foot. One tool is open at a time.

import { h, icon } from './dom.js';

export class Rail {
  /**
   * @param {string} label what the tools are, for screen readers
   * @param {{name: string, picture: string, apart?: boolean}[]} tools picture: name of an icon; apart: a line
   *     stands before it
   * @param {(name: string) => void} onChoose
   */
  constructor(label, tools, onChoose) {
    this.onChoose = onChoose;
    this.tools = new Map(tools.map(({ name, picture }) => [name, this.#tool(name, picture)]));
    this.element = h('div.rail', { role: 'tablist', 'aria-label': label, 'aria-orientation': 'vertical' },
      tools.flatMap(({ name, apart }) => [apart ? h('hr', { role: 'presentation' }) : null, this.tools.get(name)]));
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #tool(name, picture) {
    return h('button.tool-tab', { type: 'button', role: 'tab', 'data-tool': name, onclick: () => this.onChoose(name) }, icon(picture), name);
  }

  /** Marks the tool that is open. */
  show(chosen) {
    this.chosen = chosen;
    for (const [name, tool] of this.tools) {
      tool.setAttribute('aria-selected', name === chosen);
      tool.tabIndex = name === chosen ? 0 : -1;
    }
    this.tools.get(chosen).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Marks that something was changed with a tool. */
  mark(name, isUsed) {
    this.tools.get(name).classList.toggle('used', isUsed);
  }

  #onKey(event) {
    const names = [...this.tools].filter(([, tool]) => tool.checkVisibility()).map(([name]) => name);
    const at = names.indexOf(event.target.dataset.tool);
    const to = { ArrowUp: at - 1, ArrowLeft: at - 1, ArrowDown: at + 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = names.at(to % names.length);
    this.onChoose(next);
    this.tools.get(next).focus();
  }
}
