/** Generates the native projects into a temporary folder, so that a plugin or setting that breaks them shows at once. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const app = new URL('..', import.meta.url).pathname;
const copy = mkdtempSync(join(tmpdir(), 'codepop-prebuild-'));
const NEEDED = ['package.json', 'app.config.ts', 'env-schema.ts', 'index.js', 'assets', 'tsconfig.json', 'babel.config.js'];
const EXPECTED = ['ios/Podfile', 'ios/CodePop/Info.plist', 'android/app/src/main/AndroidManifest.xml', 'android/build.gradle'];

try {
  for (const name of NEEDED) cpSync(join(app, name), join(copy, name), { recursive: true });
  symlinkSync(join(app, 'node_modules'), join(copy, 'node_modules'));
  const expo = join(app, 'node_modules', '.bin', 'expo');
  const run = spawnSync(expo, ['prebuild', '--no-install', '--clean'], {
    cwd: copy,
    stdio: 'inherit',
    env: { ...process.env, CI: '1', EXPO_NO_GIT_STATUS: '1' },
  });
  const missing = EXPECTED.filter((file) => !existsSync(join(copy, file)));
  if (run.status !== 0 || missing.length > 0) {
    console.error(`prebuild failed (status ${run.status}); missing: ${missing.join(', ') || 'nothing'}`);
    process.exitCode = 1;
  } else console.log('Native projects for iOS and Android were generated.');
} finally {
  rmSync(copy, { recursive: true, force: true });
}
