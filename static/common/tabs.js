// The tabs at the top of the page, which Gradio makes; the address tells which is open.

import { place } from './place.js';

const TABS = '#tabs > .tab-wrapper [role=tab]';

/** Opens the tab of this name. @param {import('./place.js').Parts} [parts] more that is another place then */
export function openTab(name, parts = {}) {
  place.go({ ...parts, tab: name.toLowerCase() });
  select(name.toLowerCase());
}

/** Waits until Gradio has made them. */
export async function drawn() {
  if (all().length) return;
  await new Promise((resolve) => {
    const watch = new MutationObserver(() => {
      if (!all().length) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(document.body, { childList: true, subtree: true });
  });
}

/** Shows the tab that the address tells of, and has the address tell which is shown. To be called once. */
export async function followTabs() {
  await drawn();
  select(place.tab);
  place.addEventListener('change', () => select(place.tab));
  const watch = new MutationObserver(() => {
    const open = all().find((tab) => tab.ariaSelected === 'true');
    if (open) place.go({ tab: nameOf(open) });
  });
  watch.observe(document.querySelector('#tabs > .tab-wrapper'), { attributeFilter: ['aria-selected'], subtree: true });
}

function select(name) {
  const tab = all().find((each) => nameOf(each) === name);
  if (tab?.ariaSelected === 'false') tab.click();
}

function all() {
  return [...document.querySelectorAll(TABS)];
}

function nameOf(tab) {
  return tab.textContent.trim().toLowerCase();
}
