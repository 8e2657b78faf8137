/** The pages of the rail, in its order. One line each. */

import {
  Activity,
  Coins,
  GitCompare,
  HardDrive,
  LayoutDashboard,
  type LucideIcon,
  Settings,
  ShieldCheck,
  Sparkles,
} from 'lucide-preact';
import type { ComponentType } from 'preact';
import type { PageId } from '../state/route';

export interface Page {
  readonly id: PageId;
  readonly label: string;
  readonly icon: LucideIcon;
  /** The key after `g` that leads there. */
  readonly key: string;
  /** On a phone it stands behind “More”. */
  readonly minor?: boolean;
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
    id: 'traffic',
    label: 'Traffic',
    icon: Activity,
    key: 't',
    load: async () => (await import('./traffic/page')).TrafficPage,
  },
  {
    id: 'cost',
    label: 'Cost',
    icon: Coins,
    key: 'c',
    load: async () => (await import('./cost/page')).CostPage,
  },
  {
    id: 'security',
    label: 'Security',
    icon: ShieldCheck,
    key: 'e',
    minor: true,
    load: async () => (await import('./security/page')).SecurityPage,
  },
  {
    id: 'changes',
    label: 'Changes',
    icon: GitCompare,
    key: 'd',
    minor: true,
    load: async () => (await import('./changes/page')).ChangesPage,
  },
  {
    id: 'assistant',
    label: 'Assistant',
    icon: Sparkles,
    key: 'a',
    load: async () => (await import('./assistant/page')).AssistantPage,
  },
  {
    id: 'settings',
    label: 'Settings',
    icon: Settings,
    key: ',',
    minor: true,
    load: async () => (await import('./settings/page')).SettingsPage,
  },
];
