import { CircleCheck, Info, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { count, counted } from '../../lib/format';
import { periodOf } from '../../state/period';
import { offerRefresh } from '../../state/refresh';
import { hrefOf, route } from '../../state/route';
import {
  type Finding,
  type Findings,
  findingsQuery,
  inOrder,
  postureQuery,
  SEVERITIES,
  type Severity,
  tally,
} from '../../state/security';
import { CoverageBadge } from '../parts/coverage';
import { Foreign } from '../parts/key';
import { Panel, Segments } from '../parts/panel';
import { Empty, ProblemView, Skeleton, useAsked, Working } from '../parts/states';
import { chosen } from '../parts/tabs';
import { FindingView } from './finding';

const LEAST = [
  { value: '', label: 'All' },
  { value: 'low', label: 'Low +' },
  { value: 'medium', label: 'Medium +' },
  { value: 'high', label: 'High +' },
] as const;

/** Findings of the log and of the settings together, the worst first. */
export function FindingsView(): JSX.Element {
  const { bucket, filters } = route.value;
  const logs = useAsked(findingsQuery({ bucket, rule: filters.rule, period: periodOf(route.value) }));
  const settings = useAsked(postureQuery(bucket));
  const refresh = () => {
    logs.refresh();
    settings.refresh();
  };
  useEffect(
    () =>
      offerRefresh(() => ({
        at: logs.answer.value.at,
        busy: [logs, settings].some(({ answer }) => answer.value.phase === 'running'),
        refresh,
      })),
    [logs, settings],
  );
  const least = chosen(
    'min_severity',
    LEAST.map(({ value }) => value),
  );
  const [ofLogs, ofSettings] = [logs.answer.value, settings.answer.value];
  const all = inOrder([
    ...(ofLogs.data?.findings ?? []),
    // A rule of the log has no business with settings.
    ...(filters.rule ? [] : (ofSettings.data?.findings ?? [])),
  ]);
  const shown = least ? all.filter(({ severity }) => isAtLeast(severity, least)) : all;
  const choices = LEAST.map(({ value, label }) => ({
    value,
    label,
    href: hrefOf({ ...route.value, filters: { ...filters, min_severity: value } }),
  }));
  const waiting = !ofLogs.data && !ofLogs.problem;
  return (
    <Panel
      flush
      title={<Title findings={all} waiting={waiting} />}
      tools={<Segments label="Least severity" value={least} choices={choices} />}
      foot={ofLogs.data && <Foot data={ofLogs.data} />}
    >
      <Working answer={ofLogs} label="Searching the log" cancel={() => logs.cancel()} />
      {ofLogs.problem && <ProblemView problem={ofLogs.problem} retry={() => logs.refresh()} />}
      {ofSettings.problem && <ProblemView problem={ofSettings.problem} retry={() => settings.refresh()} />}
      <Cautions logs={ofLogs.data} note={ofSettings.data?.note} />
      {shown.length > 0 && <List findings={shown} changed={refresh} />}
      {waiting && <Skeleton rows={6} label="Searching the log" />}
      {!waiting && !ofLogs.problem && shown.length === 0 && <None all={all.length} />}
    </Panel>
  );
}

function isAtLeast(severity: Severity, least: string): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least as Severity);
}

/** In words, how much there is to be looked at. */
function Title({ findings, waiting }: { findings: readonly Finding[]; waiting: boolean }): JSX.Element {
  const found = tally(findings);
  const open = [...found.values()].reduce((sum, n) => sum + n, 0);
  return (
    <>
      {waiting && open === 0 ? 'Findings' : counted(open, 'finding')}
      {SEVERITIES.map((severity) => {
        const n = found.get(severity);
        return n ? (
          <span key={severity} class={`severity severity-${severity}`}>
            {count(n)} {severity}
          </span>
        ) : null;
      })}
    </>
  );
}

function List({ findings, changed }: { findings: readonly Finding[]; changed: () => void }): JSX.Element {
  return (
    <ul class="findings">
      {findings.map((finding) => (
        <FindingView key={finding.id} finding={finding} changed={changed} />
      ))}
    </ul>
  );
}

function None({ all }: { all: number }): JSX.Element {
  return (
    <Empty
      title={all === 0 ? 'Nothing stands out' : 'Nothing that severe'}
      icon={<CircleCheck size={20} aria-hidden="true" />}
    >
      <p>
        What the access log and the settings of buckets give away shows up here: who got in after being
        refused, who took everything, what is open to everybody.
      </p>
    </Empty>
  );
}

/** What was not looked at, and why nothing found doesn’t mean that nothing happened. */
function Cautions({
  logs,
  note,
}: {
  logs: Findings | undefined;
  note: string | null | undefined;
}): JSX.Element {
  const notJudged = logs?.rules.filter((rule) => rule.not_judged) ?? [];
  const texts = [logs?.caution, logs?.note, note].flatMap((text) => text ?? []);
  return (
    <>
      {texts.map((text) => (
        <p class="banner banner-warn" key={text}>
          <TriangleAlert size={16} aria-hidden="true" />
          <Foreign text={text} />
        </p>
      ))}
      {notJudged.length > 0 && (
        <details class="not-judged">
          <summary>
            <Info size={14} aria-hidden="true" />
            {counted(notJudged.length, 'rule')} could not judge
          </summary>
          <ul>
            {notJudged.map((rule) => (
              <li key={rule.rule}>
                <span class="mono">{rule.rule}</span>: <Foreign text={rule.not_judged ?? ''} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Foot({ data }: { data: Findings }): JSX.Element {
  const cut = data.rules.filter(({ truncated }) => truncated);
  return (
    <>
      <CoverageBadge coverage={data.coverage} />
      <span>{counted(data.rules.length, 'rule')} of the log looked</span>
      {cut.length > 0 && (
        <span>
          twenty findings are told of each rule; there are more of {cut.map(({ rule }) => rule).join(', ')}
        </span>
      )}
    </>
  );
}
