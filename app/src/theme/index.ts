export { useBrandFont } from './fonts';
export { useMotion } from './motion';
export { useColumns, useTheme, useWide, useWindowHeight, type Theme } from './theme';
export * from './tokens';
