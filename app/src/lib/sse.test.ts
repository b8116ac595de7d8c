import { streamReader, type StreamEvent } from './sse';

const STREAM = ': hello\r\nretry: 1500\n\nid: 7\nevent: order\ndata: {"a":1,\ndata: "b":2}\n\nevent: ping\n\ndata:no space\r\rid\ndata\n\n';

function readAll(pieces: string[]): StreamEvent[] {
  const reader = streamReader();
  return pieces.flatMap((piece) => reader.read(piece));
}

test('events are whole however the stream is cut', () => {
  const whole = readAll([STREAM]);
  expect(whole).toEqual([
    { type: 'order', data: '{"a":1,\n"b":2}', id: '7' },
    { type: 'message', data: 'no space', id: '7' },
    { type: 'message', data: '', id: '' },
  ]);
  for (let size = 1; size <= STREAM.length; size += 1) {
    const pieces = STREAM.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
    expect(readAll(pieces)).toEqual(whole);
  }
});

test('the server may say when to come back', () => {
  const reader = streamReader();
  reader.read('retry: soon\nretry: 2500\n');
  expect(reader.retryMs()).toBe(2500);
});

test('a byte order mark at the start is no field', () => {
  expect(readAll(['\uFEFFdata: x\n\n'])).toEqual([{ type: 'message', data: 'x', id: null }]);
});
