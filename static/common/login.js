// Beside Gradio's form, where the app wants a login: why one does not succeed. Added to that page by tabs/web/logins.py.

import { h } from './dom.js';

/** Whether the browser keeps a cookie such as the login's, which it may not inside another site's page. */
function keepsCookies() {
  const kind = location.protocol === 'https:' ? 'SameSite=None; Secure; Partitioned' : 'SameSite=Lax';
  document.cookie = `envo_kept=1; ${kind}`;
  const kept = document.cookie.includes('envo_kept=1');
  document.cookie = `envo_kept=; Max-Age=0; ${kind}`;
  return kept;
}

// Of the app's style, that page has the tokens alone.
const style = 'position: fixed; z-index: 1000; inset: 12px 12px auto; padding: 12px; background: var(--raised); color: var(--text); border: 1px solid var(--accent); font: 14px/1.45 var(--font)';
const notice = h('div', { role: 'alert', hidden: true, style });
document.body.prepend(notice);

if (window.top !== window && !keepsCookies()) {
  notice.append(
    'Inside another site’s page this browser keeps no login. ',
    h('a', { href: location.href, style: 'color: var(--accent)', target: '_blank', rel: 'noopener' }, 'Open Envo in a tab of its own'),
    ', and log in there.',
  );
  notice.hidden = false;
}

// Gradio's form tells of wrong passwords alone.
const send = window.fetch;
window.fetch = async (...request) => {
  const answer = await send(...request);
  if (answer.status === 429) {
    notice.textContent = (await answer.clone().json()).detail;
    notice.hidden = false;
  }
  return answer;
};
