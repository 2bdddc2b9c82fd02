// The server's routes, see tabs/routes/api.py. Addresses are relative to the page, so that the app works under any path.

import { size } from './files.js';

const root = new URL('envo/', document.baseURI);
const BEACON_BYTES = 60_000; // browsers take 64 kB of all that is on its way
const LOST = 'The connection was lost; please try again.';

/** Event of the window: there is little room left for what is brought; its detail is a sentence. */
export const NEARLY_FULL = 'envo:nearly-full';

let ticket = null; // of a page whose browser keeps no cookie: who the visitor is
let view = null; // the same for addresses, which are logged: it only reads
let opened = null; // a promise of who the visitor is

/** What was answered instead of a result; `message` is a sentence for the visitor. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {?object} answer JSON of the app's; null: a proxy before it answered, or something else
   * @param {number} bytes that were sent
   */
  constructor(status, answer, bytes) {
    super(answer ? own(status, answer) : foreign(status, bytes));
    this.status = status;
    this.answer = answer ?? {};
  }
}

/** Whether an answer says no more than that there is none just now, as proxies do while the app begins anew. */
export function isAway(status) {
  return [502, 503, 504].includes(status);
}

function own(status, { error, detail, request }) {
  // A fault's number is what whoever runs the app finds it by in the log.
  if (error) return status === 500 && request ? `${error.replace(/\.$/, '')} (fault ${request}).` : error;
  return typeof detail === 'string' ? detail : 'The server did not answer as expected; please try again.';
}

/** What stands between a page and the app is a proxy as a rule, which has limits of its own and may ask for a login. */
function foreign(status, bytes) {
  if (status === 413) return `Something between this page and Envo takes no file of ${size(bytes)}; whoever runs it can allow more.`;
  if (isAway(status)) return 'Envo cannot be reached just now; please try again in a while.';
  if ([401, 403, 407].includes(status)) return 'Something between this page and Envo wants a login; please reload the page.';
  return 'Something between this page and Envo answered in its place; please reload the page.';
}

/** Address of a picture or a file, which says whose it is where the browser keeps no cookie. */
export function address(path) {
  const url = new URL(path, root);
  if (view) url.searchParams.set('view', view);
  return url.href;
}

/** Where a route is, and the header that says who asks where the browser keeps no cookie. */
const asked = (path) => [new URL(path, root).href, ticket ? { 'envo-ticket': ticket } : {}];

/**
 * Learns who the visitor is, once a page. To be called before all else.
 * @returns {Promise<{kept: boolean, account: ?string, login: boolean, days: ?number}>} kept: whether the browser keeps
 *     the visitor's cookie; where it does not, the library lasts as long as this page. account: the name of who is
 *     signed in; login: whether somebody is in another way; days: for how long after a visit is kept what others bring
 */
export function openSession() {
  opened ??= request('GET', 'session').then((session) => {
    ({ ticket, view } = session);
    return session;
  });
  return opened;
}

/**
 * @param {string} method
 * @param {string} path below `envo/`
 * @param {object} [body] sent as JSON
 * @param {AbortSignal} [signal] gives it up
 * @returns {Promise<any>} the JSON answer, null for an empty one
 * @throws {ApiError} the server refused; Error: no connection
 */
export async function request(method, path, body, signal) {
  const response = await send(method, path, body, signal);
  if (response.status === 204) return null;
  return response.json().catch(() => { throw new ApiError(response.status, null, 0); });
}

/** The same for an answer that is a file. */
export async function requestBlob(method, path, body) {
  return (await requestFile(method, path, body)).blob;
}

/**
 * The same, with what the visitor should know of the file.
 * @returns {Promise<{blob: Blob, notes: string, told: (name: string) => string}>} told: what a header says, "" where there is none
 */
export async function requestFile(method, path, body) {
  const response = await send(method, path, body);
  const told = (name) => decodeURIComponent(response.headers.get(name) ?? '');
  return { blob: await response.blob(), notes: told('x-envo-notes'), told };
}

async function send(method, path, body, signal) {
  // `keepalive` lets a request outlive the page; browsers take it for small bodies only, so it is not for every one.
  const [url, headers] = asked(path);
  const options = { method, signal, headers, credentials: 'same-origin', keepalive: document.visibilityState === 'hidden' };
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const response = await fetch(url, options).catch(() => { throw new Error(LOST); });
  if (!response.ok) {
    throw new ApiError(response.status, await response.json().catch(() => null), options.body?.length ?? 0);
  }
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
    const [url, headers] = asked(path);
    transfer.open('POST', url);
    for (const [name, value] of Object.entries(headers)) transfer.setRequestHeader(name, value);
    transfer.setRequestHeader('content-type', 'application/octet-stream');
    transfer.responseType = 'json';
    transfer.upload.onprogress = (event) => onProgress(event.loaded / Math.max(event.total, 1));
    transfer.onload = () => {
      if (transfer.status >= 300 || !transfer.response) {
        reject(new ApiError(transfer.status, transfer.response, file.size));
        return;
      }
      if (transfer.response.room) dispatchEvent(new CustomEvent(NEARLY_FULL, { detail: transfer.response.room }));
      resolve(transfer.response);
    };
    transfer.onerror = () => reject(new Error(LOST));
    transfer.send(file);
  });
}

/** Sends JSON while the page goes away; nobody hears the answer. */
export function beacon(path, body) {
  const [url, headers] = asked(path);
  const sent = new Blob([JSON.stringify(body)], { type: 'application/json' });
  if (!ticket) return navigator.sendBeacon(url, sent);
  // A beacon has no headers; this one outlives the page likewise, up to as many bytes.
  if (sent.size > BEACON_BYTES) return false;
  fetch(url, { method: 'POST', headers, body: sent, keepalive: true }).catch(() => {});
  return true;
}
