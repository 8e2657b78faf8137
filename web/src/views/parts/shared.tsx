import type { ComponentChildren, JSX } from 'preact';
import { percent } from '../../lib/format';

/** A figure with the share of the whole that it is, as a bar before it. */
export function Shared({
  percent: share,
  children,
}: {
  percent: number | undefined;
  children: ComponentChildren;
}): JSX.Element {
  if (share === undefined) return <>{children}</>;
  const width = Math.min(100, Math.max(share > 0 ? 2 : 0, share));
  return (
    <span class="cell-shared">
      <span class="cell-bar" title={percent(share)} aria-hidden="true">
        <span style={{ width: `${width}%` }} />
      </span>
      <span class="cell-value">{children}</span>
    </span>
  );
}
