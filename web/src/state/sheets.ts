/** Which dialog lies over the page. */

import { signal } from '@preact/signals';

export type SheetId = 'palette' | 'search' | 'help';

export const sheet = signal<SheetId | undefined>(undefined);
