import type { JSX } from 'preact';
import { bytes, count, exactBytes, percent } from '../../lib/format';
import { stats } from '../../state/admin';
import { Figure, Panel } from '../parts/panel';
import { ProblemView, Skeleton } from '../parts/states';

/** Counters since the server began. */
export function StatsPanel(): JSX.Element {
  const { data, problem } = stats.state.value;
  return (
    <Panel flush title="Since the start" foot={<span>Counted since this server began</span>}>
      {!data && problem && <ProblemView problem={problem} retry={() => void stats.refresh()} />}
      {!data && !problem && <Skeleton rows={3} label="Asking for counters" />}
      {data && (
        <dl class="figures figures-quiet figures-health">
          <Figure label="Questions to tools" value={count(data.tool_requests)} />
          <Figure label="Chat messages" value={count(data.chat_requests)} />
          <Figure
            label="Model calls"
            value={count(data.agent_calls)}
            note={data.agent_failures > 0 ? `${count(data.agent_failures)} failed` : 'none failed'}
            tone={data.agent_failures > 0 ? 'warn' : undefined}
          />
          <Figure label="Bucket lists fetched" value={count(data.bucket_cache_refreshes)} />
          <Figure label="Scheduler runs" value={count(data.scheduler_runs)} />
          <Figure
            label="Snapshots"
            value={count(data.scheduler_snapshots_ok)}
            note={
              data.scheduler_snapshots_err > 0
                ? `${count(data.scheduler_snapshots_err)} failed`
                : 'none failed'
            }
            tone={data.scheduler_snapshots_err > 0 ? 'bad' : undefined}
          />
          <Figure
            label="Calls to the store"
            value={count(data.s3_metrics.total_operations_5m)}
            note={`${percent(data.s3_metrics.error_rate_percent)} failed, last 5 min`}
          />
          <Figure
            label="Moved from the store"
            value={bytes(data.s3_metrics.total_bytes_transferred_5m)}
            exact={exactBytes(data.s3_metrics.total_bytes_transferred_5m)}
            note="last 5 min"
          />
        </dl>
      )}
    </Panel>
  );
}
