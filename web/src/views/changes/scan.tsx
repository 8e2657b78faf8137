import { Camera } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { brokenAnswer, Problem } from '../../api/problem';
import { tool } from '../../api/tools';
import { count, counted, percent, span } from '../../lib/format';
import { type ScanReport, scanQuery } from '../../state/changes';
import { session } from '../../state/session';
import { Foreign } from '../parts/key';
import { ProblemView } from '../parts/states';

const ASK_AGAIN_MS = 1_500;

interface Props {
  readonly bucket: string;
  /** A scan has ended: there is something new to compare. */
  readonly done: () => void;
}

/** Takes an inventory, shows how far it is and lets one stop it. */
export function Scan({ bucket, done }: Props): JSX.Element {
  const query = scanQuery(bucket);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const { data } = query.answer.value;
  const running = data?.running === true;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => query.refresh(), ASK_AGAIN_MS);
    return () => {
      clearInterval(timer);
      done();
    };
  }, [running]);
  const run = async (path: string) => {
    const credentials = session.value?.credentials;
    if (!credentials) return;
    setProblem(undefined);
    setBusy(true);
    try {
      await tool(path, { credentials }, { bucket }, 'POST');
      await query.settled();
      // A small bucket is scanned before anybody can look.
      if (path === 'inventory/run' && !query.answer.value.data?.running) done();
    } catch (error) {
      setProblem(
        error instanceof Problem ? error : brokenAnswer('The answer was not what this page expects.'),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="scan">
      {running ? (
        <>
          <Progress report={data} />
          <button type="button" class="button button-small" onClick={() => void run('inventory/cancel')}>
            Cancel
          </button>
        </>
      ) : (
        <button
          type="button"
          class="button button-small"
          disabled={busy}
          onClick={() => void run('inventory/run')}
        >
          <Camera size={14} aria-hidden="true" />
          {busy ? 'Beginning …' : 'Take an inventory now'}
        </button>
      )}
      {!running && data?.last_error && (
        <span class="text-bad">
          The last one failed: <Foreign text={data.last_error} />
        </span>
      )}
      {problem && <ProblemView problem={problem} />}
    </div>
  );
}

function Progress({ report }: { report: ScanReport }): JSX.Element {
  const { entries, expected_entries, requests, entries_per_second, seconds_left, throttled } = report;
  const share = expected_entries ? `, ${percent(Math.min(100, (entries / expected_entries) * 100))}` : '';
  const left = typeof seconds_left === 'number' ? ` · about ${span(seconds_left)} left` : '';
  const slowed = throttled > 0 ? ` · the store asked to slow down ${counted(throttled, 'time')}` : '';
  return (
    <span role="status">
      <Foreign text={report.phase} />: {counted(entries, 'entry', 'entries')}
      {share} · {counted(requests, 'request')} · {count(entries_per_second)}/s{left}
      {slowed}
    </span>
  );
}
