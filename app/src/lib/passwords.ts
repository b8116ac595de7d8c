/** The part of the password rule that can be told while one types. The server also knows the common and the personal ones. */

const LEAST = 8;
const LONG = 15;
const KINDS = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u];

export const PASSWORD_RULE = `At least ${LEAST} signs of two kinds, such as letters and digits. Or ${LONG} of any: a few words will do.`;

/** What is still missing; null when nothing is, as far as the device can tell. */
export function missingIn(password: string): string | null {
  const length = Array.from(password).length;
  if (length < LEAST) return `${LEAST - length} more to go.`;
  const kinds = KINDS.filter((kind) => kind.test(password)).length;
  return length >= LONG || kinds >= 2 ? null : 'Add a digit, a capital or a sign. Or make it longer.';
}
