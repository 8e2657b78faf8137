import { GitCompare } from 'lucide-preact';
import type { JSX } from 'preact';
import { hrefOf, route } from '../../state/route';
import { bucketsQuery } from '../../state/storage';
import { KeyText } from '../parts/key';
import { Panel } from '../parts/panel';
import { AnswerView, useAsked } from '../parts/states';
import { chosen, ViewTabs } from '../parts/tabs';
import { AnomaliesView } from './anomalies';
import { DiffView } from './diff';

const VIEWS = [
  { value: 'diff', label: 'Between inventories' },
  { value: 'anomalies', label: 'Out of the ordinary' },
] as const;

/** What came, grew and went, who did it, and which hours were unlike the others. */
export function ChangesPage(): JSX.Element {
  const { bucket } = route.value;
  const view = chosen(
    'view',
    VIEWS.map(({ value }) => value),
  );
  return (
    <div class="page">
      <header class="place">
        <GitCompare size={20} aria-hidden="true" />
        <h1>{bucket ? <KeyText text={`Changes in ${bucket}`} tail={24} /> : 'Changes'}</h1>
      </header>
      <ViewTabs label="Views of changes" value={view} tabs={VIEWS} />
      {view === 'diff' && (bucket ? <DiffView key={bucket} bucket={bucket} /> : <ChooseBucket />)}
      {view === 'anomalies' && <AnomaliesView />}
    </div>
  );
}

function ChooseBucket(): JSX.Element {
  const query = useAsked(bucketsQuery());
  return (
    <Panel title="Changes of which bucket?">
      <AnswerView query={query} label="Listing buckets" rows={5}>
        {({ buckets }) => (
          <ul class="choices">
            {buckets.map((name) => (
              <li key={name}>
                <a class="button" href={hrefOf({ page: 'changes', bucket: name })}>
                  <KeyText text={name} />
                </a>
              </li>
            ))}
          </ul>
        )}
      </AnswerView>
    </Panel>
  );
}
