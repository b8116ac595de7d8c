import type { Menu } from '@/api/types';
import { Glass, glassFor } from '@/components/glass';
import { Box, Card, Icon, IconButton, Money, Stepper, Text } from '@/components/ui';
import { setQuantity, type CartLine as Line } from '@/lib/cart';
import { unitPriceCents, type Catalogue } from '@/lib/drink';
import { lineName, sizeOf } from '@/lib/drink-lines';
import { useNav } from '@/lib/nav';

import { contentText } from '../model';

export interface CartLineProps {
  line: Line;
  slug: string;
  menu: Menu;
  catalogue: Catalogue;
  /** What keeps it from being ordered. */
  problems: readonly string[];
}

const ICE = { none: 'no ice', light: 'light ice', regular: 'regular ice', extra: 'extra ice' } as const;

function Controls({ line, slug, menu, name }: { line: Line; slug: string; menu: Menu; name: string }) {
  const nav = useNav();
  const preset = menu.drinks.find((drink) => drink.id === line.drink_id);
  const edit = () => nav.go('builder', { store: slug, drink: preset?.slug ?? 'custom', line: line.id });
  return (
    <Box gap="sm" justify="space-between" row wrap>
      <Stepper
        label={name}
        max={menu.rules.max_per_line}
        min={1}
        onChange={(quantity) => setQuantity(slug, line.id, quantity)}
        value={line.quantity}
      />
      <Box gap="sm" row>
        <IconButton icon="edit" label={`Change ${name}`} onPress={edit} />
        <IconButton icon="trash" label={`Remove ${name}`} onPress={() => setQuantity(slug, line.id, 0)} />
      </Box>
    </Box>
  );
}

function Problems({ problems }: { problems: readonly string[] }) {
  return problems.map((problem) => (
    <Box align="flex-start" gap="sm" key={problem} row>
      <Icon name="warn" size={18} tone="warn" />
      <Box grow>
        <Text size="small" tone="warn">
          {problem}
        </Text>
      </Box>
    </Box>
  ));
}

/** One drink of the cart. */
export function CartLine({ line, slug, menu, catalogue, problems }: CartLineProps) {
  const name = lineName(line, menu, catalogue);
  const size = sizeOf(line.size, menu);
  const tile = menu.drinks.find((drink) => drink.id === line.drink_id)?.tile ?? 'violet';
  return (
    <Card pad="md">
      <Box gap="md">
        <Box align="flex-start" gap="md" row>
          <Box align="center" height={92} justify="flex-end" rounded="md" style={{ paddingBottom: 4 }} tile={tile} width={84}>
            <Glass {...glassFor(line.recipe, catalogue)} label={name} size={60} />
          </Box>
          <Box grow style={{ gap: 2 }}>
            <Box align="baseline" gap="sm" justify="space-between" row>
              <Box style={{ flexShrink: 1 }}>
                <Text display level={2} style={{ fontSize: 17, lineHeight: 22 }}>
                  {name}
                </Text>
              </Box>
              <Money cents={unitPriceCents(line.recipe, size, catalogue) * line.quantity} currency={menu.currency} />
            </Box>
            <Text numeric size="tiny" tone="ink2">{`${size.name}, ${ICE[line.recipe.ice]}`}</Text>
            <Text size="tiny" tone="ink2">
              {contentText(line.recipe, catalogue)}
            </Text>
          </Box>
        </Box>
        <Problems problems={problems} />
        <Controls line={line} menu={menu} name={name} slug={slug} />
      </Box>
    </Card>
  );
}
