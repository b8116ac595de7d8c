import { startTransition } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app';
import { prefetch } from './navigation/prefetch';
import { matchAddress } from './navigation/routes';

const match = matchAddress(window.location.pathname + window.location.search) ?? { name: 'home' as const, params: {} };
const root = document.getElementById('root');

void prefetch(match).then(() => {
  // As a transition the first drawing gives way to what the person does meanwhile.
  if (root) startTransition(() => createRoot(root).render(<App />));
});
