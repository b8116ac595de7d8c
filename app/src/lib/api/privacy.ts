import type { Consent, MyPrivacy, PrivacyNotice } from '@/api/types';

import { confirmed } from './allauth';
import { request, requestFile } from './client';

/** A person's own data: what it may be used for, all of it in a file, and its end. */

const PATH = '/api/v1/me/privacy';
type Signal = { signal?: AbortSignal };

export function getPrivacyNotice({ signal }: Signal = {}): Promise<PrivacyNotice> {
  return request('GET', '/api/v1/privacy', { signal });
}

export function getMyPrivacy({ signal }: Signal = {}): Promise<MyPrivacy> {
  return request('GET', PATH, { signal });
}

/** `version` is that of the purpose as it was shown: a yes to an older one is refused. */
export function setConsents(decisions: Pick<Consent, 'purpose' | 'given' | 'version'>[]): Promise<MyPrivacy> {
  return request('PUT', `${PATH}/consents`, { body: { decisions } });
}

export function askForExport(): Promise<{ id: string }> {
  return request('POST', `${PATH}/exports`, { body: {} });
}

/** Throws ConfirmationNeeded when they must confirm first. */
export function getExportFile(url: string): Promise<Blob> {
  return confirmed(requestFile(url));
}

/** Throws ConfirmationNeeded when they must confirm first. */
export function askForErasure(): Promise<MyPrivacy> {
  return confirmed(request('POST', `${PATH}/erasure`, { body: { confirm: 'erase' } }));
}

export function withdrawErasure(): Promise<MyPrivacy> {
  return request('DELETE', `${PATH}/erasure`);
}
