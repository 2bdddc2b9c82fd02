// A question that is to be answered before anything else.

import { h } from './dom.js';

/**
 * Asks for what fields hold, or whether something is to be done.
 * @param {string} title @param {string} yes what the button says @param {HTMLElement[]} [fields]
 * @returns {Promise<boolean>}
 */
export function asked(title, yes, fields = []) {
  const form = h('form', { method: 'dialog' }, h('b', {}, title), ...fields, h('div.ask-answers', {},
    h('button.button', { type: 'button', onclick: () => dialog.close('') }, 'Cancel'), h('button.button.primary', { type: 'submit' }, yes)));
  const dialog = h('dialog.ask', { 'aria-label': title }, form);
  form.addEventListener('submit', (event) => { event.preventDefault(); dialog.close('yes'); });
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(''); });
  document.querySelector('.gradio-container').append(dialog);
  dialog.showModal();
  dialog.querySelector('input, .primary').focus();
  dialog.querySelector('input')?.select();
  return new Promise((done) => {
    dialog.addEventListener('close', () => { dialog.remove(); done(dialog.returnValue === 'yes'); });
  });
}
