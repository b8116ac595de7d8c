import { NoLocationError, REFUSED, UNKNOWN, type Place } from './location-types';

export { NoLocationError, type Place } from './location-types';

/** Asks the browser, which asks the person. Call it only when they tapped for it. */
export function findMe(): Promise<Place> {
  return new Promise((resolve, reject) => {
    if (!('geolocation' in navigator)) {
      reject(new NoLocationError(UNKNOWN));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude }),
      (error) => reject(new NoLocationError(error.code === error.PERMISSION_DENIED ? REFUSED : UNKNOWN)),
      { enableHighAccuracy: false, timeout: 10_000, maximumAge: 120_000 },
    );
  });
}
