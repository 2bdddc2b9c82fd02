// What keys are meant for.

/** Whether a key is typed into something. @param {KeyboardEvent} event */
export function isTyping({ target }) {
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || (target instanceof HTMLInputElement && !['range', 'checkbox', 'radio'].includes(target.type));
}

/** Whether a question is open that is to be answered before anything else; a photo at large is none. */
export function isAsked() {
  return [...document.querySelectorAll('dialog[open], [aria-modal=true]:not(.lightbox)')].some((dialog) => dialog.checkVisibility());
}
