/**
 * What we promise about money back (docs/refunds.md). `POLICY` is what a bank is told in a dispute, word for word: a test
 * of the server holds the two together.
 */

export const POLICY =
  'CodePop refunds an order in full when it is cancelled before a robot starts and when our machines can’t make it. ' +
  'Faulty, wrong or missing drinks are refunded or made again by the store’s staff.';

/** The same in one sentence, for where one pays. */
export const POLICY_IN_SHORT =
  'Cancel before a robot starts and all of it goes back; a faulty, wrong or missing drink is refunded or made again.';

export interface RefundRule {
  title: string;
  text: string;
}

export const RULES: readonly RefundRule[] = [
  {
    title: 'Before a robot starts',
    text: 'Cancel on your order’s page. Everything goes back to your card at once; your bank may take a few days to show it.',
  },
  {
    title: 'If we can’t make it',
    text: 'When our machines fail and no other robot can take over, everything goes back by itself. You need not ask.',
  },
  {
    title: 'Once a robot has started',
    text: 'The order can’t be cancelled any more, and drinks that nobody fetches in time are not refunded: they were made.',
  },
  {
    title: 'Something wrong with a drink',
    text: 'The store’s staff give back that drink’s price with its tax, or have it made again for you, free of charge.',
  },
];
