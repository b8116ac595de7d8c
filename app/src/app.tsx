import { Navigation } from '@/navigation/navigation';
import { Shell } from '@/navigation/shell';

export function App() {
  return <Navigation frame={Shell} />;
}
