import MenuScreen from '@/features/menu/menu-screen';
import StoresScreen from '@/features/stores/stores-screen';
import { getChosenStore } from '@/lib/chosen-store';

/** The first page: the menu of the store that one knows already, else the choice of stores. */
export default function HomeScreen() {
  const store = getChosenStore();
  return store ? <MenuScreen params={{ store }} /> : <StoresScreen params={{}} />;
}
