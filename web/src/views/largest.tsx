import { Ruler } from 'lucide-preact';
import type { JSX } from 'preact';
import { useCallback, useMemo } from 'preact/hooks';
import type { LargestObjects } from '../api/answers';
import { Chart } from '../charts/chart';
import { barOption } from '../charts/options';
import type { Palette } from '../charts/palette';
import { bytes, counted, percent } from '../lib/format';
import { middle, plain } from '../lib/text';
import { timeOfDay } from '../lib/time';
import { go, hrefOf, route } from '../state/route';
import { largestQuery } from '../state/storage';
import { LimitChoice, objectColumns } from './object-columns';
import { download } from './parts/download';
import { Panel } from './parts/panel';
import { AnswerView, Empty, useAsked } from './parts/states';
import { csvOf, Table } from './parts/table';

export const LARGEST_LIMIT = 10;

const LIMITS = [LARGEST_LIMIT, 25, 50];
const BARS = 10;

/** The objects that take the most room, as bars and as a table. */
export function LargestPanel(): JSX.Element {
  const { bucket, prefix, limit = LARGEST_LIMIT } = route.value;
  const query = useAsked(largestQuery({ bucket, prefix }, limit));
  const { data, at } = query.answer.value;
  const columns = objectColumns(prefix);
  const save = () => data && download(['largest', bucket, prefix], ...csvOf(columns, data.objects));
  return (
    <Panel
      flush
      title="Largest objects"
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
      <AnswerView query={query} label="Ranking objects by size" rows={10}>
        {(found) =>
          found.objects.length === 0 ? (
            <Empty title="Nothing to rank" icon={<Ruler size={20} aria-hidden="true" />}>
              <p>No objects lie below this place.</p>
            </Empty>
          ) : (
            <>
              <Bars data={found} prefix={prefix} />
              <Table
                label="Largest objects"
                columns={columns}
                rows={found.objects}
                rowKey={(row) => row.key}
              />
            </>
          )
        }
      </AnswerView>
    </Panel>
  );
}

function Foot({ data, at }: { data: LargestObjects; at: number | undefined }): JSX.Element {
  const together = data.objects.reduce((sum, object) => sum + object.size_bytes, 0);
  const share = (together * 100) / Math.max(1, data.total_size_bytes);
  return (
    <>
      {at !== undefined && <span>as of {timeOfDay(at)}</span>}
      <span>{counted(data.count_scanned, 'object')} compared</span>
      <span>
        these hold {bytes(together)}, {percent(share)} of all
      </span>
    </>
  );
}

function Bars({ data, prefix }: { data: LargestObjects; prefix: string }): JSX.Element {
  const top = useMemo(() => data.objects.slice(0, BARS), [data]);
  const option = useCallback(
    (palette: Palette) => {
      const short = (key: string) =>
        key.startsWith(prefix) && key !== prefix ? key.slice(prefix.length) : key;
      const room = innerWidth < 720 ? 18 : 44;
      return barOption(
        top.map((object) => ({ label: middle(short(object.key), room), value: object.size_bytes })),
        bytes,
        palette,
      );
    },
    [top, prefix],
  );
  const words = top.map((object) => `${plain(object.key)}: ${bytes(object.size_bytes)}`).join('. ');
  // A bar leads to the folder that holds the object.
  const open = (at: number) => {
    const key = top[at]?.key;
    if (key) go(hrefOf({ bucket: data.bucket, prefix: key.slice(0, key.lastIndexOf('/') + 1) }));
  };
  return (
    <div class="bars">
      <Chart
        height={28 + top.length * 24}
        option={option}
        summary={`Largest objects. ${words}. The table below says the same.`}
        onPick={open}
      />
    </div>
  );
}
