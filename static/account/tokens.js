// The dialog's view of tokens, by which one's own programs use the library: they are made, shown once, and removed.

import { request } from '../common/api.js';
import { h, tellError } from '../common/dom.js';

/** @typedef {{id: string, name: string, write: boolean, created: string, used: ?string, secret: ?string}} Token see tabs/routes/tokens.py */

const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

/**
 * Shows it in a dialog that is open.
 * @param {(title: string, ...parts: HTMLElement[]) => void} show
 * @param {() => void} back
 */
export async function showTokens(show, back) {
  const list = h('ul.tokens', { 'aria-label': 'Your tokens' });
  const none = h('p', { role: 'status' }, 'Looking…');
  const name = h('input', { type: 'text', required: true, maxlength: 120, placeholder: 'What it is for, such as Backup', 'aria-label': 'Name' });
  const write = h('input', { type: 'checkbox' });
  const wrong = h('p.account-wrong', { role: 'alert' });
  const fresh = h('div', { 'aria-live': 'polite' });
  const form = h('form.token-form', {}, name, h('label.token-write', {}, write, 'May change things, too'), h('button.button.primary', { type: 'submit' }, 'Make a token'));

  const tell = () => { none.textContent = list.childElementCount ? '' : 'There are none yet.'; };
  const add = (token) => {
    const row = item(token, async () => {
      await request('DELETE', `tokens/${token.id}`);
      row.remove();
      tell();
    });
    list.prepend(row);
    tell();
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    wrong.textContent = '';
    try {
      const token = await request('POST', 'tokens', { name: name.value, write: write.checked });
      add(token);
      fresh.replaceChildren(...secret(token));
      form.reset();
    } catch (error) {
      wrong.textContent = error.message;
    }
  });
  const api = h('a', { href: 'api/docs', target: '_blank', rel: 'noopener' }, 'what they can do');
  show('Tokens for your programs',
    h('p', {}, 'A program that shows a token of yours reads your photos, and changes them where you let it: ', api, '.'),
    form, wrong, fresh, none, list,
    h('div.ask-answers', {}, h('button.button', { type: 'button', onclick: back }, 'Back')));
  try {
    const { tokens } = await request('GET', 'tokens');
    for (const token of tokens.reverse()) add(token);
    tell();
  } catch (error) {
    none.textContent = error.message;
  }
}

/** @param {Token} token @param {() => Promise<void>} remove */
function item({ name, write, created, used }, remove) {
  const button = h('button.button', { type: 'button', 'aria-label': `Remove ${name}` }, 'Remove');
  button.onclick = () => {
    button.disabled = true;
    remove().catch((error) => {
      button.disabled = false;
      tellError(error);
    });
  };
  const said = [write ? 'reads and changes' : 'reads', `made ${day(created)}`, used ? `last used ${day(used)}` : 'never used'].join(', ');
  return h('li', {}, h('span', {}, h('strong', {}, name), h('small', {}, said)), button);
}

/** What nobody can tell again. @param {Token} token */
function secret(token) {
  const text = h('input.token-secret', { type: 'text', readonly: true, value: token.secret, 'aria-label': `The token ${token.name}`, onfocus: () => text.select() });
  const copy = h('button.button', { type: 'button', onclick: async () => {
    await navigator.clipboard.writeText(token.secret);
    copy.textContent = 'Copied';
  } }, 'Copy');
  return [h('p', {}, 'Keep it now: it is not shown again.'), h('div.token-fresh', {}, text, navigator.clipboard ? copy : null)];
}

const day = (moment) => DAY.format(new Date(moment));
