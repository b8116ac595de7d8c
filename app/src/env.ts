/** Build-time settings. Metro writes the EXPO_PUBLIC_ values into the bundle; app.config.ts has checked them before. */

/** Origin of the CodePop server; empty on the web, where the page comes from it. */
export const apiOrigin: string = (process.env.EXPO_PUBLIC_API_ORIGIN ?? '').replace(/\/$/, '');

/** Origin that order links carry; the same as the server's unless a site of its own shows the app. */
export const siteOrigin: string = (process.env.EXPO_PUBLIC_SITE_ORIGIN ?? apiOrigin).replace(/\/$/, '');
