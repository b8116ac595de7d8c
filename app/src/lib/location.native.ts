import { Accuracy, getCurrentPositionAsync, requestForegroundPermissionsAsync } from 'expo-location';

import { NoLocationError, REFUSED, UNKNOWN, type Place } from './location-types';

export { NoLocationError, type Place } from './location-types';

/** Asks the phone, which asks the person. Call it only when they tapped for it. */
export async function findMe(): Promise<Place> {
  const permission = await requestForegroundPermissionsAsync();
  if (!permission.granted) throw new NoLocationError(REFUSED);
  try {
    const { coords } = await getCurrentPositionAsync({ accuracy: Accuracy.Balanced });
    return { lat: coords.latitude, lon: coords.longitude };
  } catch (cause) {
    throw new NoLocationError(UNKNOWN, { cause });
  }
}
