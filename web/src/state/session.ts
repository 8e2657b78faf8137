/**
 * The connection of this tab. Keys live in memory and in the tab's session storage, so that a reload keeps them and closing the
 * tab forgets them; they are wiped after a while (a quarter of an hour, unless somebody chose otherwise) without a sign of life.
 * One tab can hold the keys of several tenants; one of them is the one that is shown.
 */

import { computed, signal } from '@preact/signals';
import type { Credentials } from '../api/client';

/** After how many minutes without a sign of life the keys are wiped. */
export const idleMinutes = signal(15);

const idleMs = () => idleMinutes.value * 60_000;

const STORAGE_KEY = 'spacewatch.session';
const TOUCH_EVERY_MS = 5_000;

export interface Session {
  readonly credentials: Credentials;
  /** What to call the tenant on the page. */
  readonly name: string;
  readonly demo: boolean;
}

export const session = signal<Session | undefined>(undefined);
export const connected = computed(() => session.value !== undefined && !adding.value);

/** Everybody who is connected in this tab, in the order they came. */
export const tenants = signal<readonly Session[]>([]);

/** Another tenant is about to connect; the one that is shown stays. */
export const adding = signal(false);

/** Whether two are the same tenant: the same key at the same place. */
export function isSame(a: Session, b: Session): boolean {
  const [one, other] = [a.credentials, b.credentials];
  return (
    one.accessKeyId === other.accessKeyId && one.endpoint === other.endpoint && one.region === other.region
  );
}

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
  readonly tenants?: readonly Session[];
  readonly lastSeen: number;
}

function remember(): void {
  if (!session.value) return;
  const stored: Stored = { session: session.value, tenants: tenants.value, lastSeen };
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
  adding.value = false;
  if (session.value) clearAll();
  tenants.value = [...tenants.value.filter((one) => !isSame(one, next)), next];
  session.value = next;
  remember();
}

/** Shows another of the tab's tenants. */
export function switchTo(tenant: Session): void {
  if (session.value && isSame(session.value, tenant)) return;
  connect(tenant);
}

function clearAll(): void {
  for (const clear of leaving) clear();
}

/** Forgets the keys of the tenant that is shown; the next of the tab's tenants is shown then, if there is one. */
export function disconnect(why?: string): void {
  const left = session.value;
  tenants.value = tenants.value.filter((one) => left && !isSame(one, left));
  session.value = tenants.value.at(-1);
  adding.value = false;
  if (session.value) remember();
  else forget();
  clearAll();
  notice.value = why;
}

/** Forgets the keys of all tenants of the tab. */
export function disconnectAll(why?: string): void {
  tenants.value = [];
  disconnect(why);
}

/** Reads the session of a reloaded tab back, unless it lay idle too long. */
export function resume(now: number): void {
  const stored = readStored();
  if (!stored) return;
  lastSeen = stored.lastSeen;
  if (isIdle(now)) {
    disconnectAll(locked());
    return;
  }
  tenants.value = stored.tenants ?? [stored.session];
  session.value = stored.session;
}

function readStored(): Stored | undefined {
  try {
    const text = sessionStorage.getItem(STORAGE_KEY);
    if (!text) return undefined;
    const stored = JSON.parse(text) as Partial<Stored>;
    const others = stored.tenants ?? [];
    const whole = Array.isArray(others) && [stored.session, ...others].every(isSession);
    return whole && typeof stored.lastSeen === 'number' ? (stored as Stored) : undefined;
  } catch {
    return undefined;
  }
}

function isSession(value: Partial<Session> | undefined): value is Session {
  const keys = value?.credentials;
  return typeof keys?.accessKeyId === 'string' && typeof keys.secretAccessKey === 'string';
}

const locked = () =>
  `The session was locked after ${idleMinutes.value} minutes without activity, and the keys were wiped. Connect again to go on.`;

function isIdle(now: number): boolean {
  return now - lastSeen >= idleMs();
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
  if (session.value && isIdle(now)) disconnectAll(locked());
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
