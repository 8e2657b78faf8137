import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { accessibilityViolations, answer, open, problem, visit } from './browser';

const input = (page: Page) => page.getByLabel('Your question');

async function askIn(page: Page, question: string): Promise<void> {
  await input(page).fill(question);
  await page.keyboard.press('Enter');
}

async function openDrawer(page: Page, address = '/dashboard?bucket=prod-assets'): Promise<void> {
  await open(page, address);
  await page.getByRole('button', { name: 'Assistant', exact: true }).click();
  await input(page).waitFor();
}

const event = (name: string, data: unknown) =>
  `event: ${name}\ndata: ${JSON.stringify({ type: name, ...(data as object) })}\n\n`;

const stream = (...events: string[]) => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  body: events.join(''),
});

const done = (more: Record<string, unknown>) =>
  event('done', {
    answer: 'x',
    kind: 'answered',
    parts: [{ text: 'x' }],
    citations: [],
    suggestions: [],
    by: 'test-model',
    steps: 1,
    model_requests: 1,
    ...more,
  });

test('an answer comes with its tool calls, and each figure shows where it is from', () =>
  visit(async (page) => {
    await openDrawer(page);
    await askIn(page, 'How much is stored in the bucket?');
    await page.locator('.turn-foot', { hasText: 'by planner' }).waitFor();
    await page.locator('.calls > summary', { hasText: /questions? to tools/ }).click();
    await page.locator('.call > summary').last().click();
    await page.locator('.call[open]').getByText('prod-assets').first().waitFor();
    const figure = page.locator('.cited').first();
    await figure.hover();
    const card = page.locator('.cite-card');
    await card.getByText('Value').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.mouse.move(5, 5);
    await card.waitFor({ state: 'detached' });
    await page.locator('.calls > summary').focus();
    await figure.focus();
    await page.keyboard.press('Enter');
    await card.getByRole('link', { name: 'Open the page that shows it' }).waitFor();
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('cited');
  }));

test('the conversation goes on, is kept over a reload of the tab, and is forgotten with the keys', () =>
  visit(async (page) => {
    await openDrawer(page, '/dashboard');
    await page.locator('.suggestion').first().click();
    await page.locator('.turn-foot').waitFor();
    await page.locator('.suggestion').first().click();
    await page.locator('.turn-foot').nth(1).waitFor();
    await page.getByRole('link', { name: 'Open as a page' }).click();
    await page.getByRole('heading', { level: 1, name: 'Assistant' }).waitFor();
    expect(await page.locator('.turn').count()).toBe(2);
    await page.reload();
    await page.locator('.turn-foot').nth(1).waitFor();
    await page.getByRole('button', { name: 'New conversation' }).click();
    await page.getByText('Ask about your storage', { exact: true }).waitFor();
    await page.locator('.suggestion').first().click();
    await page.locator('.turn-foot').waitFor();
    await page.getByRole('button', { name: /Disconnect/ }).click();
    await page.getByRole('heading', { name: 'Connect to your object storage' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('spacewatch.conversation'))).toBeNull();
  }));

test('what a model says is text, and what nothing backs is marked', () =>
  visit(async (page) => {
    await openDrawer(page);
    const hostile =
      '<img src=x onerror="window.violations.push(1)"> [click](https://evil.example) ![p](https://evil.example/p.png) \u202Etxt.exe\n\n| a | `b` |\n|---|---:|\n| <b>x</b> | ';
    await answer(page, '/chat', (route) =>
      route.fulfill(
        stream(
          event('step', { step: 1, by: 'test-model' }),
          event('text', { text: 'On the way' }),
          done({
            parts: [{ text: hostile }, { text: '42', unbacked: true }, { text: ' |\n' }],
            instead: 'the model was slow',
          }),
        ),
      ),
    );
    await askIn(page, 'x');
    const prose = page.locator('.turn .prose');
    await prose.getByText('[click](https://evil.example)').waitFor();
    expect(await prose.locator('a, img, b').count()).toBe(0);
    expect(await prose.locator('.escaped').allTextContents()).toEqual(['\\u{202E}']);
    expect(await prose.locator('.unbacked').textContent()).toContain('42');
    await page.getByText('One figure is marked: no tool gave it.').waitFor();
    await page.getByText('The built-in planner answered: the model was slow').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
  }));

test('a deed waits for a person, who confirms it', () =>
  visit(async (page) => {
    await openDrawer(page);
    await askIn(page, 'take a snapshot of prod-assets');
    const proposal = page.getByRole('region', { name: 'Waits for your word' });
    let begun = '';
    await answer(page, '/metrics/snapshot', async (route) => {
      begun = `${route.request().method()} ${new URL(route.request().url()).search}`;
      await route.fulfill({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ metrics_bucket: 'm', metrics_key: 'k.jsonl' }),
      });
    });
    await proposal.getByRole('button', { name: 'Confirm and begin' }).click();
    await proposal.getByText('Done. Written to m/k.jsonl.').waitFor();
    expect(begun).toBe('POST ?source_bucket=prod-assets');
  }));

test('a question can be stopped, and trouble is told with what to do', () =>
  visit(
    async (page) => {
      await openDrawer(page);
      let how: 'hang' | 'busy' | 'cut' = 'hang';
      await answer(page, '/chat', async (route) => {
        if (how === 'hang') return;
        if (how === 'busy')
          return route.fulfill(
            problem(429, 'TooManyRequests', 'too many questions', { 'retry-after': '60' }),
          );
        return route.fulfill(stream(event('text', { text: 'Half an' })));
      });
      await askIn(page, 'one');
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.getByText('Stopped.', { exact: true }).first().waitFor();
      how = 'busy';
      await askIn(page, 'two');
      await page.getByRole('alert').getByText('Too many requests').waitFor();
      await page.getByRole('alert').getByText('A hint.').waitFor();
      how = 'cut';
      await askIn(page, 'three');
      await page.getByText('The connection ended before the answer was whole.').waitFor();
    },
    { expectsFailures: true },
  ));

test('the drawer opens by key, can be pinned, closes with Esc and gives the focus back', () =>
  visit(async (page) => {
    await open(page, '/dashboard');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('a');
    await input(page).waitFor();
    expect(await input(page).inputValue()).toBe('');
    await page.keyboard.press('Escape');
    await input(page).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('assistant-button');
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Pin beside the page' }).click();
    const [drawer, content] = [page.locator('.drawer'), page.locator('main')];
    const edge = (await drawer.boundingBox())?.x ?? 0;
    const inner = await content.boundingBox();
    expect((inner?.x ?? 0) + (inner?.width ?? 0)).toBeLessThanOrEqual(edge);
  }));

for (const theme of ['light', 'dark'] as const)
  test(`the assistant is open to everybody and fits a phone (${theme})`, () =>
    visit(
      async (page) => {
        await open(page, '/dashboard?page=assistant');
        await askIn(page, 'How much did each bucket grow?');
        await page.locator('.turn-foot').waitFor();
        expect(await accessibilityViolations(page)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide).toBeLessThanOrEqual(0);
      },
      { options: { viewport: { width: 390, height: 800 }, colorScheme: theme } },
    ));
