import { useState } from 'react';

import type { Favourite, Menu, StoreDetail } from '@/api/types';
import { describeGlass, Glass, glassFor } from '@/components/glass';
import { Badge, Box, Button, Card, IconButton, Notice, Sheet, Text, TextField } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { fillCart } from '@/lib/cart';
import { allergenName, unitPriceCents, type Catalogue } from '@/lib/drink';
import { sizeOf } from '@/lib/drink-lines';
import { list, money } from '@/lib/format';
import { useNav } from '@/lib/nav';

import { useRemove, useRename } from '../api';

interface FavouriteCardProps {
  favourite: Favourite;
  store: StoreDetail;
  menu: Menu;
  catalogue: Catalogue;
}

/** One drink: what it is, whether it can be had now, whom it may harm, and one tap to the cart. */
export function FavouriteCard({ favourite, store, menu, catalogue }: FavouriteCardProps) {
  const nav = useNav();
  const [naming, setNaming] = useState(false);
  const remove = useRemove();
  const { line, name, unavailable, warnings } = favourite;
  const size = sizeOf(line.size, menu);
  const order = () => {
    fillCart(store, [line], menu.rules.max_per_line);
    nav.go('cart');
  };
  return (
    <Card pad="md">
      <Box gap="md">
        <Box align="flex-start" gap="md" row>
          <Box align="center" fill={unavailable ? 'hush' : undefined} justify="flex-end" pad="sm" rounded="md" tile={unavailable ? undefined : 'butter'}>
            <Glass {...glassFor(line.recipe, catalogue)} label={describeGlass(name, line.recipe, catalogue)} muted={unavailable !== null} size={64} />
          </Box>
          <Box gap="xs" grow>
            <Text display level={2} size="title">
              {name}
            </Text>
            <Text numeric size="small" tone="ink2">
              {`${size.name}, ${money(unitPriceCents(line.recipe, size, catalogue), menu.currency)}`}
            </Text>
            {unavailable !== null && (
              <Text size="small" tone="warn">
                {unavailable}
              </Text>
            )}
            {warnings.length > 0 && <Badge icon="warn" kind="bad" title={`for you: ${list(warnings.map(allergenName))}`} />}
          </Box>
        </Box>
        <Box gap="sm" justify="space-between" row>
          <Box grow>
            {unavailable === null ? (
              <Button compact icon="bag" label={`Put ${name} into the cart`} onPress={order} title="Into the cart" />
            ) : (
              <Badge icon="warn" kind="warn" title="not right now" />
            )}
          </Box>
          <IconButton icon="edit" label={`Rename ${name}`} onPress={() => setNaming(true)} />
          <IconButton disabled={remove.isPending} icon="trash" label={`Remove ${name}`} onPress={() => remove.mutate(favourite.id)} />
        </Box>
        {remove.error && (
          <Notice kind="bad" title="Not removed">
            {messageOf(remove.error)}
          </Notice>
        )}
      </Box>
      {naming && <RenameSheet favourite={favourite} most={menu.rules.max_name_length} onClose={() => setNaming(false)} />}
    </Card>
  );
}

interface RenameSheetProps {
  favourite: Favourite;
  most: number;
  onClose: () => void;
}

function RenameSheet({ favourite, most, onClose }: RenameSheetProps) {
  const [name, setName] = useState(favourite.line.name ?? '');
  const rename = useRename();
  const submit = () => !rename.isPending && rename.mutate({ id: favourite.id, name }, { onSuccess: onClose });
  const atField = fieldOf(rename.error, 'name');
  return (
    <Sheet footer={<Button busy={rename.isPending} onPress={submit} title="Save" />} onClose={onClose} open title="Its name">
      <TextField
        capitals="words"
        error={atField}
        hint="Empty gives the drink its own name back."
        label="Name"
        maxLength={most}
        onChange={setName}
        onSubmit={submit}
        placeholder={favourite.name}
        value={name}
      />
      {rename.error && !atField && (
        <Notice kind="bad" title="Not saved">
          {messageOf(rename.error)}
        </Notice>
      )}
    </Sheet>
  );
}
