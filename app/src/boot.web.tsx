import { createRoot } from 'react-dom/client';

import { App } from './app';
import { prefetch } from './navigation/prefetch';
import { matchAddress } from './navigation/routes';

prefetch(matchAddress(window.location.pathname + window.location.search) ?? { name: 'home', params: {} });

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
