/** The pages of the rail, in its order. One line each. */

import { HardDrive, LayoutDashboard, type LucideIcon, Sparkles } from 'lucide-preact';
import type { ComponentType } from 'preact';
import type { PageId } from '../state/route';

export interface Page {
  readonly id: PageId;
  readonly label: string;
  readonly icon: LucideIcon;
  /** The key after `g` that leads there. */
  readonly key: string;
  readonly load: () => Promise<ComponentType>;
}

export const PAGES: readonly Page[] = [
  {
    id: 'overview',
    label: 'Overview',
    icon: LayoutDashboard,
    key: 'o',
    load: async () => (await import('./overview')).Overview,
  },
  {
    id: 'storage',
    label: 'Storage',
    icon: HardDrive,
    key: 's',
    load: async () => (await import('./storage')).Storage,
  },
  {
    id: 'assistant',
    label: 'Assistant',
    icon: Sparkles,
    key: 'a',
    load: async () => (await import('./assistant/page')).AssistantPage,
  },
];
