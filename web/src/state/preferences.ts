/** How somebody wants to see things. Kept beyond the tab; nothing of it is secret. */

import { signal } from '@preact/signals';
import { byteUnits } from '../lib/format';
import { timeZone } from '../lib/time';
import { idleMinutes } from './session';

export interface Preferences {
  readonly units: 'binary' | 'decimal';
  /** An IANA name; empty is the browser's own zone. */
  readonly zone: string;
  readonly idleMinutes: number;
}

const STORAGE_KEY = 'spacewatch.preferences';

export const IDLE_CHOICES = [5, 15, 30, 60] as const;

export const USUAL: Preferences = { units: 'binary', zone: '', idleMinutes: 15 };

export const preferences = signal<Preferences>(USUAL);

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Reads what was kept; what is damaged or unknown is as usual. */
export function readPreferences(text: string | null): Preferences {
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<Record<keyof Preferences, unknown>>;
    const minutes = IDLE_CHOICES.find((choice) => choice === kept.idleMinutes);
    return {
      units: kept.units === 'decimal' ? 'decimal' : USUAL.units,
      zone: typeof kept.zone === 'string' && kept.zone && isZone(kept.zone) ? kept.zone : USUAL.zone,
      idleMinutes: minutes ?? USUAL.idleMinutes,
    };
  } catch {
    return USUAL;
  }
}

function apply(next: Preferences): void {
  preferences.value = next;
  byteUnits.value = next.units;
  timeZone.value = next.zone;
  idleMinutes.value = next.idleMinutes;
}

export function startPreferences(): void {
  try {
    apply(readPreferences(localStorage.getItem(STORAGE_KEY)));
  } catch {
    // Storage may be switched off: then all is as usual.
  }
}

export function prefer(change: Partial<Preferences>): void {
  const next = { ...preferences.value, ...change };
  apply(next);
  try {
    if (JSON.stringify(next) === JSON.stringify(USUAL)) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
  } catch {
    // The choice holds for this page then.
  }
}
