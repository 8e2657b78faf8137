import { expect, test } from 'vitest';
import { accessibilityViolations, answer, open, problem, visit } from './browser';

test('requests are narrowed down to the raw lines, and every step has an address', () =>
  visit(async (page) => {
    await open(page, '/dashboard?page=traffic&bucket=prod-uploads&last=7d');
    await page.locator('.chart canvas').nth(2).waitFor();
    await page.getByRole('link', { name: 'Status', exact: true }).click();
    await page.locator('.ranks').getByRole('link', { name: '403' }).click();
    await page.getByRole('button', { name: 'Remove the filter Status' }).waitFor();
    expect(new URL(page.url()).searchParams.get('status')).toBe('403');
    const record = page.locator('.records .record').first();
    await record.locator('summary', { hasText: '403' }).click();
    await record.locator('pre', { hasText: 'AccessDenied' }).waitFor();
    await page.locator('.stale').waitFor({ state: 'detached' });
    expect(await accessibilityViolations(page)).toEqual([]);
    const shown = page.locator('.records .record');
    const before = await shown.count();
    await page.getByRole('button', { name: 'Show more' }).click();
    await shown.nth(before).waitFor();
    await page.getByRole('button', { name: 'Remove the filter Status' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('status')).toBeNull();
  }));

test('records are saved as evidence, and a period is chosen between two moments', () =>
  visit(async (page) => {
    await open(page, '/dashboard?page=traffic&ip=203.0.113.99&last=7d');
    await page.locator('.records .record').first().waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as evidence' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^evidence-search-logs-.*\.zip$/);
    await page.getByRole('button', { name: 'Between two moments' }).click();
    await page.getByLabel('From (UTC)').fill('2020-01-01T00:00');
    await page.getByLabel('To (UTC)').fill('2020-01-02T00:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('No record fits').waitFor();
    expect(new URL(page.url()).searchParams.get('to')).toBe('2020-01-02T00:00:00Z');
  }));

for (const colorScheme of ['light', 'dark'] as const)
  test(`traffic is open to everybody and fits a phone (${colorScheme})`, () =>
    visit(
      async (page) => {
        await open(page, '/dashboard?page=traffic&bucket=prod-assets&last=24h');
        await page.locator('.chart canvas').nth(2).waitFor();
        await page.locator('.records .record').first().waitFor();
        expect(await accessibilityViolations(page)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide).toBeLessThanOrEqual(0);
      },
      { options: { colorScheme, viewport: { width: 390, height: 6_000 } } },
    ));

test('without a log bucket it says what is missing', () =>
  visit(
    async (page) => {
      const missing = problem(400, 'MissingLogBucket', 'no log bucket is named');
      for (const path of ['/tools/search-logs', '/tools/top', '/tools/traffic'])
        await answer(page, path, (route) => route.fulfill(missing));
      await open(page, '/dashboard?page=traffic&bucket=prod-assets');
      await page.getByRole('alert').getByText('No log bucket is named.').first().waitFor();
    },
    { expectsFailures: true },
  ));

test('what is not read yet is not told as nothing, and comes by itself', () =>
  visit(async (page) => {
    let first = true;
    await answer(page, '/tools/traffic', async (route) => {
      const headers = { ...route.request().headers(), accept: 'application/json' };
      const response = await route.fetch({ headers });
      const body = await response.json();
      if (first) {
        body.coverage = { ...body.coverage, objects_read: 0, objects_pending: 168 };
        body.total.requests = 0;
      }
      first = false;
      await route.fulfill({ response, json: body });
    });
    await open(page, '/dashboard?page=traffic&bucket=prod-assets&last=24h');
    await page.getByText('168 log objects to go').waitFor();
    expect(await page.locator('.figures-summary').count()).toBe(0);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.locator('.figures-summary').waitFor();
    await page.getByText('168 log objects to go').waitFor({ state: 'detached' });
  }));
