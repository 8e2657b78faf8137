import { CircleAlert, CircleCheck } from 'lucide-preact';
import type { JSX } from 'preact';
import type { components } from '../../api/schema';
import { count, span } from '../../lib/format';
import { dateTime, parseTime, utc } from '../../lib/time';
import { Foreign } from './key';
import { Popover } from './popover';

export type Coverage = components['schemas']['Coverage'];

/** What is known of the log behind a figure, in a few words. */
function inShort(coverage: Coverage): string {
  const parts: string[] = [];
  if (coverage.objects_pending > 0) parts.push(`${count(coverage.objects_pending)} log objects to read`);
  if (coverage.objects_failed > 0) parts.push(`${count(coverage.objects_failed)} unreadable`);
  if (coverage.lines_rejected > 0) parts.push(`${count(coverage.lines_rejected)} lines rejected`);
  if (!coverage.complete && coverage.objects_pending === 0) parts.unshift('newest requests may be missing');
  if (coverage.complete) parts.unshift('log complete');
  return parts.join(' · ');
}

/** What an answer rests on, one click from the whole. */
export function CoverageBadge({ coverage }: { coverage: Coverage }): JSX.Element {
  const at = parseTime(coverage.as_of);
  const Icon = coverage.complete ? CircleCheck : CircleAlert;
  const face = (
    <>
      <Icon size={13} aria-hidden="true" />
      <span>
        {at !== undefined && `as of ${dateTime(at)} · `}
        {inShort(coverage)}
      </span>
    </>
  );
  return (
    <Popover label="What these figures rest on" face={face} faceClass="coverage" above>
      {() => <CoverageFacts coverage={coverage} />}
    </Popover>
  );
}

function moment(text: string | null | undefined): JSX.Element | string {
  const at = parseTime(text);
  return at === undefined ? 'open' : <span title={utc(at)}>{dateTime(at)}</span>;
}

function CoverageFacts({ coverage }: { coverage: Coverage }): JSX.Element {
  return (
    <dl class="facts">
      <dt>From</dt>
      <dd>{moment(coverage.window.from)}</dd>
      <dt>To</dt>
      <dd>{coverage.window.to ? moment(coverage.window.to) : 'now'}</dd>
      <dt>Log objects read</dt>
      <dd>{count(coverage.objects_read)}</dd>
      <dt>Not read yet</dt>
      <dd>{count(coverage.objects_pending)}</dd>
      <dt>Unreadable</dt>
      <dd>{count(coverage.objects_failed)}</dd>
      <dt>Lines read</dt>
      <dd>{count(coverage.lines_read)}</dd>
      <dt>Rejected</dt>
      <dd>{count(coverage.lines_rejected)}</dd>
      <dt>Delivered twice</dt>
      <dd>{count(coverage.lines_duplicate)}</dd>
      <dt>Newest record</dt>
      <dd>
        {moment(coverage.newest_record)}
        {typeof coverage.lag_seconds === 'number' && ` (${span(coverage.lag_seconds)} ago)`}
      </dd>
      {coverage.note && (
        <>
          <dt>Note</dt>
          <dd class="facts-note">
            <Foreign text={coverage.note} />
          </dd>
        </>
      )}
    </dl>
  );
}
