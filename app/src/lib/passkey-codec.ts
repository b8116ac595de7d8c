/**
 * Passkeys between JSON and the browser's buffers. Browsers have learnt to do this themselves only lately
 * (parseRequestOptionsFromJSON), so that older ones would be left out.
 */

interface Described {
  type: string;
  id: string;
  transports?: string[];
}

export interface RequestOptions {
  publicKey: { challenge: string; rpId?: string; timeout?: number; userVerification?: string; allowCredentials?: Described[] };
}

export interface CreationOptions {
  publicKey: {
    challenge: string;
    rp: { name: string; id?: string };
    user: { id: string; name: string; displayName: string };
    pubKeyCredParams: { type: string; alg: number }[];
    excludeCredentials?: Described[];
    [more: string]: unknown;
  };
}

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648, section 5, without padding. */
export function toBase64Url(buffer: ArrayBuffer): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of new Uint8Array(buffer)) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += SIGNS.charAt((held >> bits) & 63);
    }
  }
  return bits > 0 ? text + SIGNS.charAt((held << (6 - bits)) & 63) : text;
}

/** Takes both alphabets, with padding and without. Throws on anything else. */
export function fromBase64Url(text: string): ArrayBuffer {
  const clean = text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((clean.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const sign of clean) {
    const value = SIGNS.indexOf(sign);
    if (value < 0) throw new Error('This is not base64url.');
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 255;
    }
  }
  return bytes.buffer;
}

function described(list: Described[] | undefined) {
  return (list ?? []).map((one) => ({ ...one, id: fromBase64Url(one.id) }));
}

/** For navigator.credentials.get. */
export function requestOptions({ publicKey }: RequestOptions): unknown {
  return {
    ...publicKey,
    challenge: fromBase64Url(publicKey.challenge),
    allowCredentials: described(publicKey.allowCredentials),
  };
}

/** For navigator.credentials.create. */
export function creationOptions({ publicKey }: CreationOptions): unknown {
  return {
    ...publicKey,
    challenge: fromBase64Url(publicKey.challenge),
    user: { ...publicKey.user, id: fromBase64Url(publicKey.user.id) },
    excludeCredentials: described(publicKey.excludeCredentials),
  };
}

type Buffers = Record<string, ArrayBuffer | null | undefined>;
const BUFFERS = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'] as const;

interface Credential {
  id: string;
  type: string;
  rawId: ArrayBuffer;
  response: unknown;
  getClientExtensionResults: () => unknown;
}

/** What the browser gave, for the server. */
export function credentialJson(credential: Credential): object {
  const response = credential.response as Buffers;
  const given = BUFFERS.flatMap((name) => {
    const buffer = response[name];
    return buffer ? [[name, toBase64Url(buffer)] as const] : [];
  });
  return {
    id: credential.id,
    rawId: toBase64Url(credential.rawId),
    type: credential.type,
    response: Object.fromEntries(given),
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}
