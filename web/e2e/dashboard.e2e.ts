import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { accessibilityViolations, answer, bucketNames, connect, open, problem, visit } from './browser';

const json = (body: unknown) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function download(page: Page, click: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return readFile(await file.path(), 'utf8');
}

test('the overview says how storage operations are doing', () =>
  visit(async (page) => {
    await open(page, '/dashboard');
    const panel = page.getByRole('region', { name: /^Storage operations health/ });
    for (const label of [
      'Operations per second',
      'Total in ',
      'Error rate',
      'Transfer per second',
      'Latency p50',
      'Latency p95',
      'Latency p99',
      'Average latency',
    ]) {
      await panel.locator('dt', { hasText: label }).waitFor();
    }
    await panel.locator('.chart canvas').nth(2).waitFor();
    await panel.getByText(/^Next in \d+ s$/).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/\.$/);
    const asked = page.waitForResponse((response) => response.url().endsWith('/health'));
    await panel.getByRole('button', { name: 'Refresh now' }).click();
    await asked;
  }));

test('a chart is also a table and a file', () =>
  visit(async (page) => {
    await open(page, '/dashboard');
    await page.locator('.chart canvas').first().waitFor();
    expect(await page.locator('.chart').nth(1).getAttribute('aria-label')).toMatch(/^Latency\. p99: /);
    const text = await download(page, () =>
      page.getByRole('button', { name: 'Download Latency as CSV' }).click(),
    );
    expect(text.split('\r\n')[0]).toBe('\uFEFFtime (UTC),p99,p95,p50');
    await page.getByRole('button', { name: 'Latency as a table' }).click();
    await page.getByRole('columnheader', { name: 'p95' }).first().waitFor();
    await page.mouse.move(400, 420);
  }));

test('figures come again by themselves, not while nobody looks, and a silent server is told', () =>
  visit(
    async (page) => {
      let asked = 0;
      let silent = false;
      await page.clock.install();
      await connect(page);
      await answer(page, '/health', async (route) => {
        asked += 1;
        await (silent ? route.abort() : route.continue());
      });
      await page.getByText(/^Next in \d+ s$/).waitFor();
      await page.clock.fastForward(31_000);
      await expect.poll(() => asked).toBe(1);
      await page.evaluate(() => {
        Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await page.getByText('Paused').waitFor();
      await page.clock.fastForward(120_000);
      expect(asked).toBe(1);
      silent = true;
      await page.evaluate(() => {
        Object.defineProperty(document, 'hidden', { value: false, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await page.getByRole('heading', { name: /^SpaceWatch does not answer since/ }).waitFor();
      await page.locator('dt', { hasText: 'Error rate' }).waitFor();
    },
    { expectsFailures: true },
  ));

test('errors are the first thing one reads', () =>
  visit(async (page) => {
    await answer(page, '/health', async (route) => {
      const body = await (await route.fetch()).json();
      const one = { bytes_transferred: 1, p50: 1, p95: 2, p99: 3 };
      body.status = 'unhealthy';
      Object.assign(body.storage_metrics, {
        total_operations_5m: 100,
        error_operations_5m: 12,
        error_rate_percent: 12,
        operation_breakdown: {
          LIST_OBJECTS: { ...one, request_count: 60, error_count: 12, error_rate_percent: 20 },
          LIST_BUCKETS: { ...one, request_count: 40, error_count: 0, error_rate_percent: 0 },
        },
      });
      await route.fulfill(json(body));
    });
    await open(page, '/dashboard');
    await page
      .getByRole('heading', {
        level: 1,
        name: 'Errors are at 12.0 % of storage operations, all on list objects (12 of 60 failed).',
      })
      .waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
  }));

test('a bucket is walked by folder, and every view has an address', () =>
  visit(async (page) => {
    await connect(page);
    const [bucket = ''] = await bucketNames(page);
    await page.getByRole('link', { name: bucket, exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: bucket }).waitFor();
    await page.locator('dt', { hasText: 'Stored' }).waitFor();
    const folder = page.locator('tbody a.cell-name').first();
    const name = await folder.textContent();
    await folder.click();
    await expect.poll(() => new URL(page.url()).searchParams.get('prefix')).toBe(name);
    await page.getByRole('link', { name: 'Largest', exact: true }).click();
    await page.locator('.bars canvas').waitFor();
    await page.getByRole('link', { name: '25', exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('limit')).toBe('25');
    await page.reload();
    await page.locator('.bars canvas').waitFor();
    await page.getByRole('link', { name: 'Recent', exact: true }).click();
    await page.getByText('compared, newest first').waitFor();
    await page.goBack();
    await page.locator('.bars canvas').waitFor();
    await page.goto(`/dashboard?bucket=${bucket}&listing=flat`);
    await page.getByRole('columnheader', { name: 'Key' }).waitFor();
  }));

test('a bucket can be measured from the list', () =>
  visit(async (page) => {
    await connect(page);
    await bucketNames(page);
    await page.getByRole('button', { name: 'Measure all' }).click();
    await page.getByText(/ in all \d+ buckets?/).waitFor();
  }));

const HOSTILE = [
  '<img src=x onerror=window.violations.push(1)>',
  'invoice\u202Egpj.exe',
  'null\u0000\u001b[31m',
  '=HYPERLINK("http://x","y")',
  ' edge ',
  '"><script>window.violations.push(2)</script>',
];

async function serveHostile(page: Page): Promise<void> {
  const objects = HOSTILE.map((key, at) => ({
    key,
    size_bytes: 10 ** (at + 2),
    size_human: '',
    last_modified: '2024-01-15T10:30:45Z',
  }));
  const place = { bucket: 'b', prefix: '', truncated: false, as_of: '2024-01-15T10:30:45Z' };
  const folders = [{ prefix: '<b>x</b>\u202E/' }];
  await answer(page, '/tools/browse', (route) =>
    route.fulfill(json({ ...place, limit: 200, folders, objects })),
  );
  await answer(page, '/tools/top-largest', (route) =>
    route.fulfill(json({ ...place, limit: 10, objects, count_scanned: 6, total_size_bytes: 1 })),
  );
  await answer(page, '/tools/storage-summary', (route) =>
    route.fulfill(
      json({ ...place, object_count: 6, total_size_bytes: 9, total_size_human: '', prefixes: [] }),
    ),
  );
}

test('names are text and nothing else', () =>
  visit(async (page) => {
    await serveHostile(page);
    await open(page, '/dashboard?bucket=b');
    await page.getByText('invoice\\u{202E}gpj.exe').waitFor();
    const shown = (await page.locator('tbody').first().textContent()) ?? '';
    for (const part of [
      '<img src=x',
      'null\\0\\u{001B}[31m',
      '\\u{0020}edge\\u{0020}',
      '<b>x</b>\\u{202E}/',
      '<script>',
    ])
      expect(shown).toContain(part);
    expect(await page.locator('tbody img, tbody b, tbody script').count()).toBe(0);
    expect(
      /[\u0000-\u001f\u202a-\u202e]/.test(
        await page.evaluate(() => document.body.textContent?.replaceAll(/[\n\t]/g, '') ?? ''),
      ),
    ).toBe(false);
    const text = await download(page, () => page.getByRole('button', { name: 'Download CSV' }).click());
    expect(text).toContain('"\'=HYPERLINK(""http://x"",""y"")"');
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Largest', exact: true }).click();
    await page.locator('.bars canvas').waitFor();
    expect(await page.locator('.chart').getAttribute('aria-label')).toContain('invoice\\u{202E}gpj.exe');
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill('<img');
    expect(await page.locator('.palette-list img').count()).toBe(0);
  }));

test('long work shows figures and can be stopped', () =>
  visit(async (page) => {
    await answer(page, '/tools/browse', (route) =>
      route.fulfill(json({ bucket: 'b', prefix: '', folders: [], objects: [], truncated: false, as_of: '' })),
    );
    await page.addInitScript(() => {
      const real = window.fetch;
      window.fetch = (input, init) => {
        if (!String(input).startsWith('/tools/storage-summary')) return real(input, init);
        const body = new ReadableStream({
          start(controller) {
            const event =
              'event: progress\ndata: {"objects":120000,"requests":121,"bytes":5368709120,"elapsed_ms":1500}\n\n';
            controller.enqueue(new TextEncoder().encode(event));
            init?.signal?.addEventListener('abort', () =>
              controller.error(new DOMException('aborted', 'AbortError')),
            );
          },
        });
        return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
      };
    });
    await open(page, '/dashboard?bucket=b');
    const summary = page.getByRole('region', { name: 'Summary' });
    await summary.getByText('120,000 objects · 5.00 GiB · 121 requests').waitFor();
    await page.getByRole('button', { name: 'Work in progress' }).click();
    await summary.getByRole('button', { name: 'Cancel' }).click();
    await summary.getByText('Cancelled').waitFor();
    expect(await page.getByRole('button', { name: 'Work in progress' }).count()).toBe(0);
  }));

test('an enormous list stays quick', () =>
  visit(async (page) => {
    const objects = Array.from({ length: 20_000 }, (_, at) => ({
      key: `key-${String(at).padStart(6, '0')}`,
      size_bytes: at,
      size_human: '',
    }));
    await serveHostile(page);
    await answer(page, '/tools/list-all', (route) =>
      route.fulfill(json({ bucket: 'b', prefix: '', count: 20_000, objects, truncated: false, as_of: '' })),
    );
    await open(page, '/dashboard?bucket=b&listing=flat');
    await page.getByText('key-000000').waitFor();
    expect(await page.locator('tbody tr').count()).toBeLessThan(120);
    await page.locator('.table-place').evaluate((place) => place.scrollTo(0, place.scrollHeight));
    await page.getByText('key-019999').waitFor();
  }));

const STATES: readonly [string, ReturnType<typeof problem>, string][] = [
  ['refused', problem(403, 'AccessDenied', 'these keys may not list `b`'), 'These keys do not open this'],
  [
    'throttled',
    problem(503, 'SlowDown', 'the store asks to slow down', { 'retry-after': '30' }),
    'by itself in',
  ],
  ['gone', problem(404, 'NoSuchBucket', 'there is no bucket `b`'), 'There is nothing at this place'],
  ['down', problem(502, 'StoreFailed', 'the store could not be reached'), 'The store could not be reached.'],
];

for (const [name, reply, words] of STATES) {
  test(`a view explains itself: ${name}`, () =>
    visit(
      async (page) => {
        await serveHostile(page);
        await answer(page, '/tools/browse', (route) => route.fulfill(reply));
        await open(page, '/dashboard?bucket=b');
        const alert = page.getByRole('alert');
        await alert.getByText(words).first().waitFor();
        expect(await alert.textContent()).toContain('req-e2e');
        expect(await alert.textContent()).toContain('A hint.');
        expect(await accessibilityViolations(page)).toEqual([]);
      },
      { expectsFailures: true },
    ));
}

test('an account without buckets is told what to do', () =>
  visit(async (page) => {
    await answer(page, '/tools/buckets', (route) =>
      route.fulfill(
        json({ bucket_count: 0, buckets: [], details: [], limited: false, as_of: '2024-01-15T10:30:45Z' }),
      ),
    );
    await open(page, '/dashboard?page=storage');
    await page.getByText('No buckets yet').waitFor();
  }));

test('everything can be reached by keyboard', () =>
  visit(async (page) => {
    await open(page, '/dashboard');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: 'Storage', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('overview');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: /^Storage operations health/ }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Tenant' }).click();
    await page.getByRole('button', { name: 'Disconnect and forget the keys' }).waitFor();
    await page.keyboard.press('Escape');
    // The focus goes back once the menu is gone.
    await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Tenant '));
    await page.keyboard.press('/');
    await page.getByRole('combobox', { name: 'Search buckets, folders and objects' }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
  }));

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of [
    // Tall enough that the bars that stay in place cover nothing.
    [1440, 2400],
    [1024, 2400],
    [390, 4000],
    [320, 4000],
  ] as const) {
    test(`every page is open to everybody and fits (${colorScheme}, ${width} px)`, () =>
      visit(
        async (page) => {
          await connect(page);
          const [bucket = ''] = await bucketNames(page);
          const place = `/dashboard?bucket=${bucket}`;
          for (const address of [
            '/dashboard',
            '/dashboard?page=storage',
            place,
            `${place}&listing=flat`,
            `${place}&tab=largest`,
            `${place}&tab=recent`,
          ]) {
            await page.goto(address);
            await page.getByRole('row').nth(1).waitFor();
            expect([address, await accessibilityViolations(page)]).toEqual([address, []]);
            const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            expect([address, wider <= 0]).toEqual([address, true]);
          }
        },
        { options: { colorScheme, viewport: { width, height } } },
      ));
  }
}

test('the theme can be chosen and is kept', () =>
  visit(async (page) => {
    await open(page, '/dashboard');
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    await page.reload();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  }));
