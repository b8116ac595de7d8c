import { RuleTester } from 'eslint';
import { describe, it } from 'node:test';

import { noPrimitives } from './no-primitives.mjs';

RuleTester.describe = describe;
RuleTester.it = it;

const tester = new RuleTester({
  languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } }, sourceType: 'module', ecmaVersion: 2024 },
});
const errors = [{ messageId: 'primitive' }];

tester.run('no-primitives', noPrimitives, {
  valid: ["import { Box } from '@/components/ui';", 'const page = <Box />;'],
  invalid: [
    { code: "import { View } from 'react-native';", errors },
    { code: "import Svg from 'react-native-svg';", errors },
    { code: 'const page = <div />;', errors },
  ],
});
