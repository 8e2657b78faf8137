/** What should be known: findings of the access log and of the buckets' settings, and what was said of them. */

import type { components } from '../api/schema';
import { tool } from '../api/tools';
import { plain } from '../lib/text';
import { momentsOf, type Period } from './period';
import { type Query, query } from './query';

type Schemas = components['schemas'];

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

export type Severity = (typeof SEVERITIES)[number];
export type Proof = Schemas['Proof'];
export type Suppression = Schemas['Suppression'];

/** Who or what makes most of a finding. */
export interface FindingPart {
  readonly kind: string;
  readonly value: string;
  readonly requests?: number;
  readonly bytes_sent?: number;
}

// The document has one schema for two things called `Severity`, and one for two called `Part`: a finding has its own.
export type Finding = Omit<Schemas['Finding'], 'severity' | 'parts'> & {
  readonly severity: Severity;
  readonly parts?: readonly FindingPart[];
};

/** Whether a bucket has something: the document calls an answer of the assistant the same. */
export type YesNo = 'yes' | 'no' | 'partly' | 'unknown';

export type BucketPosture = Omit<Schemas['BucketPosture'], 'worst' | Hygiene> & {
  readonly worst?: Severity | null;
} & Readonly<Record<Hygiene, YesNo>>;

export type Hygiene = 'logging' | 'versioning' | 'lifecycle' | 'abort_rule';

export type Findings = Omit<Schemas['FindingsOutput'], 'findings'> & {
  readonly findings: readonly Finding[];
};
export type Posture = Omit<Schemas['PostureOutput'], 'findings' | 'buckets'> & {
  readonly findings: readonly Finding[];
  readonly buckets: readonly BucketPosture[];
};
export type Suppressions = Schemas['SuppressionsOutput'];

const key = (...parts: (string | undefined)[]) => JSON.stringify(parts);
const all = (bucket: string) => (bucket ? plain(bucket) : 'all buckets');

interface FindingsAsked {
  readonly bucket: string;
  readonly rule: string | undefined;
  readonly period: Period;
}

export function findingsQuery({ bucket, rule, period }: FindingsAsked): Query<Findings> {
  return query(
    key('findings', bucket, rule, JSON.stringify(period)),
    `Searching the log of ${all(bucket)}`,
    (asker) => {
      const { from, to } = momentsOf(period, Date.now(), '7d');
      return tool('findings', asker, { bucket, rule, from, to });
    },
  );
}

export function postureQuery(bucket: string): Query<Posture> {
  return query(key('posture', bucket), `Reading the settings of ${all(bucket)}`, (asker) =>
    tool('posture', asker, { bucket }),
  );
}

export function suppressionsQuery(): Query<Suppressions> {
  return query(key('suppressions'), 'Reading what was put aside', (asker) =>
    tool('findings/suppressions', asker, { ended: 'true' }),
  );
}

/** Worst first, what was put aside last; each finding once. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const once = new Map(findings.map((finding) => [finding.id, finding]));
  const rank = ({ suppressed, severity }: Finding) =>
    (suppressed ? SEVERITIES.length : 0) + SEVERITIES.indexOf(severity);
  return [...once.values()].toSorted((a, b) => rank(a) - rank(b));
}

/** How many of each severity there are to be looked at. */
export function tally(findings: readonly Finding[]): Map<Severity, number> {
  const found = new Map<Severity, number>();
  for (const { severity, suppressed } of findings)
    if (!suppressed) found.set(severity, (found.get(severity) ?? 0) + 1);
  return found;
}
