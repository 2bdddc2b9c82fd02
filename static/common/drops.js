// Files dropped on a part of the page, or pasted while it is seen.

import { tellError } from './dom.js';
import { droppedFiles } from './files.js';

/**
 * @param {HTMLElement} element gets the class `dropping` while files are held over it
 * @param {{isShown: () => boolean, onFiles: (files: File[]) => void}} options
 */
export function watchDrops(element, { isShown, onFiles }) {
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  element.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    element.classList.add('dropping');
  });
  element.addEventListener('dragleave', (event) => {
    if (!element.contains(event.relatedTarget)) element.classList.remove('dropping');
  });
  element.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    element.classList.remove('dropping');
    droppedFiles(event.dataTransfer).then(onFiles).catch(tellError);
  });
  document.addEventListener('paste', (event) => {
    if (isShown() && event.clipboardData.files.length) onFiles([...event.clipboardData.files]);
  });
}
