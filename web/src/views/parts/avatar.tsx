import type { JSX } from 'preact';

/** The first letter of a tenant, to tell two tabs apart. */
export function Avatar({ name }: { name: string }): JSX.Element {
  return (
    <span class="avatar" aria-hidden="true">
      {([...name][0] ?? '?').toUpperCase()}
    </span>
  );
}
