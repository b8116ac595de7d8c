export { useBrandFont } from './fonts';
export { useMotion } from './motion';
export { useTheme, useWide, type Theme } from './theme';
export * from './tokens';
