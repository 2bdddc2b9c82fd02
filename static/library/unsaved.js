// What tabs have not sent yet of what was done to photos, for others who need it on the server.

const senders = new Set();

/** @param {() => Promise<unknown>} send sends what one tab has not sent, and waits for the answer */
export function sendsLate(send) {
  senders.add(send);
}

/** Waits until all that was done is on the server, or cannot be sent now. */
export async function allSent() {
  await Promise.all([...senders].map((send) => send()));
}
