import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { counted } from '../../lib/format';
import { capital } from '../../lib/text';
import { type Check, diagnosisQuery } from '../../state/diagnosis';
import { Prose } from '../assistant/prose';
import { Foreign } from '../parts/key';
import { Panel } from '../parts/panel';
import { AnswerView, useAsked } from '../parts/states';

const LOOKS: Record<Check['status'], { icon: typeof Info; class: string; word: string }> = {
  failed: { icon: CircleAlert, class: 'text-bad', word: 'failed' },
  warning: { icon: TriangleAlert, class: 'text-warn', word: 'warning' },
  note: { icon: Info, class: 'muted', word: 'note' },
  ok: { icon: CircleCheck, class: 'text-good', word: 'fine' },
};

const ORDER = Object.keys(LOOKS);

/** What these keys can reach, checked with the store: what is wrong first, with what to do. */
export function ConnectionPanel(): JSX.Element {
  const query = useAsked(diagnosisQuery());
  const { data } = query.answer.value;
  return (
    <Panel
      flush
      title="What these keys reach"
      tools={
        <button type="button" class="button button-small" onClick={() => query.refresh()}>
          Check again
        </button>
      }
      foot={
        data && (
          <span>
            <Foreign text={data.endpoint} />, region <Foreign text={data.region} />
          </span>
        )
      }
    >
      <AnswerView query={query} label="Checking what these keys reach" rows={5}>
        {({ checks }) => <Checks checks={checks} />}
      </AnswerView>
    </Panel>
  );
}

function Checks({ checks }: { checks: readonly Check[] }): JSX.Element {
  const worth = checks
    .filter(({ status }) => status !== 'ok')
    .toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  const fine = checks.filter(({ status }) => status === 'ok');
  return (
    <>
      {worth.length > 0 && <List checks={worth} />}
      <details class="not-judged">
        <summary>
          <CircleCheck size={14} aria-hidden="true" />
          {counted(fine.length, 'check')} fine
        </summary>
        <List checks={fine} />
      </details>
    </>
  );
}

function List({ checks }: { checks: readonly Check[] }): JSX.Element {
  return (
    <ul class="checks">
      {checks.map((check) => {
        const { icon: Icon, class: name, word } = LOOKS[check.status];
        return (
          <li key={`${check.name} ${check.bucket}`}>
            <span class={name}>
              <Icon size={14} aria-hidden="true" />
              <span class="hidden-text">{word}: </span>
            </span>
            <span class="checks-what">
              {check.bucket ? <Foreign text={check.bucket} /> : 'account'}
              <span class="muted"> {check.name}</span>
            </span>
            <span>
              <Prose text={capital(check.detail)} />
              {check.hint && (
                <span class="muted">
                  <Prose text={capital(check.hint)} />
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
