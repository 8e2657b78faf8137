import { ShieldCheck } from 'lucide-preact';
import type { JSX } from 'preact';
import { route } from '../../state/route';
import { KeyText } from '../parts/key';
import { chosen, ViewTabs } from '../parts/tabs';
import { FindingsView } from './findings';
import { SettingsView } from './settings';
import { SuppressedView } from './suppressed';

const VIEWS = [
  { value: 'findings', label: 'What to look at' },
  { value: 'settings', label: 'Settings of buckets' },
  { value: 'suppressed', label: 'Put aside' },
] as const;

/** Who got in, what is open, and what to do about it. */
export function SecurityPage(): JSX.Element {
  const { bucket } = route.value;
  const view = chosen(
    'view',
    VIEWS.map(({ value }) => value),
  );
  return (
    <div class="page">
      <header class="place">
        <ShieldCheck size={20} aria-hidden="true" />
        <h1>{bucket ? <KeyText text={`Security of ${bucket}`} tail={24} /> : 'Security'}</h1>
      </header>
      <ViewTabs label="Views of security" value={view} tabs={VIEWS} />
      {view === 'findings' && <FindingsView />}
      {view === 'settings' && <SettingsView />}
      {view === 'suppressed' && <SuppressedView />}
    </div>
  );
}
