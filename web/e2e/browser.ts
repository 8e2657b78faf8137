/** A real browser on a running `spacewatch demo`, where everything that should never happen fails the test. */

import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page, type Route } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const URL_OF_SERVER = (() => {
  const url = process.env.SPACEWATCH_URL;
  if (!url)
    throw new Error(
      'set SPACEWATCH_URL to a running demo: `cargo run -- demo`, then e.g. http://127.0.0.1:8000',
    );
  return url.replace(/\/$/, '');
})();

/** What the demo prints as its admin key. */
export const OPERATOR_KEY = process.env.SPACEWATCH_OPERATOR_KEY ?? '';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });
});

afterAll(() => browser.close());

export interface Visit {
  readonly options?: BrowserContextOptions;
  /** The test makes the server answer with errors, which the browser reports on its console. */
  readonly expectsFailures?: boolean;
}

declare global {
  interface Window {
    violations: string[];
  }
}

const FAILED_REQUEST = /^Failed to load resource/;

/** Opens a fresh tab, runs the test and then asks what went wrong unnoticed. */
export async function visit(
  test: (page: Page) => Promise<void>,
  { options, expectsFailures }: Visit = {},
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    baseURL: URL_OF_SERVER,
    ...options,
  });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('console', (message) => {
    const expected = expectsFailures && FAILED_REQUEST.test(message.text());
    if (message.type() === 'error' && !expected) wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`page error: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== new URL(URL_OF_SERVER).origin)
      wrong.push(`fetched elsewhere: ${url}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  try {
    await test(page);
    expect(await page.evaluate(() => window.violations)).toEqual([]);
    expect(wrong).toEqual([]);
  } finally {
    await context.close();
  }
}

/** Connects as the first tenant of the demo, with one click. */
export async function connect(page: Page): Promise<void> {
  await page.goto('/');
  await page.locator('.demo-tenant').first().click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** Connects and opens an address of the dashboard. */
export async function open(page: Page, address: string): Promise<void> {
  await connect(page);
  await page.goto(address);
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** The demo's buckets, as its first tenant sees them. */
export async function bucketNames(page: Page): Promise<string[]> {
  await page.goto('/dashboard?page=storage');
  await page.getByRole('row').nth(1).waitFor();
  return page.locator('tbody a.cell-name').allTextContents();
}

/** Makes a route of the API answer something of the test's own. */
export async function answer(
  page: Page,
  path: string,
  reply: (route: Route, query: URLSearchParams) => Promise<void>,
): Promise<void> {
  await page.route(
    (url) => url.pathname === path,
    (route) => reply(route, new URL(route.request().url()).searchParams),
  );
}

export const problem = (status: number, code: string, detail: string, more: Record<string, string> = {}) => ({
  status,
  headers: { 'content-type': 'application/problem+json', 'x-request-id': 'req-e2e', ...more },
  body: JSON.stringify({
    type: 'about:blank',
    title: code,
    status,
    code,
    detail,
    hint: 'a hint',
    request_id: 'req-e2e',
  }),
});

/** What a reader with other means than eyes and a mouse would stumble over. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe: runner } = window as unknown as { axe: typeof axe };
    const { violations } = await runner.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
    );
  });
  return found;
}
