export interface Place {
  lat: number;
  lon: number;
}

/** Where the phone is can't be known; the message says why and what to do instead. */
export class NoLocationError extends Error {
  override readonly name = 'NoLocationError';
}

export const REFUSED = 'CodePop may not see your location. Search by town or street instead.';
export const UNKNOWN = 'Your location can’t be found right now. Search by town or street instead.';
