import { lazy, Suspense } from 'react';

import { getChosenStore } from '@/lib/chosen-store';

const Menu = lazy(() => import('@/features/menu/menu-screen'));
const Stores = lazy(() => import('@/features/stores/stores-screen'));

/** The first page: the menu of the store that one knows already, else the choice of stores. */
export default function HomeScreen() {
  const store = getChosenStore();
  return <Suspense>{store ? <Menu params={{ store }} /> : <Stores params={{}} />}</Suspense>;
}
