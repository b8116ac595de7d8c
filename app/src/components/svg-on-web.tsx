/**
 * The part of react-native-svg that we use, as the browser's own elements. metro.config.js puts it in the library's
 * place on the web, where the library's wrapping would cost a tenth of the first download.
 */
import { createElement, type ReactNode } from 'react';

interface Drawn {
  children?: ReactNode;
  rotation?: number | string;
  /** "x, y" that `rotation` turns around. */
  origin?: string;
  dataSet?: Record<string, string>;
  [attribute: string]: unknown;
}

function attributesOf({ rotation, origin, dataSet, children: _, ...rest }: Drawn): Record<string, unknown> {
  const data = Object.entries(dataSet ?? {}).map(([key, value]) => [`data-${key}`, value] as const);
  const turned = rotation === undefined ? {} : { transform: `rotate(${[rotation, origin].filter((part) => part !== undefined).join(', ')})` };
  return { ...rest, ...turned, ...Object.fromEntries(data) };
}

function element(name: string) {
  return function SvgElement(props: Drawn) {
    return createElement(name, attributesOf(props), props.children);
  };
}

/** Inline elements leave room for the descenders of letters below them; a picture is a block. */
export function Svg(props: Drawn) {
  return createElement('svg', { ...attributesOf(props), style: { display: 'block', flexShrink: 0 } }, props.children);
}

export const Circle = element('circle');
export const ClipPath = element('clipPath');
export const Defs = element('defs');
export const Ellipse = element('ellipse');
export const G = element('g');
export const Line = element('line');
export const LinearGradient = element('linearGradient');
export const Path = element('path');
export const Rect = element('rect');
export const Stop = element('stop');

export default Svg;
