// The server's routes, see tabs/api.py. Addresses are relative to the page, so that the app works under any path.

const root = new URL('envo/', document.baseURI);
const LOST = 'The connection was lost; please try again.';

let ticket = null;

/** What the server answered instead of a result; `message` is a sentence for the visitor. */
export class ApiError extends Error {
  constructor(status, answer) {
    super(answer.error ?? 'The server did not answer as expected; please try again.');
    this.status = status;
    this.answer = answer;
  }
}

/** Address of a route, with the page's ticket where the browser keeps no cookie. */
export function address(path) {
  const url = new URL(path, root);
  if (ticket) url.searchParams.set('ticket', ticket);
  return url.href;
}

/**
 * Learns whether the browser keeps the visitor's cookie. To be called before all else.
 * @returns {Promise<boolean>} false: the library lasts as long as this page
 */
export async function openSession() {
  const session = await request('GET', 'session');
  ticket = session.ticket;
  return session.kept;
}

/**
 * @param {string} method
 * @param {string} path below `envo/`
 * @param {object} [body] sent as JSON
 * @returns {Promise<any>} the JSON answer, null for an empty one
 * @throws {ApiError} the server refused; Error: no connection
 */
export async function request(method, path, body) {
  const response = await send(method, path, body);
  return response.status === 204 ? null : response.json();
}

/** The same for an answer that is a file. */
export async function requestBlob(method, path, body) {
  return (await requestFile(method, path, body)).blob;
}

/** The same, with what the visitor should know of the file. @returns {Promise<{blob: Blob, notes: string}>} */
export async function requestFile(method, path, body) {
  const response = await send(method, path, body);
  return { blob: await response.blob(), notes: decodeURIComponent(response.headers.get('x-envo-notes') ?? '') };
}

async function send(method, path, body) {
  // `keepalive` lets a request outlive the page; browsers take it for small bodies only, so it is not for every one.
  const options = { method, credentials: 'same-origin', keepalive: document.visibilityState === 'hidden' };
  if (body !== undefined) {
    options.headers = { 'content-type': 'application/json' };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(address(path), options).catch(() => { throw new Error(LOST); });
  if (!response.ok) throw new ApiError(response.status, await response.json().catch(() => ({})));
  return response;
}

/**
 * Sends a file as it is.
 * @param {string} path
 * @param {Blob} file
 * @param {(fraction: number) => void} onProgress
 */
export function upload(path, file, onProgress) {
  // XMLHttpRequest, because fetch tells no progress of what it sends.
  return new Promise((resolve, reject) => {
    const transfer = new XMLHttpRequest();
    transfer.open('POST', address(path));
    transfer.setRequestHeader('content-type', 'application/octet-stream');
    transfer.responseType = 'json';
    transfer.upload.onprogress = (event) => onProgress(event.loaded / Math.max(event.total, 1));
    transfer.onload = () => {
      if (transfer.status < 300) resolve(transfer.response);
      else reject(new ApiError(transfer.status, transfer.response ?? {}));
    };
    transfer.onerror = () => reject(new Error(LOST));
    transfer.send(file);
  });
}

/** Sends JSON while the page goes away; nobody hears the answer. */
export function beacon(path, body) {
  return navigator.sendBeacon(address(path), new Blob([JSON.stringify(body)], { type: 'application/json' }));
}
