import type { MessageChoice, MessageSettings } from '@/api/types';

type Category = MessageChoice['category'];

const SAID: Partial<Record<Category, { title: string; says: string }>> = {
  order_events: { title: 'Your orders', says: 'That a drink is ready, for example.' },
  news: { title: 'News', says: 'New drinks and what the season brings. Off until you want it.' },
};
const CHANNEL = { mail: 'By e-mail', in_app: 'In the app' } as const;

export interface Group {
  category: Category;
  title: string;
  says: string;
  channels: { choice: MessageChoice; title: string }[];
}

/** What a person decides about, by what it is about. */
export function groupsOf({ choices }: MessageSettings): Group[] {
  const categories = [...new Set(choices.map((choice) => choice.category))];
  return categories.flatMap((category) => {
    const said = SAID[category];
    if (!said) return [];
    const channels = choices.filter((choice) => choice.category === category);
    return [{ category, ...said, channels: channels.map((choice) => ({ choice, title: CHANNEL[choice.channel] })) }];
  });
}

export function withChoice(settings: MessageSettings, { category, channel, allowed }: MessageChoice): MessageSettings {
  return {
    ...settings,
    choices: settings.choices.map((one) => (one.category === category && one.channel === channel ? { ...one, allowed } : one)),
  };
}
