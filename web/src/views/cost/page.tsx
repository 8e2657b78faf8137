import { Coins } from 'lucide-preact';
import type { JSX } from 'preact';
import { route } from '../../state/route';
import { KeyText } from '../parts/key';
import { chosen, ViewTabs } from '../parts/tabs';
import { BillView } from './bill';
import { EgressView } from './egress';
import { GrowthView } from './growth';

const VIEWS = [
  { value: 'bill', label: 'Bill' },
  { value: 'egress', label: 'Egress' },
  { value: 'growth', label: 'Growth' },
] as const;

/** What it costs, what leaves, and how it grows. */
export function CostPage(): JSX.Element {
  const { bucket } = route.value;
  const view = chosen(
    'view',
    VIEWS.map(({ value }) => value),
  );
  return (
    <div class="page">
      <header class="place">
        <Coins size={20} aria-hidden="true" />
        <h1>{bucket ? <KeyText text={`Cost of ${bucket}`} tail={24} /> : 'Cost'}</h1>
      </header>
      <ViewTabs label="Views of cost" value={view} tabs={VIEWS} />
      {view === 'bill' && <BillView />}
      {view === 'egress' && <EgressView />}
      {view === 'growth' && <GrowthView />}
    </div>
  );
}
