import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  readonly title: ComponentChildren;
  /** Stands right of the title. */
  readonly tools?: ComponentChildren;
  /** One line of context below. */
  readonly foot?: ComponentChildren;
  readonly flush?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** The one frame for everything on a page. */
export function Panel({
  title,
  tools,
  foot,
  flush = false,
  class: extra = '',
  children,
}: Props): JSX.Element {
  const id = useId();
  return (
    <section class={`panel ${extra}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {tools && <div class="panel-tools">{tools}</div>}
      </header>
      <div class={flush ? 'panel-body panel-flush' : 'panel-body'}>{children}</div>
      {foot && <footer class="panel-foot">{foot}</footer>}
    </section>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly unit?: string | undefined;
  /** The exact figure, on hover. */
  readonly exact?: string | undefined;
  /** The change against the period before, or what else puts the figure in place. */
  readonly note?: ComponentChildren;
  readonly tone?: 'bad' | 'warn' | undefined;
}

export function Figure({ label, value, unit, exact, note, tone }: FigureProps): JSX.Element {
  return (
    <div class={tone ? `figure figure-${tone}` : 'figure'}>
      <dt>{label}</dt>
      <dd>
        <span class="figure-value" title={exact}>
          {value}
          {unit && <span class="figure-unit"> {unit}</span>}
        </span>
        <span class="figure-note">{note ?? '\u00A0'}</span>
      </dd>
    </div>
  );
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly href: string;
}

/** A few views of the same thing, each with an address of its own. */
export function Segments<T extends string>({
  label,
  value,
  choices,
}: {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
}): JSX.Element {
  return (
    <nav class="segments" aria-label={label}>
      {choices.map((choice) => (
        <a key={choice.value} href={choice.href} aria-current={choice.value === value ? 'true' : undefined}>
          {choice.label}
        </a>
      ))}
    </nav>
  );
}
