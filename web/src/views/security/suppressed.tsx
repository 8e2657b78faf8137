import { BellOff, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { counted } from '../../lib/format';
import { dateTime, parseTime } from '../../lib/time';
import { type Suppressions, suppressionsQuery } from '../../state/security';
import { Foreign } from '../parts/key';
import { Panel } from '../parts/panel';
import { AnswerView, Empty, useAsked, useRefresh } from '../parts/states';
import { SuppressForm, untilText } from './suppress';

/** What somebody put aside, why and until when. */
export function SuppressedView(): JSX.Element {
  const query = useAsked(suppressionsQuery());
  useRefresh(query);
  const { data } = query.answer.value;
  return (
    <Panel
      flush
      title="Put aside"
      foot={
        data && (
          <span>
            Kept in <Foreign text={data.metrics_bucket} />; who still thinks so at the end says it again
          </span>
        )
      }
    >
      <AnswerView query={query} label="Reading what was put aside" rows={4}>
        {(found) => (
          <>
            {found.unreadable > 0 && (
              <p class="banner banner-warn">
                <TriangleAlert size={16} aria-hidden="true" />
                {counted(found.unreadable, 'note')} could not be read: what they put aside shows among the
                findings.
              </p>
            )}
            {found.suppressions.length === 0 ? (
              <None />
            ) : (
              <List found={found} changed={() => query.refresh()} />
            )}
          </>
        )}
      </AnswerView>
    </Panel>
  );
}

function None(): JSX.Element {
  return (
    <Empty title="Nothing was put aside" icon={<BellOff size={20} aria-hidden="true" />}>
      <p>A finding that is known and fine can be put aside for a while: open it and say why.</p>
    </Empty>
  );
}

function List({ found, changed }: { found: Suppressions; changed: () => void }): JSX.Element {
  return (
    <ul class="findings">
      {found.suppressions.map(({ id, active, reason, since, until }) => {
        const begun = parseTime(since);
        return (
          <li class="finding aside" key={`${id} ${since}`}>
            <span class="mono">
              <Foreign text={id} />
            </span>
            {active ? (
              <SuppressForm id={id} suppressed={{ reason, since, until }} changed={changed} />
            ) : (
              <span class="muted">
                ended {untilText(until)}: <Foreign text={reason} />
              </span>
            )}
            {begun !== undefined && <span class="muted">since {dateTime(begun)}</span>}
          </li>
        );
      })}
    </ul>
  );
}
