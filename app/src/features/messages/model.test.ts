import type { MessageSettings } from '@/api/types';

import { groupsOf, withChoice } from './model';

const SETTINGS: MessageSettings = {
  email_hint: 'a•••@example.org',
  address_problem: null,
  choices: [
    { category: 'order_events', channel: 'mail', allowed: false },
    { category: 'order_events', channel: 'in_app', allowed: true },
    { category: 'news', channel: 'mail', allowed: false },
  ],
};

test('choices stand by what they are about; what nobody decides about is left out', () => {
  const always = { category: 'transaction', channel: 'mail', allowed: true } as const;
  const groups = groupsOf({ ...SETTINGS, choices: [always, ...SETTINGS.choices] });
  expect(groups.map((group) => [group.category, group.channels.length])).toEqual([['order_events', 2], ['news', 1]]);
});

test('one choice changes, the others stay', () => {
  const changed = withChoice(SETTINGS, { category: 'news', channel: 'mail', allowed: true });
  expect(changed.choices.map((one) => one.allowed)).toEqual([false, true, true]);
});
