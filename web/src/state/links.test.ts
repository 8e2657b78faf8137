import { expect, test } from 'vitest';
import { pageOf } from './links';

test('each tool leads to the page that shows the same', () => {
  const cases: [string, Record<string, unknown>, string | undefined][] = [
    ['buckets', {}, '/dashboard?page=storage'],
    ['storage-summary', { bucket: 'b', prefix: 'x/' }, '/dashboard?bucket=b&prefix=x%2F'],
    ['top_largest', { bucket: 'b', limit: 5 }, '/dashboard?bucket=b&tab=largest'],
    ['list_objects', { bucket: 'b' }, '/dashboard?bucket=b'],
    ['top', { by: 'ip', source_bucket: 'b', hours: 24 }, '/dashboard?page=traffic&bucket=b&last=24h&by=ip'],
    [
      'search-logs',
      { source_bucket: 'b', date_yyyy_mm_dd: '2026-11-22', status_prefix: '5', wait: true },
      '/dashboard?page=traffic&bucket=b&from=2026-11-22T00%3A00%3A00.000Z&to=2026-11-23T00%3A00%3A00.000Z&status_prefix=5',
    ],
    ['cost-egress', { by: 'ip', source_bucket: '*' }, '/dashboard?page=cost&view=egress&by=ip'],
    ['growth', {}, '/dashboard?page=cost&view=growth'],
    ['anomalies', { bucket: 'b' }, '/dashboard?page=changes&bucket=b&view=anomalies'],
    [
      'search-logs',
      { status: ['404', '500-599'], cut_short: false },
      '/dashboard?page=traffic&status=404%2C500-599',
    ],
    ['sql', { query: 'select 1' }, undefined],
    ['constructor', {}, undefined],
  ];
  for (const [tool, args, href] of cases) expect(pageOf(tool, args)).toBe(href);
});
