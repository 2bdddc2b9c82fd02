// The dialog of who is here: signing up, in and out, another password; and all of one's own, to download or delete.

import { address, request } from '../common/api.js';
import { h, tellError } from '../common/dom.js';
import { size } from '../common/files.js';
import { Segmented } from '../common/segmented.js';
import { pageStorage, storage } from '../common/storage.js';
import { keeping } from '../library/keeping.js';
import { library } from '../library/store.js';
import { allSent } from '../library/unsaved.js';
import { showAbout } from './about.js';
import { showTokens } from './tokens.js';

/**
 * @typedef {{accounts: boolean, minPassword: number, maxPassword: number, maxName: number, space: boolean}} Options
 * @typedef {{kept: boolean, account: ?string, login: boolean, days: ?number}} Session see tabs/routes/session.py
 * @typedef {{photos: number, trash: number, people: number, bytes: number, most: ?number}} Holdings see tabs/routes/everything.py
 */

const WAYS = { in: 'Sign in', up: 'New account' };

/** @param {Session} session @param {Options} options */
export function openAccount(session, options) {
  const dialog = h('dialog.ask.account');
  const show = (title, ...parts) => {
    dialog.setAttribute('aria-label', title);
    dialog.replaceChildren(h('b', {}, title), ...parts);
    (dialog.querySelector('input:not([hidden])') ?? dialog.querySelector('.primary, button')).focus();
  };
  const views = new Views(show, () => dialog.close(), session, options);
  // The keys of the page are not meant.
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => dialog.remove());
  document.querySelector('.gradio-container').append(dialog);
  dialog.showModal();
  views.begin();
}

class Views {
  /** @param {(title: string, ...parts: HTMLElement[]) => void} show @param {() => void} close @param {Session} session @param {Options} options */
  constructor(show, close, session, options) {
    Object.assign(this, { show, close, session, options });
  }

  begin() {
    if (this.session.account === null && this.options.accounts && this.session.kept) this.sign('in');
    else this.you();
  }

  /** @param {'in' | 'up'} way @param {string} name that was typed already */
  sign(way, name = '') {
    const { minPassword, maxName } = this.options;
    const isNew = way === 'up';
    const who = field('Name', { name: 'username', autocomplete: 'username', maxlength: maxName, autocapitalize: 'none', spellcheck: 'false', value: name });
    const word = this.#password('Password', isNew ? 'new-password' : 'current-password');
    const ways = new Segmented('Account', WAYS, (other) => { if (other !== way) this.sign(other, who.input.value); });
    ways.show(way);
    const hint = [
      isNew ? `A password has ${minPassword} characters or more. Nobody can tell it to you again.` : null,
      library.count ? `The ${library.count === 1 ? 'photo that you have here comes' : `${library.count} photos that you have here come`} along.` : null,
    ].filter(Boolean).join(' ');
    const form = this.#form(isNew ? 'Create the account' : 'Sign in', [ways.element, who.element, word.element, hint ? h('p', {}, hint) : null],
      () => request('POST', `account/sign-${way}`, { name: who.input.value, password: word.input.value }), () => location.reload());
    this.show(isNew ? 'New account' : 'Sign in', form, this.#everything());
  }

  /** Who is here, and cannot, or need not, sign in. */
  you() {
    const { account, login, kept } = this.session;
    const parts = [];
    if (account !== null) {
      const out = h('button.button', { type: 'button', onclick: () => this.#leave(out) }, 'Sign out');
      parts.push(h('p', {}, 'Signed in as ', h('strong', {}, account), '.'),
        h('div.account-deeds', {}, h('button.button', { type: 'button', onclick: () => this.password() }, 'Change password…'), out));
    } else if (!kept) {
      parts.push(h('p', {}, 'Inside another site’s page this browser keeps no cookie, so your photos last only as long as this page, and nobody stays signed in. ',
        h('a', { href: location.href, target: '_blank', rel: 'noopener' }, 'Open Envo in a tab of its own')));
    } else if (!login) {
      parts.push(h('p', {}, 'What you bring is seen in this browser alone.'));
    }
    const here = this.options.space ? 'About this Space' : 'About this app';
    const back = () => this.you();
    this.show(account === null ? 'Your photos stay yours' : 'Your account', ...parts, this.#everything(),
      h('div.ask-answers', {},
        h('span.account-more', {},
          h('button.button', { type: 'button', onclick: () => showAbout(this.show, here, back) }, here),
          kept ? h('button.button', { type: 'button', onclick: () => showTokens(this.show, back) }, 'Tokens…') : null),
        h('button.button.primary', { type: 'button', onclick: this.close }, 'Done')));
  }

  password() {
    const now = this.#password('Current password', 'current-password');
    const fresh = this.#password('New password', 'new-password');
    const form = this.#form('Change password', [this.#name(), now.element, fresh.element, h('p', {}, `It has ${this.options.minPassword} characters or more. Other browsers are signed out.`)],
      () => request('POST', 'account/password', { password: now.input.value, fresh: fresh.input.value }), () => location.reload());
    this.show('Change password', form);
  }

  /** @param {Holdings} there */
  delete(there) {
    const { account } = this.session;
    const word = account === null ? null : this.#password('Password', 'current-password');
    const all = account === null ? 'presets and settings' : 'presets, settings and your account';
    const form = this.#form('Delete everything', [h('p', {}, `For good, without a way back: ${said(there)}, edits, masks, results, tags, ${all}.`), ...(word ? [this.#name(), word.element] : [])],
      () => request('POST', 'everything/delete', word ? { password: word.input.value } : {}), beginAnew, 'danger');
    this.show('Delete everything of yours?', form);
  }

  /** How much there is, and how to have it or be rid of it. */
  #everything() {
    const told = h('p', { role: 'status' });
    let there = null;
    const remove = h('button.button', { type: 'button', disabled: true, onclick: () => this.delete(there) }, 'Delete everything…');
    const take = async () => {
      await allSent();
      h('a', { href: address('everything/zip'), download: '' }).click();
    };
    request('GET', 'everything').then((holdings) => {
      there = holdings;
      const { bytes, most } = holdings;
      told.textContent = `${said(holdings)}${bytes ? `, ${size(bytes)}` : ''}${most === null ? '' : ` of ${size(most)}`}. ${keeping(this.session)}`;
      remove.disabled = false;
    }, (error) => { told.textContent = error.message; });
    return h('div.account-everything', {}, h('h4', {}, 'Everything of yours'), told,
      h('div.account-deeds', {}, h('button.button', { type: 'button', title: 'A zip of photos as they came, masks, results, LUTs, and all else as JSON', onclick: () => take().catch(tellError) }, 'Download everything'), remove));
  }

  #password(label, autocomplete) {
    const attributes = { type: 'password', name: autocomplete, autocomplete, maxlength: this.options.maxPassword };
    if (autocomplete === 'new-password') attributes.minlength = this.options.minPassword;
    return field(label, attributes);
  }

  /** For what keeps passwords in the browser. */
  #name() {
    return h('input', { type: 'text', name: 'username', autocomplete: 'username', value: this.session.account, hidden: true });
  }

  /** A form that does something of the server's; what is wrong stands in it. @param {string} kind of its button */
  #form(yes, fields, send, done, kind = 'primary') {
    const wrong = h('p.account-wrong', { role: 'alert' });
    const button = h(`button.button.${kind}`, { type: 'submit' }, yes);
    const cancel = h('button.button', { type: 'button', onclick: this.close }, 'Cancel');
    const form = h('form', {}, fields, wrong, h('div.ask-answers', {}, cancel, button));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      button.disabled = true;
      wrong.textContent = '';
      try {
        await allSent(); // while it is still known whose it is
        await send();
        done();
      } catch (error) {
        wrong.textContent = error.message;
        button.disabled = false;
        form.querySelector('[type=password]')?.select();
      }
    });
    return form;
  }

  async #leave(button) {
    button.disabled = true;
    try {
      await allSent();
      await request('POST', 'account/sign-out');
      beginAnew();
    } catch (error) {
      button.after(h('p.account-wrong', { role: 'alert' }, error.message));
      button.disabled = false;
    }
  }
}

function field(label, attributes) {
  const input = h('input', { type: 'text', required: true, ...attributes });
  return { input, element: h('label.account-field', {}, h('span', {}, label), input) };
}

/** @param {Holdings} there */
function said({ photos, trash, people }) {
  const counted = [[photos, 'photo', 'photos'], [people, 'person', 'people']].filter(([count], at) => count || !at).map(([count, one, many]) => `${count} ${count === 1 ? one : many}`);
  return [...counted, trash ? `${trash} in the trash` : null].filter(Boolean).join(', ');
}

/** Opens the page anew for somebody else, who finds nothing of what was done here. */
function beginAnew() {
  const clear = () => { storage.clear(); pageStorage.clear(); };
  addEventListener('pagehide', clear); // after the others, which keep it then
  document.addEventListener('visibilitychange', clear);
  location.replace(location.pathname + location.search);
}
