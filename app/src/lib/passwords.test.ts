import { missingIn } from './passwords';

test.each([
  ['', '8 more to go.'],
  ['abc12', '3 more to go.'],
  ['abcdefgh', 'Add a digit, a capital or a sign. Or make it longer.'],
  ['ABCDEFGHIJKLMN', 'Add a digit, a capital or a sign. Or make it longer.'],
  ['abcdefg1', null],
  ['abcdefgH', null],
  ['abcdefg!', null],
  ['fourcommonwords', null],
  ['straßen7', null],
])('"%s": %s', (password, missing) => {
  expect(missingIn(password)).toBe(missing);
});
