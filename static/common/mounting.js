// When a part of the page comes to life: what is seen at once, a tab that is hidden once the one that is seen is ready.

import { mountAhead, moveAhead } from './ahead.js';
import { tellError } from './dom.js';
import { idle, pause } from './pause.js';

const IDLE_MS = 1000; // for a browser that is never idle
const AHEAD_MS = 1500; // so long Gradio waits for the editor, at most

const { then } = document.querySelector('script[data-then]').dataset; // address of Gradio's script

document.head.append(document.querySelector('template#gradios').content); // links, by which they come meanwhile

let open;
const opened = new Promise((resolve) => { open = resolve; }); // the tab that is seen can be used

/**
 * Mounts a part in its section, by the module that draws it.
 * @param {HTMLElement} root
 * @param {{script: string, module: string, options: string}} part script: address of what has the module in it; options: JSON
 */
export async function start(root, part) {
  const isTab = Boolean(root.closest('[role=tabpanel]'));
  if (isTab && !root.checkVisibility()) await Promise.race([opened.then(() => idle(IDLE_MS)), seen(root)]);
  await (moveAhead(root, part.module) ?? mount(root, part));
  if (isTab) open();
}

async function mount(root, { script, module, options }) {
  const { modules } = await import(new URL(script, document.baseURI));
  await modules[module].mount(root, JSON.parse(options));
}

function seen(element) {
  return new Promise((resolve) => {
    const watch = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(element);
  });
}

// Once the editor was seen: Gradio's scripts leave the page no time for presses while they begin.
const ahead = mountAhead(mount).catch(tellError).then((isThere) => isThere && idle(IDLE_MS));
Promise.race([ahead, pause(AHEAD_MS)]).then(() => import(new URL(then, document.baseURI)));
