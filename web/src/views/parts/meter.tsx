import type { ComponentChildren, JSX } from 'preact';
import { percent } from '../../lib/format';

interface Props {
  readonly label: string;
  readonly value: number;
  readonly text: ComponentChildren;
  /** What is said below. */
  readonly note?: ComponentChildren;
}

/** How much of something limited is used, as a bar that turns with its figure. */
export function Meter({ label, value, text, note }: Props): JSX.Element {
  const tone = value >= 100 ? 'bad' : value >= 80 ? 'warn' : 'good';
  return (
    <div class={`meter meter-${tone}`}>
      <span class="meter-label">{label}</span>
      <span class="meter-text">
        {text} · {percent(value)}
      </span>
      <span class="meter-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(100, Math.max(value > 0 ? 1 : 0, value))}%` }} />
      </span>
      {note && <span class="meter-note">{note}</span>}
    </div>
  );
}
