import { ChevronRight } from 'lucide-preact';
import type { JSX } from 'preact';
import type { components } from '../../api/schema';
import { bytes, duration } from '../../lib/format';
import { dateTime, parseTime, timeWithSeconds, utc } from '../../lib/time';
import { Foreign, KeyText } from './key';
import { copy } from './toast';

export type LogRecord = components['schemas']['LogRecord'];

/** When, to the second. */
function momentOf(ts: string): JSX.Element | string {
  const at = parseTime(ts);
  if (at === undefined) return ts;
  return <span title={utc(at)}>{`${dateTime(at).slice(0, 10)} ${timeWithSeconds(at)}`}</span>;
}

/** One request as the access log tells it; opened, its line byte for byte and where it stands. */
export function RecordView({ record }: { record: LogRecord }): JSX.Element {
  const { log_object: place } = record;
  const took = record.total_ms;
  return (
    <details class="record">
      <summary>
        <ChevronRight size={12} aria-hidden="true" class="finding-chevron" />
        <span class="mono record-time">{momentOf(record.ts)}</span>
        <span class="mono record-ip">
          <Foreign text={record.ip} />
        </span>
        <span class={record.status >= 400 ? 'record-status text-bad' : 'record-status'}>
          <Foreign text={`${record.method} ${record.status}`} />
        </span>
        <span class="record-key">
          <KeyText text={record.key ?? record.operation} tail={24} />
        </span>
        <span class="record-figures muted">
          {bytes(record.bytes_sent)}
          {typeof took === 'number' && ` · ${duration(took)}`}
        </span>
      </summary>
      <pre tabIndex={0}>
        <Foreign text={record.raw} />
      </pre>
      <p class="muted record-place">
        <Foreign
          text={`${place.bucket}/${place.key}${typeof place.offset === 'number' ? `, at byte ${place.offset}` : ''}`}
        />
        {record.raw_truncated && ' · the line goes on'}
        <button type="button" class="link" onClick={() => copy(record.raw, 'Line copied')}>
          Copy the line
        </button>
      </p>
    </details>
  );
}
