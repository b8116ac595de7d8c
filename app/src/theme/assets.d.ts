declare module '*.woff2' {
  const address: string;
  export default address;
}

declare module '*.ttf' {
  import type { FontSource } from 'expo-font';

  const font: FontSource;
  export default font;
}
