// Files that leave the page, and files that come.

import { h } from './dom.js';

/** Offers a blob for download. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A photo's name with something else instead of its extension: `beside('a.jpg', '-mask.png')` is `a-mask.png`. */
export function beside(name, ending) {
  return `${name.replace(/\.[^.]*$/, '')}${ending}`;
}

/** Asks for one file. @param {string} accept what the dialog shows @param {(file: File) => void} run */
export function pickFile(accept, run) {
  const input = h('input', { type: 'file', accept });
  input.addEventListener('change', () => run(input.files[0]));
  input.click();
}

/** How large files are, as one reads it. */
export function size(bytes) {
  return bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
