import { createRoot } from 'react-dom/client';

import { App } from './app';
import { queryClient } from './lib/query-client';
import { configQuery } from './lib/queries/config';

queryClient.query(configQuery).catch(() => undefined);

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
