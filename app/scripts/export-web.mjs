/** Exports the web app into dist/ and finishes it. Tree shaking is Expo's experimental one: it saves a tenth. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const app = new URL('..', import.meta.url).pathname;
const run = spawnSync(join(app, 'node_modules', '.bin', 'expo'), ['export', '-p', 'web', '--output-dir', 'dist'], {
  cwd: app,
  stdio: 'inherit',
  env: { ...process.env, CI: '1', EXPO_UNSTABLE_TREE_SHAKING: '1', EXPO_UNSTABLE_METRO_OPTIMIZE_GRAPH: '1' },
});
if (run.status !== 0) process.exit(run.status ?? 1);
await import('./finish-web.mjs');
