import type { CreationOptions, RequestOptions } from './passkey-codec';

/** The app signs in with codes of an authenticator app; passkeys belong to the web page. */
export function hasPasskeys(): boolean {
  return false;
}

export function askForPasskey(_options: RequestOptions): Promise<object | null> {
  return Promise.resolve(null);
}

export function makePasskey(_options: CreationOptions): Promise<object | null> {
  return Promise.resolve(null);
}
