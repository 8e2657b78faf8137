import { Activity } from 'lucide-preact';
import type { JSX } from 'preact';
import { periodOf } from '../../state/period';
import { route } from '../../state/route';
import { type Asked, filtersOf, searchQuery, USUAL_PERIOD } from '../../state/traffic';
import { KeyText } from '../parts/key';
import { useRefresh } from '../parts/states';
import { CoursePanel } from './course';
import { Filters } from './filters';
import { PeriodChoice } from './period';
import { RanksPanel } from './ranks';
import { RecordsPanel } from './records';

/** What the address asks of the log. */
function asked(): Asked {
  return { bucket: route.value.bucket, filters: filtersOf(route.value), period: periodOf(route.value) };
}

/** Who asked for what, when, and how it went: figures, ranks and the records behind them. */
export function TrafficPage(): JSX.Element {
  const question = asked();
  const search = searchQuery(question);
  useRefresh(search);
  const { bucket } = question;
  return (
    <div class="page">
      <header class="place">
        <Activity size={20} aria-hidden="true" />
        <h1>{bucket ? <KeyText text={`Traffic of ${bucket}`} tail={24} /> : 'Traffic'}</h1>
        <PeriodChoice usual={USUAL_PERIOD} />
      </header>
      <Filters filters={question.filters} />
      {bucket && Object.keys(question.filters).length === 0 && <CoursePanel asked={question} />}
      <RanksPanel asked={question} />
      <RecordsPanel asked={question} query={search} />
    </div>
  );
}
