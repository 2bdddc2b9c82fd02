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

/**
 * Asks for files.
 * @param {(files: File[]) => void} run
 * @param {{multiple?: boolean, accept?: ?string, webkitdirectory?: boolean}} [what] accept: what the dialog shows; none
 *     for photos, for the content decides what a file is, and phones hide RAW files behind it
 */
export function pick(run, what = { multiple: true }) {
  const input = h('input', { type: 'file', ...what });
  input.addEventListener('change', () => run([...input.files]));
  input.click();
}

/** Asks for all files of a folder. @param {(files: File[]) => void} run */
export function pickFolder(run) {
  pick((files) => run(visible(files)), { webkitdirectory: true });
}

/**
 * The files that were dropped, those in folders, too.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function droppedFiles(transfer) {
  // All are asked for at once: after the event there are none. What lies on no disk, such as a picture that a program
  // made, has no entry.
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const found = items.map((item) => { const entry = item.webkitGetAsEntry(); return entry ? filesOf(entry) : [item.getAsFile()]; });
  return visible((await Promise.all(found)).flat());
}

const paths = new WeakMap(); // of dropped files, with their folders

/** A file's path, as far as the page is told it: with the folders that were chosen or dropped. */
export function pathOf(file) {
  return paths.get(file) ?? (file.webkitRelativePath || file.name);
}

/** Those that people see, without what systems and other programs add for themselves. */
function visible(files) {
  return files.filter((file) => !/(^|\/)(\.[^/]*|__MACOSX|@eaDir)(\/|$)|(^|\/)(ehthumbs\.db|thumbs\.db|desktop\.ini|picasa\.ini|[^/]*\.aae)$/i.test(pathOf(file)));
}

async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => { entry.file(done, fail); });
    paths.set(file, entry.fullPath.replace(/^\//, ''));
    return [file];
  }
  const reader = entry.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((done, fail) => { reader.readEntries(done, fail); });
    if (!some.length) return (await Promise.all(all.map(filesOf))).flat();
    all.push(...some);
  }
}

/** How large files are, as one reads it. */
export function size(bytes) {
  if (bytes < 999_500) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
