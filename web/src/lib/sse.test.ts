import { expect, test } from 'vitest';
import { EventParser } from './sse';

const stream =
  'event: progress\ndata: {"objects":1}\n\n: keep-alive\n\nevent: result\r\ndata: {"a":\r\ndata: 2}\r\n\r\n';
const events = [
  { event: 'progress', data: '{"objects":1}' },
  { event: 'result', data: '{"a":\n2}' },
];

test('events come out whole', () => {
  expect(new EventParser().push(stream)).toEqual(events);
});

test('wherever the stream is cut', () => {
  for (let at = 0; at <= stream.length; at += 1) {
    const parser = new EventParser();
    expect([...parser.push(stream.slice(0, at)), ...parser.push(stream.slice(at))]).toEqual(events);
  }
  const parser = new EventParser();
  expect([...stream].flatMap((character) => parser.push(character))).toEqual(events);
});

test('odd lines are passed over', () => {
  const parser = new EventParser();
  expect(
    parser.push(
      '\uFEFFid: 7\nretry\nunknown: x\ndata:no space\n\ndata\n\nevent: lonely\n\ndata: unfinished\n',
    ),
  ).toEqual([
    { event: 'message', data: 'no space' },
    { event: 'message', data: '' },
  ]);
});
