/** The time as the page shows it: one tick a second while somebody looks. */

import { signal } from '@preact/signals';

export const now = signal(Date.now());

export function startClock(): () => void {
  const tick = () => {
    if (!document.hidden) now.value = Date.now();
  };
  const timer = setInterval(tick, 1_000);
  document.addEventListener('visibilitychange', tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  };
}
