import { History } from 'lucide-preact';
import type { JSX } from 'preact';
import type { RecentObjects } from '../api/answers';
import { counted } from '../lib/format';
import { timeOfDay } from '../lib/time';
import { route } from '../state/route';
import { recentQuery } from '../state/storage';
import { LimitChoice, objectColumns } from './object-columns';
import { download } from './parts/download';
import { Panel } from './parts/panel';
import { AnswerView, Empty, useAsked } from './parts/states';
import { csvOf, Table } from './parts/table';

export const RECENT_LIMIT = 50;

const LIMITS = [10, RECENT_LIMIT, 200];

/** What was written last. */
export function RecentPanel(): JSX.Element {
  const { bucket, prefix, limit = RECENT_LIMIT } = route.value;
  const query = useAsked(recentQuery({ bucket, prefix }, limit));
  const { data, at } = query.answer.value;
  const columns = objectColumns(prefix);
  const save = () => data && download(['recent', bucket, prefix], ...csvOf(columns, data.objects));
  return (
    <Panel
      flush
      title="Recently written objects"
      tools={
        <>
          <LimitChoice limits={LIMITS} limit={limit} />
          {data && data.objects.length > 0 && (
            <button type="button" class="button button-small button-bare" onClick={save}>
              Download CSV
            </button>
          )}
        </>
      }
      foot={data && <Foot data={data} at={at} />}
    >
      <AnswerView query={query} label="Ranking objects by time" rows={10}>
        {(found) =>
          found.objects.length === 0 ? (
            <Empty title="Nothing written yet" icon={<History size={20} aria-hidden="true" />}>
              <p>No objects lie below this place.</p>
            </Empty>
          ) : (
            <Table
              label="Recently written objects"
              columns={columns}
              rows={found.objects}
              rowKey={(row) => row.key}
            />
          )
        }
      </AnswerView>
    </Panel>
  );
}

function Foot({ data, at }: { data: RecentObjects; at: number | undefined }): JSX.Element {
  return (
    <>
      {at !== undefined && <span>as of {timeOfDay(at)}</span>}
      <span>{counted(data.count_scanned, 'object')} compared, newest first</span>
    </>
  );
}
