import { ArrowUpRight, X } from 'lucide-preact';
import { type ComponentChildren, createContext, type JSX } from 'preact';
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Citation } from '../../api/chat';
import { count } from '../../lib/format';
import type { Found } from '../../lib/series';
import { parseTime, utc } from '../../lib/time';
import { pageOf } from '../../state/links';
import { Foreign } from '../parts/key';
import { ArgsView } from './args';
import { SmallChart } from './small-chart';

export interface Sources {
  readonly citations: readonly Citation[];
  readonly series: readonly Found[];
}

/** The citations of the answer that is drawn. */
export const CitedSources = createContext<Sources>({ citations: [], series: [] });

const SHOW_AFTER_MS = 150;
const HIDE_AFTER_MS = 250;

/** Open or not, with some patience on the way there and back. */
function useShown() {
  const [open, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const later = (value: boolean, ms: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(value), ms);
  };
  const close = () => {
    clearTimeout(timer.current);
    setOpen(false);
  };
  return { open, later, close };
}

/** A figure that a tool gave; where it comes from is shown on hover, on focus and by a click. */
export function Cited({ number, children }: { number: number; children: ComponentChildren }): JSX.Element {
  const { citations, series } = useContext(CitedSources);
  const { open, later, close } = useShown();
  const button = useRef<HTMLSpanElement>(null);
  const id = useId();
  const citation = citations[number];
  if (!citation) return <>{children}</>;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target === button.current && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      later(true, 0);
    }
    if (event.key !== 'Escape' || !open) return;
    event.stopPropagation();
    button.current?.focus();
    close();
  };
  return (
    <span
      class="cited-place"
      onPointerEnter={(event) => event.pointerType === 'mouse' && later(true, SHOW_AFTER_MS)}
      onPointerLeave={(event) => event.pointerType === 'mouse' && later(false, HIDE_AFTER_MS)}
      onKeyDown={onKeyDown}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && event.currentTarget.contains(to))) later(false, HIDE_AFTER_MS);
      }}
    >
      {/* A button would not break over lines as the text around it does. */}
      <span
        ref={button}
        role="button"
        tabIndex={0}
        class="cited"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onFocus={(event) => event.currentTarget.matches(':focus-visible') && later(true, 0)}
        onClick={() => later(true, 0)}
      >
        {children}
        <span class="hidden-text">, source</span>
      </span>
      {open && (
        <Card
          id={id}
          citation={citation}
          series={series.find(
            ({ path, field }) => citation.path.startsWith(`${path}/`) && citation.path.endsWith(`/${field}`),
          )}
          anchor={button.current}
          close={() => {
            button.current?.focus({ preventScroll: true });
            close();
          }}
        />
      )}
    </span>
  );
}

interface CardProps {
  readonly id: string;
  readonly citation: Citation;
  readonly series: Found | undefined;
  readonly anchor: HTMLElement | null;
  readonly close: () => void;
}

const MARGIN = 8;

/** Puts the card below its figure, or above where there is more room, inside the window. */
function usePlaced(anchor: HTMLElement | null) {
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = () => {
      const box = card.current;
      if (!box || !anchor) return;
      const at = anchor.getBoundingClientRect();
      const left = Math.min(Math.max(MARGIN, at.left), innerWidth - box.offsetWidth - MARGIN);
      const below = at.bottom + 4;
      const fits = below + box.offsetHeight + MARGIN <= innerHeight || at.top < innerHeight / 2;
      box.style.left = `${Math.max(MARGIN, left)}px`;
      box.style.top = `${fits ? below : Math.max(MARGIN, at.top - box.offsetHeight - 4)}px`;
    };
    place();
    // The figure may scroll away under it.
    addEventListener('scroll', place, true);
    addEventListener('resize', place);
    return () => {
      removeEventListener('scroll', place, true);
      removeEventListener('resize', place);
    };
  }, [anchor]);
  return card;
}

function Card({ id, citation, series, anchor, close }: CardProps): JSX.Element {
  const card = usePlaced(anchor);
  const args = (citation.args ?? {}) as Record<string, unknown>;
  const href = pageIn(citation) ?? pageOf(citation.tool, args);
  const asOf = parseTime(typeof citation.as_of === 'string' ? citation.as_of : undefined);
  return (
    <div class="cite-card" id={id} ref={card} role="group" aria-label="Where this figure comes from">
      <div class="cite-head">
        <strong class="mono">
          <Foreign text={citation.tool} />
        </strong>
        <span class="muted mono">
          <Foreign text={citation.path || '/'} />
        </span>
        <button type="button" class="icon-button icon-small" aria-label="Close the source" onClick={close}>
          <X size={13} aria-hidden="true" />
        </button>
      </div>
      <dl class="cite-facts">
        <dt>Value</dt>
        <dd class="mono">
          <Foreign text={valueText(citation.value)} />
        </dd>
        <ArgsView args={args} />
        {asOf !== undefined && (
          <>
            <dt>As of</dt>
            <dd>{utc(asOf)}</dd>
          </>
        )}
        <CoverageFacts coverage={citation.coverage} />
      </dl>
      {series && <SmallChart found={series} height={96} />}
      {href && (
        <a class="cite-link" href={href}>
          Open the page that shows it
          <ArrowUpRight size={13} aria-hidden="true" />
        </a>
      )}
    </div>
  );
}

/** The page the server names, if it is one of ours. */
function pageIn({ page }: Citation): string | undefined {
  return page && /^\/dashboard(\?|$)/.test(page) ? page : undefined;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 300);
  if (typeof value === 'number' && Number.isInteger(value)) return count(value);
  return (JSON.stringify(value) ?? '–').slice(0, 300);
}

/** What was read of access logs for the figure, and what is missing. */
function CoverageFacts({ coverage }: { coverage: unknown }): JSX.Element | null {
  if (typeof coverage !== 'object' || coverage === null) return null;
  const facts = coverage as Record<string, unknown>;
  const number = (name: string) => (typeof facts[name] === 'number' ? facts[name] : 0);
  const missing = [
    [number('objects_pending'), 'log objects not read yet'],
    [number('objects_failed'), 'log objects unreadable'],
    [number('lines_rejected'), 'lines rejected'],
  ].filter(([n]) => n !== 0);
  return (
    <>
      <dt>Log</dt>
      <dd>
        {facts.complete === true ? 'complete' : 'not complete'}
        {`, ${count(number('lines_read'))} lines of ${count(number('objects_read'))} objects read`}
        {missing.map(([n, what]) => `, ${count(Number(n))} ${what}`)}
      </dd>
      {typeof facts.note === 'string' && (
        <>
          <dt>Note</dt>
          <dd>
            <Foreign text={facts.note.slice(0, 400)} />
          </dd>
        </>
      )}
    </>
  );
}
