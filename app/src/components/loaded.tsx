import type { ReactNode } from 'react';

import { Button, Loading, Notice, Skeleton } from '@/components/ui';
import { messageOf } from '@/lib/api';

/** What of a query is needed here. */
export interface Asked<Data> {
  data: Data | undefined;
  error: Error | null;
  isFetching: boolean;
  refetch: () => unknown;
}

interface LoadedProps<Data> {
  query: Asked<Data>;
  /** Told to screen readers while it loads: "Loading your devices". */
  label: string;
  /** Says what is missing when it fails: "Your devices didn’t load". */
  failed: string;
  /** Heights of what comes. */
  shapes?: readonly number[];
  children: (data: Data) => ReactNode;
}

const SHAPES = [96, 96];

/** What the server keeps, or the shape of it, or why it isn't there and how to ask again. Old data stay while it is away. */
export function Loaded<Data>({ query, label, failed, shapes = SHAPES, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    return (
      <Notice
        action={<Button busy={query.isFetching} compact icon="refresh" kind="secondary" onPress={() => void query.refetch()} title="Try again" />}
        icon="offline"
        kind="warn"
        title={failed}
      >
        {messageOf(query.error)}
      </Notice>
    );
  }
  return (
    <Loading label={label}>
      {shapes.map((height, index) => (
        <Skeleton height={height} key={index} rounded="lg" />
      ))}
    </Loading>
  );
}
