import type {
  Favourite, HealthNotes, LineRequest, Me, MessageChoice, MessageSettings, Preferences, Session, Tastes,
} from '@/api/types';

import { request } from './client';

/** What a signed-in person keeps with us, and what they decide about it. */

const ME = '/api/v1/me';
type Signal = { signal?: AbortSignal };

export function setName(name: string): Promise<Me> {
  return request('PATCH', ME, { body: { name } });
}

export async function listSessions({ signal }: Signal = {}): Promise<Session[]> {
  return (await request<{ sessions: Session[] }>('GET', `${ME}/sessions`, { signal })).sessions;
}

export function endSession(id: string): Promise<void> {
  return request('DELETE', `${ME}/sessions/${encodeURIComponent(id)}`);
}

export async function endOtherSessions(): Promise<Session[]> {
  return (await request<{ sessions: Session[] }>('DELETE', `${ME}/sessions`)).sessions;
}

export function getPreferences({ signal }: Signal = {}): Promise<Preferences> {
  return request('GET', `${ME}/preferences`, { signal });
}

export function setPreferences(tastes: Tastes): Promise<Preferences> {
  return request('PUT', `${ME}/preferences`, { body: tastes });
}

export function finishTutorial(): Promise<void> {
  return request('POST', `${ME}/tutorial`);
}

export function getHealthNotes({ signal }: Signal = {}): Promise<HealthNotes> {
  return request('GET', `${ME}/health`, { signal });
}

/** Only with the person's explicit yes, which the screen has asked for. */
export function setHealthNotes(notes: Pick<HealthNotes, 'allergies' | 'diets'>): Promise<HealthNotes> {
  return request('PUT', `${ME}/health`, { body: { agreed: true, ...notes } });
}

export function forgetHealthNotes(): Promise<void> {
  return request('DELETE', `${ME}/health`);
}

/** With a store, each says whether that store can make it now. */
export async function listFavourites(store: string | null, { signal }: Signal = {}): Promise<Favourite[]> {
  return (await request<{ favourites: Favourite[] }>('GET', `${ME}/favourites`, { query: { store_id: store }, signal })).favourites;
}

/** The same drink is kept once, so a repeat does no harm. */
export function keepFavourite(line: Omit<LineRequest, 'quantity'>): Promise<{ id: string }> {
  return request('POST', `${ME}/favourites`, { body: line });
}

export function renameFavourite(id: string, name: string): Promise<void> {
  return request('PATCH', `${ME}/favourites/${encodeURIComponent(id)}`, { body: { name } });
}

export function removeFavourite(id: string): Promise<void> {
  return request('DELETE', `${ME}/favourites/${encodeURIComponent(id)}`);
}

/** The orders that became the person's; others have another secret or another owner. */
export async function claimOrders(orders: readonly { id: string; token: string }[]): Promise<string[]> {
  const body = { orders: orders.map(({ id, token }) => ({ order_id: id, token })) };
  return (await request<{ claimed: string[] }>('POST', `${ME}/orders`, { body })).claimed;
}

export function getMessageSettings({ signal }: Signal = {}): Promise<MessageSettings> {
  return request('GET', `${ME}/mail`, { signal });
}

/** What is not named stays as it is. */
export function setMessageSettings(choices: MessageChoice[]): Promise<MessageSettings> {
  return request('PUT', `${ME}/mail`, { body: { choices } });
}
