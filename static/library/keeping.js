// For how long is kept what a visitor brings.

/** @param {{days: ?number}} session see tabs/routes/session.py @returns {string} a sentence; "": as long as one likes, or as this page */
export function keeping({ days }) {
  return days === null ? '' : `Without an account, what you bring is kept here for ${days === 1 ? 'a day' : `${days} days`} after your last visit.`;
}
