import { CircleCheck, CircleDashed, OctagonAlert, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { health, history, refreshHealth } from '../state/health';
import { offerRefresh } from '../state/refresh';
import { type Level, verdict } from '../state/verdict';
import { BucketPanel } from './bucket-panel';
import { HealthPanel } from './health-panel';

const ICONS = {
  good: CircleCheck,
  quiet: CircleDashed,
  warn: TriangleAlert,
  bad: OctagonAlert,
} as const satisfies Record<Level, unknown>;

/** What is wrong, if anything; then how storage operations are doing, and the buckets. */
export function Overview(): JSX.Element {
  useEffect(
    () =>
      offerRefresh(() => ({
        at: health.value.at,
        busy: health.value.asking,
        refresh: () => void refreshHealth(),
      })),
    [],
  );
  const said = verdict(health.value, history.value);
  const Icon = ICONS[said.level];
  return (
    <div class="page">
      <h1 class={`verdict verdict-${said.level}`} aria-live="polite">
        <Icon size={said.level === 'good' || said.level === 'quiet' ? 20 : 22} aria-hidden="true" />
        <span>{said.sentence}</span>
      </h1>
      <HealthPanel verdict={said} />
      <BucketPanel />
    </div>
  );
}
