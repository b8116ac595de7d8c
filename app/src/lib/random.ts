/** A fresh name of 32 hexadecimal digits. It only has to be unlike every other; it guards nothing. */
export function randomId(): string {
  const bytes = new Uint8Array(16);
  if ('crypto' in globalThis) globalThis.crypto.getRandomValues(bytes);
  else for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.floor(Math.random() * 256);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
