// The browser's own storage. Inside another site's frame browsers may refuse it, or it may be full: then what is kept
// lasts as long as the page.

const page = new Map();

export const storage = {
  /** @returns {string | null} */
  get(key) {
    return page.get(key) ?? reach((kept) => kept.getItem(key)) ?? null;
  },

  set(key, value) {
    page.delete(key);
    if (reach((kept) => { kept.setItem(key, value); return true; }) !== true) page.set(key, value);
  },

  remove(key) {
    page.delete(key);
    reach((kept) => kept.removeItem(key));
  },
};

function reach(act) {
  try {
    return act(localStorage); // naming it is what a browser refuses
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
