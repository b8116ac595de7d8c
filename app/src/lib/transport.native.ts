import { fetch as expoFetch } from 'expo/fetch';

/** React Native's fetch holds an answer back until it ends; Expo's hands it over as it comes. */
export const streamingFetch = expoFetch;
