import { expect, test } from 'vitest';
import { accessibilityViolations, answer, open, problem, visit } from './browser';

const json = (body: unknown) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test('findings come worst first, with why, what to do, and the raw records', () =>
  visit(async (page) => {
    await open(page, '/dashboard?page=security');
    const first = page.locator('.finding').first();
    await first.locator('.severity', { hasText: 'high' }).waitFor();
    await first.locator('summary').first().click();
    await first.getByText('What to do').waitFor();
    const record = first.locator('.record').first();
    await record.locator('summary').click();
    await record.locator('pre', { hasText: 'HTTP/1.1' }).waitFor();
    const all = first.getByRole('link', { name: /^All \d+ records$/ }).first();
    expect(await all.getAttribute('href')).toMatch(/^\/dashboard\?page=traffic&/);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Medium +' }).click();
    await expect.poll(() => page.locator('.finding .severity-low').count()).toBe(0);
    expect(new URL(page.url()).searchParams.get('min_severity')).toBe('medium');
  }));

test('what is known is put aside with a reason and an end, and taken up again', () =>
  visit(async (page) => {
    await open(page, '/dashboard?page=security&bucket=staging');
    const finding = page.locator('.finding', { hasText: 'Pages of any site may write' });
    await finding.locator('summary').first().click();
    await page.getByLabel('Known already, because').first().fill('e2e says so');
    await page.getByRole('button', { name: 'Put aside' }).first().click();
    await page.locator('.finding-aside').waitFor();
    await page.getByRole('link', { name: 'Put aside' }).click();
    await page.getByText('e2e says so').first().waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Take up again' }).first().click();
    await page.getByText('e2e says so').waitFor({ state: 'detached' });
  }));

test('settings of buckets are shown as the store told them', () =>
  visit(
    async (page) => {
      await open(page, '/dashboard?page=security&view=settings');
      await page.getByRole('button', { name: 'prod-assets' }).click();
      await page.getByRole('heading', { name: 'Settings of prod-assets' }).waitFor();
      await page.getByText('As the store told it').first().click();
      await page.locator('.settings pre', { hasText: 'BucketLoggingStatus' }).waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
    },
    { options: { viewport: { width: 390, height: 2_400 }, colorScheme: 'dark' } },
  ));

test('hostile text stays text, and half an answer is shown as half', () =>
  visit(
    async (page) => {
      await answer(page, '/tools/findings', (route) =>
        route.fulfill(problem(503, 'SlowDown', 'the store asks to slow down', { 'retry-after': '60' })),
      );
      const finding = {
        id: 'x/y',
        rule: 'x',
        severity: 'critical',
        bucket: 'b',
        title: '<img src=x onerror=alert(1)> \u202Etxt.exe',
        why: '[w](https://evil.example)',
        advice: 'a',
      };
      await answer(page, '/tools/posture', (route) =>
        route.fulfill(json({ bucket_count: 0, buckets: [], findings: [finding], truncated: false })),
      );
      await open(page, '/dashboard?page=security');
      await page.locator('.finding').waitFor();
      expect(await page.locator('.finding img, .finding a').count()).toBe(0);
      expect(await page.locator('.finding-title .escaped').textContent()).toBe('\\u{202E}');
      await page.getByRole('alert').getByText('The store asks to slow down').first().waitFor();
    },
    { expectsFailures: true },
  ));
