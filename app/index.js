// Lets the bundler fetch screens when they are first needed; `expo` itself brings it too, but is not in the web bundle.
import 'expo/src/async-require';

import './src/boot';
