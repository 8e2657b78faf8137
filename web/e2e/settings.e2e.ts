import { expect, test } from 'vitest';
import { accessibilityViolations, connect, open, visit } from './browser';

test('sizes, zone and theme are chosen, and kept beyond the tab', () =>
  visit(async (page) => {
    await open(page, '/dashboard?page=settings');
    await page.getByLabel('GB (1,000)').check();
    await page.getByLabel('Time zone').selectOption('Asia/Singapore');
    await page.getByLabel('Lock after idle').selectOption('5');
    await page.getByLabel('Dark', { exact: true }).check();
    expect(await page.evaluate(() => localStorage.getItem('spacewatch.preferences'))).toBe(
      '{"units":"decimal","zone":"Asia/Singapore","idleMinutes":5}',
    );
    await page.goto('/dashboard?bucket=backups');
    await page.locator('dt', { hasText: 'Stored' }).waitFor();
    await page
      .getByText(/\d GB$/)
      .first()
      .waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  }));

test('a tab holds several tenants, and nothing of one is left on the page of the other', () =>
  visit(async (page) => {
    await connect(page);
    await page.goto('/dashboard?page=settings');
    await page.getByRole('button', { name: 'Add another' }).click();
    await page.getByRole('heading', { name: 'Add another tenant' }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.locator('.demo-tenant', { hasText: 'Harbor Analytics' }).click();
    await page.getByRole('link', { name: 'Storage' }).first().click();
    await page.getByRole('link', { name: 'raw-events' }).waitFor();
    expect(await page.getByRole('link', { name: 'prod-assets' }).count()).toBe(0);
    await page.reload();
    await page.getByRole('link', { name: 'raw-events' }).waitFor();
    await page.getByRole('button', { name: /^Tenant/ }).click();
    await page.getByRole('button', { name: 'Northwind Media' }).click();
    await page.getByRole('link', { name: 'prod-assets' }).first().waitFor();
    expect(await page.getByRole('link', { name: 'raw-events' }).count()).toBe(0);
    await page.getByRole('button', { name: /^Disconnect/ }).click();
    await page.getByRole('link', { name: 'raw-events' }).first().waitFor();
    await page.getByRole('button', { name: /^Disconnect/ }).click();
    await page.getByRole('heading', { name: 'Connect to your object storage' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('spacewatch.session'))).toBeNull();
  }));

for (const colorScheme of ['light', 'dark'] as const)
  test(`settings are open to everybody and fit (${colorScheme})`, () =>
    visit(
      async (page) => {
        await open(page, '/dashboard?page=settings');
        await page.getByText(/\d+ checks fine/).click();
        expect(await accessibilityViolations(page)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide).toBeLessThanOrEqual(0);
        await page.getByRole('button', { name: 'More' }).click();
        await page.getByRole('link', { name: 'Security' }).click();
        await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();
      },
      { options: { colorScheme, viewport: { width: 390, height: 3_000 } } },
    ));
