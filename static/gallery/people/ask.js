// A question before something that is not easily undone by looking at it.

import { h } from '../../common/dom.js';

/**
 * @param {string} sentence
 * @param {string} about what comes of it
 * @param {string} yes what the button says that does it
 * @returns {Promise<boolean>}
 */
export function ask(sentence, about, yes) {
  const dialog = h('dialog.ask', { 'aria-label': sentence });
  const end = (answer) => dialog.close(answer);
  dialog.append(h('b', {}, sentence), h('p', {}, about), h('div.ask-answers', {},
    h('button.button', { type: 'button', onclick: () => end('') }, 'Cancel'),
    h('button.button.primary', { type: 'button', autofocus: '', onclick: () => end('yes') }, yes)));
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) end(''); });
  document.querySelector('.gradio-container').append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(dialog.returnValue === 'yes');
    });
  });
}
