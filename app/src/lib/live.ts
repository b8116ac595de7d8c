import { backoffMs, pause } from './backoff';
import { liveCredentials, sessionHeaders } from './session-transport';
import { streamReader, type StreamEvent } from './sse';
import { streamingFetch } from './transport';

/** How up to date the screen is: pushed by the server, asked for every few seconds, or not at all just now. */
export type LiveState = 'connecting' | 'live' | 'polling';

export interface LiveStream {
  url: string;
  headers: Record<string, string>;
  onEvent: (event: StreamEvent) => void;
  onState: (state: LiveState) => void;
  /** Asks once; used while the stream can't be had. */
  poll: () => Promise<void>;
}

/** After so many failures in a row we poll as well, while the stream keeps being tried. */
const FAILURES_BEFORE_POLLING = 2;
const POLL_MS = 3000;
/** The server pings every 15 s; silence of three pings means that the line is dead. */
const SILENCE_MS = 45_000;

class StreamRefused extends Error {}

/** Follows a stream until the returned function is called. Comes back by itself with Last-Event-ID. */
export function follow(stream: LiveStream): () => void {
  const stop = new AbortController();
  void run(stream, stop.signal);
  return () => stop.abort();
}

async function run(stream: LiveStream, signal: AbortSignal): Promise<void> {
  const line = { failures: 0, lastId: null as string | null };
  stream.onState('connecting');
  while (!signal.aborted) {
    const refused = await listen(stream, line, signal);
    if (isOver(signal)) break;
    line.failures += 1;
    if (line.failures < FAILURES_BEFORE_POLLING && !refused) {
      stream.onState('connecting');
      await pause(backoffMs(line.failures), signal);
    } else {
      stream.onState('polling');
      await pollFor(stream, backoffMs(line.failures + 3), signal);
    }
  }
}

/** A signal changes while one waits, which the compiler can't know. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Listens until the connection ends, for whatever reason; true when the server refused it. */
async function listen(stream: LiveStream, line: Line, signal: AbortSignal): Promise<boolean> {
  try {
    await readOnce(stream, line.lastId, signal, (event) => {
      line.failures = 0;
      line.lastId = event?.id ?? line.lastId;
      stream.onState('live');
      if (event) stream.onEvent(event);
    });
    return false;
  } catch (error) {
    return error instanceof StreamRefused;
  }
}

interface Line {
  /** Connections in a row that ended without an event. */
  failures: number;
  lastId: string | null;
}

/** Reads one connection to its end. `seen(null)` says that it stands; throws when it can't be had or falls silent. */
async function readOnce(
  stream: LiveStream,
  lastId: string | null,
  signal: AbortSignal,
  seen: (event: StreamEvent | null) => void,
): Promise<void> {
  const line = new AbortController();
  const end = (): void => line.abort();
  signal.addEventListener('abort', end);
  let silence = setTimeout(end, SILENCE_MS);
  try {
    const response = await streamingFetch(stream.url, {
      headers: {
        Accept: 'text/event-stream',
        ...sessionHeaders('GET'),
        ...stream.headers,
        ...(lastId ? { 'Last-Event-ID': lastId } : {}),
      },
      credentials: liveCredentials,
      signal: line.signal,
    });
    if (!response.ok || !response.body) throw new StreamRefused(`live stream answered ${response.status}`);
    seen(null);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const events = streamReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE_MS);
      for (const event of events.read(decoder.decode(value, { stream: true }))) seen(event);
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', end);
  }
}

/** Polls for a while, then lets the stream be tried again. A failed poll only waits for the next. */
async function pollFor(stream: LiveStream, milliseconds: number, signal: AbortSignal): Promise<void> {
  const until = Date.now() + milliseconds;
  do {
    await stream.poll().catch(() => undefined);
    await pause(POLL_MS, signal);
  } while (!signal.aborted && Date.now() < until);
}
