import { expect, test } from 'vitest';
import { accessibilityViolations, answer, open, problem, visit } from './browser';

test('the bill says what it will be, and how it comes about', () =>
  visit(async (page) => {
    await open(page, '/dashboard?page=cost');
    const bill = page.getByRole('region', { name: /^Bill of \d{4}-\d{2}/ });
    await bill.locator('dt', { hasText: 'By the end of the month' }).waitFor();
    await bill.getByText('Covered egress').waitFor();
    await page
      .getByRole('region', { name: 'How it comes about' })
      .getByText(/× \d+ of \d+ hours =/)
      .first()
      .waitFor();
    await bill.getByRole('button', { name: /What these figures rest on/ }).click();
    await page.getByText('Newest record').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'prod-assets' }).click();
    await page.getByRole('region', { name: 'By prefix' }).getByRole('link', { name: 'images/' }).waitFor();
    expect(new URL(page.url()).search).toBe('?page=cost&bucket=prod-assets');
    await page.getByLabel('Month').selectOption({ index: 1 });
    await expect.poll(() => new URL(page.url()).searchParams.get('month')).toMatch(/^\d{4}-\d{2}$/);
  }));

test('egress is counted by what one wants, and leads to the requests behind it', () =>
  visit(async (page) => {
    await open(page, '/dashboard?page=cost&view=egress&last=7d');
    await page.getByRole('link', { name: 'IP', exact: true }).click();
    await page.getByRole('columnheader', { name: 'IP' }).waitFor();
    const link = page.locator('tbody a.cell-name').first();
    expect(await link.getAttribute('href')).toMatch(/^\/dashboard\?page=traffic&from=.*&ip=/);
    await page.getByText(/at list price \(bytes ÷/).waitFor();
  }));

test('growth is drawn with what is likely to come', () =>
  visit(async (page) => {
    await open(page, '/dashboard?page=cost&view=growth&bucket=prod-assets');
    await page.locator('.chart canvas').waitFor();
    await page.getByText(/^What comes is told with 80 % confidence/).waitFor();
    await page.getByRole('link', { name: 'Objects', exact: true }).click();
    await page.locator('.chart[aria-label^="Objects"]').waitFor();
    await page.getByRole('region', { name: 'By bucket' }).getByRole('row').nth(1).waitFor();
  }));

for (const theme of ['light', 'dark'] as const)
  test(`the views of cost are open to everybody and fit (${theme})`, () =>
    visit(
      async (page) => {
        await open(page, '/dashboard?page=cost');
        for (const [view, ready] of [
          ['', 'By bucket'],
          ['egress', 'What left'],
          ['growth', 'Turns'],
        ] as const) {
          await page.goto(`/dashboard?page=cost&view=${view}`);
          await page.getByRole('heading', { name: ready }).waitFor();
          await page.locator('tbody tr').first().waitFor();
          expect(await accessibilityViolations(page)).toEqual([]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(wide).toBeLessThanOrEqual(0);
        }
      },
      { options: { viewport: { width: 390, height: 2_400 }, colorScheme: theme } },
    ));

test('a bill that can’t be reckoned says why', () =>
  visit(
    async (page) => {
      await answer(page, '/tools/cost', (route) =>
        route.fulfill(problem(403, 'AccessDenied', 'these keys may not list bucket `b`')),
      );
      await open(page, '/dashboard?page=cost');
      await page.getByRole('alert').getByText('These keys do not open this').waitFor();
    },
    { expectsFailures: true },
  ));
