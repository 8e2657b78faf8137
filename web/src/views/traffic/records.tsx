import { FileArchive, SearchX } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { brokenAnswer, Problem } from '../../api/problem';
import { counted } from '../../lib/format';
import type { Query } from '../../state/query';
import { session } from '../../state/session';
import { type Asked, evidence, type LogRecord, type Search } from '../../state/traffic';
import { CoverageBadge } from '../parts/coverage';
import { download, save } from '../parts/download';
import { Panel } from '../parts/panel';
import { RecordView } from '../parts/record';
import { AnswerView, Empty, ProblemView, useAsked } from '../parts/states';
import { say } from '../parts/toast';

interface Props {
  readonly asked: Asked;
  readonly query: Query<Search>;
}

/** The records themselves, newest first, each with its raw line. */
export function RecordsPanel({ asked, query }: Props): JSX.Element {
  useAsked(query);
  const { data, phase } = query.answer.value;
  return (
    <Panel
      flush
      title="Records"
      tools={data && data.matches.length > 0 && <Tools asked={asked} rows={data.matches} />}
      foot={
        data && (
          <>
            <CoverageBadge coverage={data.coverage} />
            <span>
              {counted(data.matches.length, 'record')} shown, newest first
              {data.next ? '; there are more' : ''}
            </span>
            {data.next && (
              <button
                type="button"
                class="button button-small"
                disabled={phase === 'running'}
                onClick={() => query.more()}
              >
                {phase === 'running' ? 'Reading …' : 'Show more'}
              </button>
            )}
          </>
        )
      }
    >
      <AnswerView query={query} label="Searching the log" rows={10}>
        {(found) =>
          found.matches.length === 0 ? (
            <Empty title="No record fits" icon={<SearchX size={20} aria-hidden="true" />}>
              <p>Take a filter away, or choose a longer period. Access logs come hours late.</p>
            </Empty>
          ) : (
            <div class="records">
              {found.matches.map((record, at) => (
                <RecordView key={`${record.request_id} ${record.ts} ${at}`} record={record} />
              ))}
            </div>
          )
        }
      </AnswerView>
    </Panel>
  );
}

const FIELDS = [
  'ts',
  'ip',
  'method',
  'status',
  'operation',
  'bucket',
  'key',
  'requester',
  'bytes_sent',
  'total_ms',
  'error_code',
  'user_agent',
  'request_id',
  'raw',
] as const satisfies readonly (keyof LogRecord)[];

function Tools({ asked, rows }: { asked: Asked; rows: readonly LogRecord[] }): JSX.Element {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const stop = useRef<AbortController>();
  useEffect(() => () => stop.current?.abort(), []);
  const saveEvidence = async () => {
    const credentials = session.value?.credentials;
    if (!credentials) return;
    const abort = new AbortController();
    stop.current = abort;
    setBusy(true);
    setProblem(undefined);
    try {
      const file = await evidence(asked, { credentials, signal: abort.signal });
      save(file.content, file.name ?? 'evidence.zip');
      say('Evidence saved');
    } catch (error) {
      if (!abort.signal.aborted)
        setProblem(error instanceof Problem ? error : brokenAnswer('The file did not come whole.'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button
        type="button"
        class="button button-small"
        title="All records that are meant, with their lines and digests, as one file that can be checked later"
        disabled={busy}
        onClick={() => void saveEvidence()}
      >
        <FileArchive size={14} aria-hidden="true" />
        {busy ? 'Saving evidence …' : 'Save as evidence'}
      </button>
      <button
        type="button"
        class="button button-small button-bare"
        onClick={() =>
          download(
            ['records', asked.bucket],
            FIELDS,
            rows.map((row) => FIELDS.map((name) => row[name])),
          )
        }
      >
        Download CSV
      </button>
      {problem && <ProblemView problem={problem} />}
    </>
  );
}
