/** A reader of text/event-stream (WHATWG HTML, section 9.2): bytes come in any cut, events go out whole. */

export interface StreamEvent {
  type: string;
  data: string;
  id: string | null;
}

export interface StreamReader {
  /** Takes the next piece of text and gives the events that it completes. */
  read: (chunk: string) => StreamEvent[];
  /** Milliseconds that the server wants us to wait before coming back, once it said so. */
  retryMs: () => number | null;
}

export function streamReader(): StreamReader {
  let rest = '';
  let started = false;
  let retry: number | null = null;
  let lastId: string | null = null;
  let type = '';
  let data: string[] = [];

  function take(line: string): StreamEvent | null {
    if (line === '') return dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id' && !value.includes('\0')) lastId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
    return null;
  }

  function dispatch(): StreamEvent | null {
    const event = data.length > 0 ? { type: type || 'message', data: data.join('\n'), id: lastId } : null;
    type = '';
    data = [];
    return event;
  }

  return {
    read: (chunk) => {
      rest += started ? chunk : chunk.replace(/^\uFEFF/, '');
      started = started || chunk !== '';
      // A "\r" at the very end may be the first half of "\r\n": it waits for the next piece.
      const ready = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
      const lines = ready.split(/\r\n|\n|\r/);
      rest = (lines.pop() ?? '') + rest.slice(ready.length);
      return lines.map(take).filter((event) => event !== null);
    },
    retryMs: () => retry,
  };
}
