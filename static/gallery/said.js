// Numbers and days in words.

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
const MOMENT = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'long' });
const NUMBER = new Intl.NumberFormat('en-GB');

/** `number(12345)` is `12,345`. */
export const number = (value) => NUMBER.format(value);

/** `many(2, 'photo')` is `2 photos`. */
export const many = (count, thing, things = `${thing}s`) => `${number(count)} ${count === 1 ? thing : things}`;

/** `percent(0.5)` is `50%`; what is below a limit, or not quite sure, does not read as if it were not. */
export const percent = (share) => `${share < 1 ? Math.min(99, Math.floor(share * 100 + 1e-6)) : 100}%`;

/** When a photo was taken, by its ISO time; it has no zone, for cameras do not tell theirs. */
export const moment = (iso) => MOMENT.format(new Date(iso));

/** @param {string} iso a day, YYYY-MM-DD */
export const day = (iso) => DAY.format(new Date(`${iso}T00:00`));

/** @param {number} month 1 to 12 */
export const month = (month) => MONTH.format(new Date(2000, month - 1, 1));
