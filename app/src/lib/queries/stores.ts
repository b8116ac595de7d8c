import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';

import { getStore, listStores, type StoreSearch } from '@/lib/api';

const LIMIT = 20;

export function storesQuery(search: StoreSearch) {
  return queryOptions({
    queryKey: ['stores', search],
    queryFn: ({ signal }) => listStores({ ...search, limit: LIMIT }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
}

export function storeQuery(slug: string) {
  return queryOptions({
    queryKey: ['store', slug],
    queryFn: ({ signal }) => getStore(slug, { signal }),
    refetchInterval: 30_000,
  });
}

export function useStores(search: StoreSearch) {
  return useQuery(storesQuery(search));
}

export function useStoreDetail(slug: string) {
  return useQuery(storeQuery(slug));
}
