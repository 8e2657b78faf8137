import { ArrowDown, ArrowUp } from 'lucide-preact';
import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Cell } from '../../lib/csv';

export interface Column<R> {
  readonly id: string;
  readonly label: string;
  /** Width in pixels; the one column without takes what is left. */
  readonly width?: number;
  readonly numeric?: boolean;
  /** Left out where the screen is narrow. */
  readonly wide?: boolean;
  readonly cell: (row: R) => ComponentChildren;
  readonly csv: (row: R) => Cell;
  /** By what to sort; columns without can't be sorted by. */
  readonly sortBy?: (row: R) => string | number;
}

interface Props<R> {
  readonly label: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly rowKey: (row: R) => string;
  /** Only a whole list can be sorted honestly. */
  readonly sortable?: boolean;
}

interface Sort {
  readonly id: string;
  readonly down: boolean;
}

const ROW = 32;
const MARGIN_ROWS = 20;
/** Beyond this many rows only those in sight are drawn. */
const DRAW_ALL = 200;

export function csvOf<R>(columns: readonly Column<R>[], rows: readonly R[]): [string[], Cell[][]] {
  return [columns.map((column) => column.label), rows.map((row) => columns.map((column) => column.csv(row)))];
}

function sorted<R>(rows: readonly R[], columns: readonly Column<R>[], sort: Sort | undefined): readonly R[] {
  const by = columns.find((column) => column.id === sort?.id)?.sortBy;
  if (!by || !sort) return rows;
  const sign = sort.down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [by(a), by(b)];
    return left === right ? 0 : (left < right ? -1 : 1) * sign;
  });
}

/** Moves the focus to the same control of the row above or below. */
function onArrow(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const row = event.target instanceof Element ? event.target.closest('tr') : null;
  const next = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling;
  const stop = next?.querySelector<HTMLElement>('a[href], button');
  if (!stop) return;
  event.preventDefault();
  stop.focus();
}

export function Table<R>({ label, columns, rows, rowKey, sortable = false }: Props<R>): JSX.Element {
  const [sort, setSort] = useState<Sort>();
  const [widths, setWidths] = useState<Record<string, number>>({});
  const [top, setTop] = useState(0);
  const place = useRef<HTMLDivElement>(null);
  const ordered = useMemo(
    () => sorted(rows, columns, sortable ? sort : undefined),
    [rows, columns, sort, sortable],
  );
  const all = ordered.length <= DRAW_ALL;
  const height = place.current?.clientHeight ?? 600;
  const first = all ? 0 : Math.max(0, Math.floor(top / ROW) - MARGIN_ROWS);
  const last = all ? ordered.length : Math.min(ordered.length, Math.ceil((top + height) / ROW) + MARGIN_ROWS);
  return (
    // What scrolls must be reachable by keyboard.
    <div
      role="group"
      class="table-place"
      ref={place}
      aria-label={label}
      tabIndex={0}
      onScroll={all ? undefined : (event) => setTop(event.currentTarget.scrollTop)}
    >
      <table class="table" aria-rowcount={ordered.length + 1}>
        <colgroup>
          {columns.map((column) => (
            <col
              key={column.id}
              class={column.wide ? 'wide' : undefined}
              style={{ width: widthOf(column, widths) }}
            />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Head
                key={column.id}
                column={column}
                sort={sort}
                sortable={sortable}
                choose={setSort}
                resize={(width) => setWidths({ ...widths, [column.id]: width })}
              />
            ))}
          </tr>
        </thead>
        {/* Arrow keys walk through the controls of the rows. */}
        <tbody onKeyDown={onArrow}>
          {first > 0 && <Gap rows={first} span={columns.length} />}
          {ordered.slice(first, last).map((row, at) => (
            <tr key={rowKey(row)} aria-rowindex={first + at + 2}>
              {columns.map((column) => (
                <td key={column.id} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          {last < ordered.length && <Gap rows={ordered.length - last} span={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

function Gap({ rows, span }: { rows: number; span: number }): JSX.Element {
  return (
    <tr aria-hidden="true" class="table-gap">
      <td colSpan={span} style={{ height: `${rows * ROW}px` }} />
    </tr>
  );
}

function classOf<R>(column: Column<R>): string | undefined {
  const names = [column.numeric ? 'numeric' : '', column.wide ? 'wide' : ''].filter(Boolean);
  return names.join(' ') || undefined;
}

function widthOf<R>(column: Column<R>, widths: Record<string, number>): string | undefined {
  const width = widths[column.id] ?? column.width;
  return width === undefined ? undefined : `${width}px`;
}

interface HeadProps<R> {
  readonly column: Column<R>;
  readonly sort: Sort | undefined;
  readonly sortable: boolean;
  readonly choose: (sort: Sort) => void;
  readonly resize: (width: number) => void;
}

function Head<R>({ column, sort, sortable, choose, resize }: HeadProps<R>): JSX.Element {
  const canSort = sortable && column.sortBy !== undefined;
  const active = canSort && sort?.id === column.id;
  const direction = sort?.down ? 'descending' : 'ascending';
  const down = active ? !sort?.down : column.numeric === true;
  return (
    <th scope="col" class={classOf(column)} aria-sort={active ? direction : undefined}>
      {canSort ? (
        <button type="button" class="table-sort" onClick={() => choose({ id: column.id, down })}>
          {column.label}
          {active &&
            (sort?.down ? (
              <ArrowDown size={12} aria-hidden="true" />
            ) : (
              <ArrowUp size={12} aria-hidden="true" />
            ))}
        </button>
      ) : (
        column.label
      )}
      <Grip label={column.label} resize={resize} />
    </th>
  );
}

const MIN_WIDTH = 64;
const MAX_WIDTH = 1_200;

function clamp(width: number): number {
  return Math.round(Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH));
}

/** The right edge of a head cell, dragged with the pointer. */
function Grip({ label, resize }: { label: string; resize: (width: number) => void }): JSX.Element {
  const onPointerDown = (event: PointerEvent) => {
    const grip = event.currentTarget as HTMLElement;
    const start = (grip.parentElement?.offsetWidth ?? 0) - event.clientX;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => resize(clamp(start + moved.clientX));
    grip.addEventListener('pointermove', move);
    grip.addEventListener('lostpointercapture', () => grip.removeEventListener('pointermove', move), {
      once: true,
    });
  };
  // The pointer is the only way in: by keyboard the whole value is one tab stop away in its cell.
  return <span class="table-grip" title={`Drag to resize “${label}”`} onPointerDown={onPointerDown} />;
}
