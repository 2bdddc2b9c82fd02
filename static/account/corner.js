// The corner of the page's head: who is here, and the way to the dialog.

import { NEARLY_FULL, openSession } from '../common/api.js';
import { h, icon, tellError, toast } from '../common/dom.js';
import { openAccount } from './dialog.js';

const PROMISE = 'Your photos stay yours';

/** @param {HTMLElement} root @param {import('./dialog.js').Options} options */
export async function mount(root, options) {
  const label = h('span', {}, options.accounts ? '' : PROMISE);
  const button = h('button.corner-button', { type: 'button', 'aria-haspopup': 'dialog', disabled: true }, icon('person'), label);
  root.append(button);
  try {
    const session = await openSession();
    const { account } = session;
    label.textContent = account ?? (options.accounts ? 'Sign in' : PROMISE);
    button.title = account === null ? label.textContent : `Signed in as ${account}`;
    button.setAttribute('aria-label', button.title);
    button.classList.toggle('on', account !== null);
    button.onclick = () => openAccount(session, options);
    button.disabled = false;
    addEventListener(NEARLY_FULL, ({ detail }) => toast(detail, { label: 'Details', run: button.onclick }), { once: true });
  } catch (error) {
    tellError(error);
  }
}
