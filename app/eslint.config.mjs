import hooks from 'eslint-plugin-react-hooks';
import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

import { noPrimitives } from './eslint-rules/no-primitives.mjs';

const features = readdirSync(new URL('src/features/', import.meta.url));

/** Lower layers may not import higher ones: navigation > features > components > lib > api. */
const layer = (files, forbidden, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: forbidden, message }] }] },
});

export default tseslint.config(
  { ignores: ['dist', '.bundles', 'node_modules', 'tools', 'src/api/schema.ts', 'ios', 'android', '.expo'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'react-hooks': hooks, codepop: { rules: { 'no-primitives': noPrimitives } } },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...hooks.configs['recommended-latest'].rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowNullish: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'max-lines': ['error', 400],
      'max-params': ['error', 4],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 16],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...features.map((name) =>
    layer(
      [`src/features/${name}/**`],
      ['@/features/*', `!@/features/${name}`, '../../*/**', '@/navigation/*', '!@/navigation/routes'],
      'A feature imports no other feature and no navigation: share through components or lib.',
    ),
  ),
  layer(['src/components/**'], ['@/features/*', '@/navigation/*'], 'Components know no feature.'),
  layer(['src/lib/**'], ['@/features/*', '@/components/*', '@/navigation/*', '!@/navigation/routes'], 'Libraries know no screen.'),
  layer(['src/navigation/routes.ts', 'src/api/**'], ['@/*', './*', '../*', '!./schema'], 'This file imports nothing of ours.'),
  { files: ['src/features/**/*.tsx'], rules: { 'codepop/no-primitives': 'error' } },
  {
    // The library's types mark x and y of every shape as deprecated, and rotation too, which only its own elements know.
    files: ['src/components/glass/**'],
    rules: { '@typescript-eslint/no-deprecated': 'off' },
  },
  {
    // Animated values live in refs and are read where they are drawn.
    files: ['src/components/glass/*.native.tsx'],
    rules: { 'react-hooks/refs': 'off' },
  },
  { files: ['**/*.test.{ts,tsx}'], rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' } },
);
