import { useQuery } from '@tanstack/react-query';

import { getChosenStore } from '@/lib/chosen-store';

import { menuQuery } from './menu';
import { storesQuery } from './stores';

/** A menu to name ingredients by: of the store one orders from, else of the first. They are the same everywhere. */
export function useAnyMenu() {
  const chosen = getChosenStore();
  const stores = useQuery({ ...storesQuery({}), enabled: chosen === null, refetchInterval: false });
  const slug = chosen ?? stores.data?.items[0]?.slug ?? null;
  const menu = useQuery({ ...menuQuery(slug ?? ''), enabled: slug !== null });
  const asked = slug === null ? stores : menu;
  return {
    data: menu.data,
    error: asked.error,
    isFetching: asked.isFetching,
    refetch: () => void asked.refetch(),
  };
}
