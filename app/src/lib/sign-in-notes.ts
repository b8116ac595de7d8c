import { createStore } from './store';

/**
 * What one screen of signing in tells the next. It lives in memory only: an address is nobody else's business, so it
 * stands in no link, no history and no storage.
 */
export interface SignInNotes {
  /** The address that the person typed, or that their link belongs to. */
  email: string;
  /** What has just been done, told where they arrive. */
  news: 'verified' | 'password-set' | 'signed-out' | null;
}

export const signInNotes = createStore<SignInNotes>({ email: '', news: null });

export function noteForSignIn(part: Partial<SignInNotes>): void {
  signInNotes.set((notes) => ({ ...notes, ...part }));
}
