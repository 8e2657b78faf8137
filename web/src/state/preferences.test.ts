import { expect, test } from 'vitest';
import { readPreferences, USUAL } from './preferences';

test('what was kept is read, what is damaged is as usual', () => {
  expect(readPreferences('{"units":"decimal","zone":"Asia/Singapore","idleMinutes":5}')).toEqual({
    units: 'decimal',
    zone: 'Asia/Singapore',
    idleMinutes: 5,
  });
  for (const text of [null, '', '{', 'null', '[]', '{"units":1,"zone":"Nowhere/Land","idleMinutes":9999}'])
    expect(readPreferences(text)).toEqual(USUAL);
});
