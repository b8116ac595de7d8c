import type { ComponentType, ReactNode } from 'react';
import { Defs as NativeDefs } from 'react-native-svg';

/** The library's web types leave out that definitions have children. */
export const Defs = NativeDefs as unknown as ComponentType<{ children: ReactNode }>;
