/** Light, dark, or as the system has it. The one thing that is kept beyond the tab. */

import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'spacewatch.theme';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>('system');

/** What is drawn now, for what can't be styled by CSS. */
export const dark = signal(false);

let system: MediaQueryList | undefined;

function apply(): void {
  dark.value = theme.value === 'dark' || (theme.value === 'system' && (system?.matches ?? false));
  document.documentElement.dataset.theme = dark.value ? 'dark' : 'light';
}

export function startTheme(): void {
  system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', apply);
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    theme.value = THEMES.find((known) => known === stored) ?? 'system';
  } catch {
    // Storage may be switched off: then the system decides.
  }
  apply();
}

export function chooseTheme(next: Theme): void {
  theme.value = next;
  try {
    if (next === 'system') localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, next);
  } catch {
    // The choice holds for this page then.
  }
  apply();
}
