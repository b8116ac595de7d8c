import type { Menu } from '@/api/types';
import { Box, Button, IconButton } from '@/components/ui';
import { drinkCount, useLines } from '@/lib/cart';
import { catalogueOf } from '@/lib/drink';
import { linesCents } from '@/lib/drink-lines';
import { count, money } from '@/lib/format';
import { useNav } from '@/lib/nav';

export interface MenuActionsProps {
  slug: string;
  menu: Menu | undefined;
}

/** The one way on: build a drink, or, with drinks in the cart, go and pay for them. */
export function MenuActions({ slug, menu }: MenuActionsProps) {
  const nav = useNav();
  const lines = useLines(slug);
  const build = () => nav.go('builder', { store: slug, drink: 'custom' });
  if (lines.length === 0) return <Button onPress={build} title="Build my own" trailingIcon="next" />;
  const amount = drinkCount(lines);
  return (
    <Box gap="md" row>
      <IconButton icon="plus" label="Build my own" large onPress={build} />
      <Box grow>
        <Button
          onPress={() => nav.go('cart')}
          title={`Cart, ${count(amount, 'drink')}`}
          trailing={menu ? money(linesCents(lines, menu, catalogueOf(menu)), menu.currency) : undefined}
        />
      </Box>
    </Box>
  );
}
