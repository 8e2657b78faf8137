import { expect, test } from 'vitest';
import { accessibilityViolations, answer, open, problem, visit } from './browser';

const json = (body: unknown) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test('two inventories are taken and compared, from the first use on', () =>
  visit(
    async (page) => {
      await open(page, '/dashboard?page=changes');
      await page.getByRole('link', { name: 'staging' }).click();
      const take = page.getByRole('button', { name: 'Take an inventory now' });
      await take.click();
      // Not offered again before the first has begun and ended.
      await take.waitFor({ state: 'detached' });
      await take.click();
      await take.waitFor({ state: 'detached' });
      await take.waitFor();
      await page.locator('dt', { hasText: 'Came and went between' }).waitFor();
      // What is known is dimmed while it is asked again.
      await page.locator('.stale').waitFor({ state: 'detached' });
      expect(await accessibilityViolations(page)).toEqual([]);
    },
    { expectsFailures: true },
  ));

const heap = { objects: 1, bytes: 10 };
const basis = (day: number) => ({ as_of: `2026-11-0${day}T00:00:00Z` });
const none = { keys: 0, writes: 0, bytes: 0 };
const diff = {
  bucket: 'b',
  prefix: '',
  from: basis(1),
  to: basis(2),
  keys: 10,
  changes: 2,
  bytes_delta: -2_048,
  findings: [],
  unexplained: [
    {
      key: '<b>x</b>\u202E',
      kind: 'removed',
      bytes: 2_048,
      explained_by: 'unexplained',
      before: { size_bytes: 2_048 },
    },
  ],
  totals: [
    {
      kind: 'removed',
      objects: 1,
      bytes_before: 2_048,
      bytes_after: 0,
      by_request: 0,
      by_lifecycle: 0,
      ambiguous: 0,
      without_log: 0,
      unexplained: 1,
      unexplained_bytes: 2_048,
    },
  ],
  ambiguous: 0,
  prefixes: [
    {
      prefix: 'p/',
      added: heap,
      changed: heap,
      removed: heap,
      grown_bytes: 0,
      shrunk_bytes: 0,
      unexplained: 1,
    },
  ],
  requesters: [{ value: null, changes: 1, added: heap, changed: heap, removed: heap }],
  addresses: [],
  added: [],
  grown: [],
  shrunk: [],
  overwritten: [],
  removed: [],
  transitioned: [],
  versions: [],
  passing: none,
  superseded: none,
  late: none,
  keys_without_versions: 0,
  versions_compared: true,
  truncated: false,
  log_complete: true,
};

test('changes are told by kind, one by one, with who made them', () =>
  visit(async (page) => {
    await answer(page, '/tools/diff', (route) => route.fulfill(json(diff)));
    await open(page, '/dashboard?page=changes&bucket=staging');
    await page.locator('.figure-bad', { hasText: 'Unexplained' }).waitFor();
    expect(await page.locator('.key-button .escaped').first().textContent()).toBe('\\u{202E}');
    await page.getByRole('link', { name: 'removed', exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('kind')).toBe('removed');
    await page.getByText('anonymous').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
  }));

const coverage = {
  as_of: '2026-11-02T00:00:00Z',
  window: {},
  complete: true,
  objects_read: 1,
  objects_pending: 0,
  objects_failed: 0,
  lines_read: 1,
  lines_rejected: 0,
  lines_duplicate: 0,
};

test('an hour out of the ordinary says what it was compared with', () =>
  visit(
    async (page) => {
      await open(page, '/dashboard?page=changes&view=anomalies');
      await page
        .getByText(/^(All as usual in|No hour could be judged|Compared with)/)
        .first()
        .waitFor();
      const anomaly = {
        metric: '5xx_rate',
        direction: 'more',
        from: '2026-11-01T10:00:00Z',
        to: '2026-11-01T11:00:00Z',
        peak_hour: '2026-11-01T10:00:00Z',
        value: 12.5,
        usual: 0.5,
        usual_least: 0,
        usual_most: 1,
        times_usual: 25,
        hours_compared: 24,
        compared_with: 'hour_of_day',
        explanations: [
          { dimension: 'prefix', value: 'img/', seen: 9, expected: 1, share_percent: 80, explains: true },
        ],
      };
      await answer(page, '/tools/anomalies', (route) =>
        route.fulfill(
          json({
            bucket: '*',
            anomalies: [anomaly],
            findings: [],
            hours_judged: 21,
            not_judged: [],
            limit: 20,
            truncated: false,
            history: {},
            window: {},
            coverage,
          }),
        ),
      );
      await page.getByRole('button', { name: /Refresh/ }).click();
      const row = page.locator('.finding');
      await row.getByText('25.0 × the usual').waitFor();
      await row.locator('summary').click();
      await row.getByText('· explains it').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
    },
    { options: { viewport: { width: 390, height: 2_400 }, colorScheme: 'dark' } },
  ));

test('a bucket that may not be read says so', () =>
  visit(
    async (page) => {
      await answer(page, '/tools/diff', (route) =>
        route.fulfill(problem(403, 'AccessDenied', 'not for these keys')),
      );
      await open(page, '/dashboard?page=changes&bucket=staging');
      await page.getByRole('alert').getByText('These keys do not open this').waitFor();
    },
    { expectsFailures: true },
  ));
