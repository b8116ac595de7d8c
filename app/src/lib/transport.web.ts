/** The browser's own fetch streams. */
export const streamingFetch: typeof fetch = (input, init) => window.fetch(input, init);
