import type { JSX } from 'preact';
import { hrefOf, route } from '../../state/route';

interface Props<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly tabs: readonly {
    readonly value: T;
    readonly label: string;
    readonly count?: number | undefined;
  }[];
}

/** The views of a page; the usual one is not in the address. */
export function ViewTabs<T extends string>({ label, value, tabs }: Props<T>): JSX.Element {
  const { page, bucket, last, from, to } = route.value;
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab, at) => (
        <a
          key={tab.value}
          href={hrefOf({ page, bucket, last, from, to, filters: at === 0 ? {} : { view: tab.value } })}
          aria-current={tab.value === value ? 'page' : undefined}
        >
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && <span class="tab-count">{tab.count}</span>}
        </a>
      ))}
    </nav>
  );
}

/** Which of a few values the address names, or the first. */
export function chosen<T extends string>(name: string, known: readonly T[]): T {
  const value = route.value.filters[name];
  return known.find((candidate) => candidate === value) ?? (known[0] as T);
}
