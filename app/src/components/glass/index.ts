export { Glass, type GlassProps } from './glass';
export type { Cup } from './geometry';
export { describeGlass, glassFor, type GlassPicture, type IngredientsById } from './model';
