import { creationOptions, credentialJson, requestOptions, type CreationOptions, type RequestOptions } from './passkey-codec';

/** Whether this browser knows passkeys at all. They are for secure pages only. */
export function hasPasskeys(): boolean {
  return typeof window.PublicKeyCredential === 'function';
}

/** Asks the person for one of their passkeys; null when they closed the question. */
export async function askForPasskey(options: RequestOptions): Promise<object | null> {
  return ask(() => navigator.credentials.get({ publicKey: requestOptions(options) as PublicKeyCredentialRequestOptions }));
}

/** Makes a passkey on this device; null when the person closed the question. */
export async function makePasskey(options: CreationOptions): Promise<object | null> {
  return ask(() => navigator.credentials.create({ publicKey: creationOptions(options) as PublicKeyCredentialCreationOptions }));
}

async function ask(question: () => Promise<Credential | null>): Promise<object | null> {
  try {
    const credential = await question();
    return credential instanceof PublicKeyCredential ? credentialJson(credential) : null;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name === 'NotAllowedError' || error.name === 'AbortError') return null;
    throw new Error(REASON[error.name] ?? 'This device couldn’t do that with a passkey. Try another way.');
  }
}

const REASON: Partial<Record<string, string>> = {
  InvalidStateError: 'This device has a passkey for your account already.',
  SecurityError: 'Passkeys work only at CodePop’s own address, over a secure connection.',
};
