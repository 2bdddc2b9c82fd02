/** Waits. @param {number} milliseconds */
export const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

/** Waits until the browser has nothing to do, or for a while. @param {number} milliseconds at most */
export const idle = (milliseconds) => new Promise((done) => {
  if (window.requestIdleCallback) requestIdleCallback(done, { timeout: milliseconds });
  else setTimeout(done, 50);
});
