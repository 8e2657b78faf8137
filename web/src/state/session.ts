/**
 * The connection of this tab. Keys live in memory and in the tab's session storage, so that a reload keeps them and closing the
 * tab forgets them; they are wiped after a quarter of an hour without a sign of life.
 */

import { computed, signal } from '@preact/signals';
import type { Credentials } from '../api/client';

export const IDLE_MS = 15 * 60_000;

const STORAGE_KEY = 'spacewatch.session';
const TOUCH_EVERY_MS = 5_000;

export interface Session {
  readonly credentials: Credentials;
  /** What to call the tenant on the page. */
  readonly name: string;
  readonly demo: boolean;
}

export const session = signal<Session | undefined>(undefined);
export const connected = computed(() => session.value !== undefined);

/** Why the connect page shows up by itself. */
export const notice = signal<string | undefined>(undefined);

const leaving = new Set<() => void>();

/** Registers what else must be forgotten when the tenant leaves. */
export function onLeave(forget: () => void): void {
  leaving.add(forget);
}

let lastSeen = 0;

interface Stored {
  readonly session: Session;
  readonly lastSeen: number;
}

function remember(): void {
  if (!session.value) return;
  const stored: Stored = { session: session.value, lastSeen };
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(stored));
  } catch {
    // Storage may be switched off or full: then a reload asks for the keys again.
  }
}

function forget(): void {
  try {
    sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // Nothing was stored then.
  }
}

/** A name for keys nobody named: enough of the id to tell two apart. */
export function nameOf(credentials: Credentials): string {
  const id = credentials.accessKeyId;
  return id.length <= 8 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`;
}

export function connect(next: Session): void {
  lastSeen = Date.now();
  notice.value = undefined;
  session.value = next;
  remember();
}

export function disconnect(why?: string): void {
  session.value = undefined;
  forget();
  for (const clear of leaving) clear();
  notice.value = why;
}

/** Reads the session of a reloaded tab back, unless it lay idle too long. */
export function resume(now: number): void {
  const stored = readStored();
  if (!stored) return;
  lastSeen = stored.lastSeen;
  if (isIdle(now)) disconnect(LOCKED);
  else session.value = stored.session;
}

function readStored(): Stored | undefined {
  try {
    const text = sessionStorage.getItem(STORAGE_KEY);
    if (!text) return undefined;
    const stored = JSON.parse(text) as Partial<Stored>;
    const keys = stored.session?.credentials;
    const whole = typeof keys?.accessKeyId === 'string' && typeof keys.secretAccessKey === 'string';
    return whole && typeof stored.lastSeen === 'number' ? (stored as Stored) : undefined;
  } catch {
    return undefined;
  }
}

const LOCKED =
  'The session was locked after 15 minutes without activity, and the keys were wiped. Connect again to go on.';

function isIdle(now: number): boolean {
  return now - lastSeen >= IDLE_MS;
}

/** A sign of life. */
export function touch(now: number): void {
  if (!session.value || isIdle(now)) return;
  const rememberAgain = now - lastSeen >= TOUCH_EVERY_MS;
  if (!rememberAgain) return;
  lastSeen = now;
  remember();
}

/** Locks the session when it lay idle too long. */
export function lockWhenIdle(now: number): void {
  if (session.value && isIdle(now)) disconnect(LOCKED);
}

export function watchIdleness(): void {
  const alive = () => touch(Date.now());
  for (const event of ['pointerdown', 'keydown', 'wheel', 'pointermove'] as const) {
    addEventListener(event, alive, { passive: true, capture: true });
  }
  const check = () => lockWhenIdle(Date.now());
  setInterval(check, 10_000);
  // A laptop that wakes up must not show a page for ten seconds more.
  document.addEventListener('visibilitychange', check);
}
