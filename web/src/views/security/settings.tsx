import { ChevronRight, CircleCheck, CircleDashed, CircleHelp, CircleX, Cylinder } from 'lucide-preact';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { counted } from '../../lib/format';
import { route } from '../../state/route';
import {
  type BucketPosture,
  type Hygiene,
  type Posture,
  postureQuery,
  type YesNo,
} from '../../state/security';
import { Prose } from '../assistant/prose';
import { Foreign, KeyText } from '../parts/key';
import { Panel } from '../parts/panel';
import { AnswerView, Empty, useAsked, useRefresh } from '../parts/states';
import { type Column, Table } from '../parts/table';
import { SeverityBadge } from './finding';

const HYGIENE: readonly { value: Hygiene; label: string }[] = [
  { value: 'logging', label: 'Logging' },
  { value: 'versioning', label: 'Versioning' },
  { value: 'lifecycle', label: 'Lifecycle' },
  { value: 'abort_rule', label: 'Ends uploads' },
];

const LOOKS: Record<YesNo, { icon: typeof CircleCheck; class: string; word: string }> = {
  yes: { icon: CircleCheck, class: 'hygiene-yes', word: 'yes' },
  partly: { icon: CircleDashed, class: 'hygiene-partly', word: 'partly' },
  no: { icon: CircleX, class: 'hygiene-no', word: 'no' },
  unknown: { icon: CircleHelp, class: 'muted', word: 'unknown' },
};

function YesNoView({ value }: { value: YesNo }): JSX.Element {
  // A newer server may know an answer this page doesn't.
  const { icon: Icon, class: name, word } = LOOKS[value] ?? LOOKS.unknown;
  return (
    <span class={`hygiene ${name}`}>
      <Icon size={14} aria-hidden="true" />
      {word}
    </span>
  );
}

/** How buckets are set up, and each setting as the store told it. */
export function SettingsView(): JSX.Element {
  const query = useAsked(postureQuery(route.value.bucket));
  useRefresh(query);
  return (
    <AnswerView query={query} label="Reading the settings of buckets" rows={8}>
      {(posture) =>
        posture.buckets.length === 0 ? (
          <Empty title="No bucket to look at" icon={<Cylinder size={20} aria-hidden="true" />}>
            {posture.note && (
              <p>
                <Foreign text={posture.note} />
              </p>
            )}
          </Empty>
        ) : (
          <Drawn posture={posture} />
        )
      }
    </AnswerView>
  );
}

function Drawn({ posture }: { posture: Posture }): JSX.Element {
  const [name, setName] = useState('');
  const shown = posture.buckets.find(({ bucket }) => bucket === name) ?? posture.buckets[0];
  return (
    <div class="page">
      <Panel
        flush
        title={
          <>
            Buckets
            <span class="badge">{posture.buckets.length}</span>
          </>
        }
        foot={
          (posture.truncated || posture.note || (posture.unreachable?.length ?? 0) > 0) && (
            <>
              {posture.truncated && <span>The first of {counted(posture.bucket_count, 'bucket')}</span>}
              {posture.unreachable?.map((one) => (
                <span key={one.bucket}>
                  <Foreign text={one.bucket} /> could not be looked at
                </span>
              ))}
              {posture.note && <Foreign text={posture.note} />}
            </>
          )
        }
      >
        <Table
          label="Settings of buckets"
          columns={columnsOf(setName, shown?.bucket)}
          rows={posture.buckets}
          rowKey={(row) => row.bucket}
          sortable
        />
      </Panel>
      {shown && <Settings bucket={shown} />}
    </div>
  );
}

function columnsOf(choose: (bucket: string) => void, shown: string | undefined): Column<BucketPosture>[] {
  return [
    {
      id: 'bucket',
      label: 'Bucket',
      cell: (row) => (
        <button
          type="button"
          class="cell-name link-name"
          aria-pressed={row.bucket === shown}
          onClick={() => choose(row.bucket)}
        >
          <KeyText text={row.bucket} />
        </button>
      ),
      csv: (row) => row.bucket,
      sortBy: (row) => row.bucket,
    },
    ...HYGIENE.map(
      ({ value, label }, at): Column<BucketPosture> => ({
        id: value,
        label,
        width: 112,
        wide: at > 1,
        cell: (row) => <YesNoView value={row[value]} />,
        csv: (row) => row[value],
        sortBy: (row) => row[value],
      }),
    ),
    {
      id: 'worst',
      label: 'Worst',
      width: 112,
      wide: true,
      cell: (row) => (row.worst ? <SeverityBadge severity={row.worst} /> : '–'),
      csv: (row) => row.worst,
      sortBy: (row) => row.worst ?? '',
    },
  ];
}

const STATES: Record<string, string> = {
  set: 'set',
  not_set: 'not set',
  not_allowed: 'these keys may not ask',
  not_supported: 'this store has none',
  unclear: 'unclear',
  failed: 'could not be asked',
};

function Settings({ bucket }: { bucket: BucketPosture }): JSX.Element {
  return (
    <Panel
      flush
      title={
        <>
          Settings of <Foreign text={bucket.bucket} />
        </>
      }
    >
      <dl class="settings">
        {bucket.settings.map((setting) => (
          <div key={setting.name}>
            <dt>{setting.name.replaceAll('_', ' ')}</dt>
            <dd>
              <div class={setting.state === 'set' ? undefined : 'muted'}>
                {setting.state === 'set' ? (
                  <Prose text={setting.detail} />
                ) : (
                  <>
                    {STATES[setting.state] ?? setting.state}
                    {setting.detail && setting.detail !== 'not set' && (
                      <>
                        : <Foreign text={setting.detail} />
                      </>
                    )}
                  </>
                )}
              </div>
              {setting.document && (
                <details class="record">
                  <summary>
                    <ChevronRight size={12} aria-hidden="true" class="finding-chevron" />
                    As the store told it
                  </summary>
                  <pre tabIndex={0}>
                    <Foreign text={setting.document} />
                  </pre>
                </details>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
