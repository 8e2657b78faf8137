/** Keys that work everywhere on the dashboard. */

import { drawer } from '../state/assistant';
import { refreshable } from '../state/refresh';
import { go, hrefOf } from '../state/route';
import { sheet } from '../state/sheets';
import { PAGES } from './pages';

export interface Shortcut {
  readonly keys: readonly string[];
  readonly what: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['Ctrl', 'K'], what: 'Open the command palette' },
  { keys: ['/'], what: 'Search buckets, folders and objects' },
  { keys: ['a'], what: 'Open or close the assistant' },
  { keys: ['r'], what: 'Refresh what is shown' },
  ...PAGES.map((page) => ({ keys: ['g', page.key], what: `Go to ${page.label}` })),
  { keys: ['↑', '↓'], what: 'Walk through the rows of a table, the entries of a menu' },
  { keys: ['Esc'], what: 'Close what is open' },
  { keys: ['?'], what: 'Show this help' },
];

export function toggleAssistant(): void {
  drawer.value = drawer.value === 'closed' ? 'open' : 'closed';
}

const TOGETHER_MS = 1_000;

/** While somebody types, letters are letters. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName))
  );
}

export function listenToKeys(): () => void {
  let leader = Number.NEGATIVE_INFINITY;
  const onKey = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      sheet.value = sheet.value === 'palette' ? undefined : 'palette';
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || sheet.value) return;
    const led = event.timeStamp - leader < TOGETHER_MS;
    leader = Number.NEGATIVE_INFINITY;
    const page = led ? PAGES.find((candidate) => candidate.key === event.key) : undefined;
    if (page) go(hrefOf({ page: page.id }));
    else if (event.key === 'g') leader = event.timeStamp;
    else if (event.key === 'a') {
      // The letter must not end up in the field that gets the focus.
      event.preventDefault();
      toggleAssistant();
    } else if (event.key === 'r') refreshable.value?.refresh();
    else if (event.key === '?') sheet.value = 'help';
    else if (event.key === '/') {
      event.preventDefault();
      sheet.value = 'search';
    }
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}
