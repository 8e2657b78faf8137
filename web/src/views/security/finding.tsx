import {
  ArrowUpRight,
  BellOff,
  ChevronRight,
  CircleAlert,
  CircleDot,
  Flame,
  Info,
  TriangleAlert,
} from 'lucide-preact';
import type { JSX } from 'preact';
import { bytes, count, duration, percent } from '../../lib/format';
import { capital } from '../../lib/text';
import { dateTime, parseTime, utc } from '../../lib/time';
import { pageOf } from '../../state/links';
import type { Finding, FindingPart, Proof, Severity } from '../../state/security';
import { Prose } from '../assistant/prose';
import { Foreign, KeyText } from '../parts/key';
import { RecordView } from '../parts/record';
import { SuppressForm } from './suppress';

const ICONS: Record<Severity, typeof Info> = {
  critical: Flame,
  high: CircleAlert,
  medium: TriangleAlert,
  low: CircleDot,
  info: Info,
};

export function SeverityBadge({ severity }: { severity: Severity }): JSX.Element {
  const Icon = ICONS[severity];
  return (
    <span class={`severity severity-${severity}`}>
      <Icon size={13} aria-hidden="true" />
      {severity}
    </span>
  );
}

/** A finding: its sentence; opened, why it matters, what to do and what it rests on. */
export function FindingView({ finding, changed }: { finding: Finding; changed: () => void }): JSX.Element {
  const { suppressed } = finding;
  const seen = parseTime(finding.last_seen);
  return (
    <li class={suppressed ? 'finding finding-aside' : 'finding'}>
      <details>
        <summary>
          <ChevronRight size={14} aria-hidden="true" class="finding-chevron" />
          <SeverityBadge severity={finding.severity} />
          <span class="finding-title">
            <Prose text={capital(finding.title)} />
          </span>
          {suppressed && (
            <span class="badge">
              <BellOff size={12} aria-hidden="true" />
              put aside
            </span>
          )}
          {seen !== undefined && (
            <time class="muted" title={utc(seen)} dateTime={finding.last_seen ?? undefined}>
              {dateTime(seen)}
            </time>
          )}
        </summary>
        <div class="finding-body">
          <dl class="finding-words">
            <dt>Why it matters</dt>
            <dd>
              <Prose text={capital(finding.why)} />
            </dd>
            <dt>What to do</dt>
            <dd>
              <Prose text={capital(finding.advice)} />
            </dd>
          </dl>
          <Figures finding={finding} />
          <Parts parts={finding.parts ?? []} />
          {finding.proofs?.map((proof) => (
            <ProofView key={proof.about} proof={proof} />
          ))}
          {finding.setting && <SettingProof setting={finding.setting} />}
          <SuppressForm id={finding.id} suppressed={suppressed} changed={changed} />
        </div>
      </details>
    </li>
  );
}

/** A figure by the unit the server names. */
function figureText(value: number, unit: string): string {
  if (unit === 'Bytes') return bytes(value);
  if (unit === 'Percent') return percent(value);
  if (unit === 'Milliseconds') return duration(value);
  return Number.isInteger(value) ? count(value) : value.toFixed(1);
}

function Figures({ finding }: { finding: Finding }): JSX.Element | null {
  const figures = finding.figures ?? [];
  const first = parseTime(finding.first_seen);
  if (figures.length === 0 && first === undefined) return null;
  return (
    <dl class="finding-figures">
      {figures.map(({ name, value, unit }) => (
        <div key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd title={String(value)}>{figureText(value, unit)}</dd>
        </div>
      ))}
      {first !== undefined && (
        <div>
          <dt>first seen</dt>
          <dd title={utc(first)}>{dateTime(first)}</dd>
        </div>
      )}
    </dl>
  );
}

function Parts({ parts }: { parts: readonly FindingPart[] }): JSX.Element | null {
  if (parts.length === 0) return null;
  return (
    <div class="prose-table" role="group" aria-label="Who and what makes most of it" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Which</th>
            <th scope="col" class="numeric">
              Requests
            </th>
            <th scope="col" class="numeric">
              Bytes sent
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={`${part.kind} ${part.value}`}>
              <td>{part.kind}</td>
              <td>
                <KeyText text={part.value} tail={24} />
              </td>
              <td class="numeric">{part.requests === undefined ? '–' : count(part.requests)}</td>
              <td class="numeric">{part.bytes_sent === undefined ? '–' : bytes(part.bytes_sent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The newest records of a finding, each with its raw line, and the way to all of them. */
function ProofView({ proof }: { proof: Proof }): JSX.Element {
  const href = pageOf('search-logs', proof.query as Record<string, unknown>);
  return (
    <section class="proof" aria-label={`Evidence: ${proof.about}`}>
      <header>
        <h3>
          Evidence: <Foreign text={proof.about} />
        </h3>
        {href && (
          <a class="cite-link" href={href}>
            All {count(proof.records)} records
            <ArrowUpRight size={13} aria-hidden="true" />
          </a>
        )}
      </header>
      {proof.sample.map((record, at) => (
        <RecordView key={`${record.request_id} ${at}`} record={record} />
      ))}
    </section>
  );
}

function SettingProof({ setting }: { setting: NonNullable<Finding['setting']> }): JSX.Element {
  return (
    <details class="record">
      <summary>
        <ChevronRight size={12} aria-hidden="true" class="finding-chevron" />
        Evidence: the setting <span class="mono">{setting.name}</span> as the store told it
      </summary>
      <pre tabIndex={0}>
        <Foreign text={setting.document} />
      </pre>
      {setting.truncated && <p class="muted">The document goes on; this is its beginning.</p>}
    </details>
  );
}
