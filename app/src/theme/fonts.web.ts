import latin from '@fontsource/bricolage-grotesque/files/bricolage-grotesque-latin-800-normal.woff2';

import { dark, light } from './tokens';

export const displayFamily = 'Bricolage Grotesque';
export const textFamily =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'DejaVu Sans', sans-serif";

/** What a stylesheet can say and inline styles can't: the face, the page behind, the focus ring, motion. */
function baseCss(fontAddress: string): string {
  return `
@font-face { font-family: '${displayFamily}'; font-style: normal; font-display: swap; font-weight: 700 800;
  src: url('${fontAddress}') format('woff2'); }
html { background: ${light.paper}; color-scheme: light dark; -webkit-text-size-adjust: 100%; }
:focus { outline: none; }
:focus-visible { outline: 3px solid ${light.ink} !important; outline-offset: 2px; }
[aria-disabled='true'] { cursor: default !important; }
[data-inset]:focus-visible { outline-offset: -3px; }
[data-frame] input:focus-visible { outline: none !important; }
[data-frame]:has(input:focus-visible) { outline: 3px solid ${light.ink}; outline-offset: 2px; }
[data-bubble] { opacity: 0.55; }
@media (prefers-color-scheme: dark) {
  html { background: ${dark.paper}; }
  :focus-visible { outline-color: ${dark.lime} !important; }
  [data-frame]:has(input:focus-visible) { outline-color: ${dark.lime}; }
}
@media (prefers-reduced-motion: no-preference) {
  [data-press] { transition: transform 120ms ease-out, background-color 120ms ease-out; }
  [data-press]:not([aria-disabled='true']):active { transform: scale(0.985); }
  [data-bubble='rise'] { animation: codepop-rise var(--rise-for, 3s) linear var(--rise-after, 0s) infinite; }
  [data-shimmer] { animation: codepop-shimmer 1.4s ease-in-out infinite alternate; }
  @keyframes codepop-rise {
    0% { transform: translateY(0); opacity: 0; } 15% { opacity: 0.6; } 85% { opacity: 0.6; }
    100% { transform: translateY(var(--rise-by, -80px)); opacity: 0; }
  }
  @keyframes codepop-shimmer { from { opacity: 1; } to { opacity: 0.55; } }
}`;
}

// A sheet made here, not a style element: the page's policy lets nobody put one in.
if (typeof document !== 'undefined') {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(baseCss(latin));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** On the web the browser swaps the face in when it arrives, so text never waits for it. */
export function useBrandFont(): boolean {
  return true;
}
