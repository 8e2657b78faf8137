import { expect, test } from 'vitest';
import { accessibilityViolations, answer, connect, problem, visit } from './browser';

test('one click tries the demo, and the keys stay in the tab', () =>
  visit(async (page) => {
    await connect(page);
    expect(new URL(page.url()).pathname).toBe('/dashboard');
    const kept = await page.evaluate(() => ({
      local: JSON.stringify({ ...localStorage }),
      session: Object.keys(sessionStorage),
      address: location.href,
      cookies: document.cookie,
    }));
    expect(kept.session).toContain('spacewatch.session');
    expect([kept.local, kept.cookies, new URL(kept.address).search]).toEqual(['{}', '', '']);
    await page.reload();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  }));

test('what is missing is told at its field, and the first gets the focus', () =>
  visit(async (page) => {
    await page.goto('/');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('Enter the access key.').waitFor();
    await page.getByText('Enter the secret that belongs to the access key.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('field-accessKeyId');
    expect(await accessibilityViolations(page)).toEqual([]);
  }));

test('rejected keys say why', () =>
  visit(
    async (page) => {
      await page.goto('/');
      await page.locator('.demo-tenant').first().waitFor();
      await page.getByLabel('Access key').fill('NOT-A-KNOWN-KEY');
      await page.getByLabel('Secret key').fill('not-the-secret');
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toContain('The store rejected these keys');
      expect(await alert.textContent()).not.toContain('not-the-secret');
      expect(await page.evaluate(() => sessionStorage.getItem('spacewatch.session'))).toBeNull();
    },
    { expectsFailures: true },
  ));

test('the secret can be looked at, regions beyond the list can be typed', () =>
  visit(async (page) => {
    await page.goto('/');
    const secret = page.getByLabel('Secret key');
    await secret.fill('not-a-secret');
    expect(await secret.getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Show the secret' }).click();
    expect(await secret.getAttribute('type')).toBe('text');
    await page.getByLabel('Region', { exact: true }).selectOption({ label: 'Another region …' });
    await page.getByLabel('Name of the region').fill('us-east-1');
    await page.getByText('Log and metrics buckets').click();
    await page.getByLabel('Metrics prefix').fill('m/');
    expect(await accessibilityViolations(page)).toEqual([]);
  }));

test('every field travels in its header', () =>
  visit(
    async (page) => {
      let headers: Record<string, string> = {};
      await answer(page, '/validate-credentials', async (route) => {
        headers = route.request().headers();
        await route.fulfill(problem(429, 'RateLimited', 'too many', { 'retry-after': '7' }));
      });
      await page.goto('/');
      await page.getByLabel('Access key').fill(' KEY ');
      await page.getByLabel('Secret key').fill('not-a-secret');
      await page.getByLabel('Region', { exact: true }).selectOption('fra1');
      await page.getByLabel('Endpoint').fill('https://example.test');
      await page.getByText('Log and metrics buckets').click();
      await page.getByLabel('Log bucket').fill('my-logs');
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByText('Try again in 7 s.').waitFor();
      expect(headers).toMatchObject({
        'x-spaces-key': 'KEY',
        'x-spaces-secret': 'not-a-secret',
        'x-region': 'fra1',
        'x-endpoint': 'https://example.test',
        'x-log-bucket': 'my-logs',
      });
      expect(headers).not.toHaveProperty('x-metrics-bucket');
    },
    { expectsFailures: true },
  ));

test('a link waits for the keys and then shows its view', () =>
  visit(async (page) => {
    await page.goto('/dashboard?page=storage');
    await page.getByText('Connect to see the view this link leads to.').waitFor();
    await page.locator('.demo-tenant').first().click();
    await page.getByRole('heading', { name: 'Storage', level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe('?page=storage');
  }));

test('disconnecting and lying idle wipe the keys', () =>
  visit(async (page) => {
    await page.clock.install();
    await connect(page);
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('heading', { name: 'Connect to your object storage' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('spacewatch.session'))).toBeNull();
    await page.locator('.demo-tenant').first().click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.clock.fastForward('15:15');
    await page.getByText('locked after 15 minutes').waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('spacewatch.session'))).toBeNull();
  }));

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the connect page is open to everybody (${colorScheme})`, () =>
    visit(
      async (page) => {
        await page.goto('/');
        await page.locator('.demo-tenant').first().waitFor();
        expect(await accessibilityViolations(page)).toEqual([]);
      },
      { options: { colorScheme } },
    ));
}

test('everything that is fetched stays below 300 KB', () =>
  visit(async (page) => {
    await connect(page);
    await page.locator('.chart canvas').first().waitFor();
    const bytes = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .concat(performance.getEntriesByType('navigation'))
        .map((entry) => entry as PerformanceResourceTiming)
        .filter((entry) => entry.name.includes('/assets/') || entry.entryType === 'navigation')
        .reduce((sum, entry) => sum + entry.encodedBodySize, 0),
    );
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(300_000);
  }));
