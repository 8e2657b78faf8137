import type { JSX } from 'preact';
import type { Report } from '../../api/admin';
import { count, duration, percent, rate } from '../../lib/format';
import { Foreign } from '../parts/key';
import { Panel } from '../parts/panel';
import { Shared } from '../parts/shared';
import { type Column, Table } from '../parts/table';

type Top = Report['top_endpoints'];
type Volume = Top['by_volume'][number];
type Slow = Top['slowest'][number];
type Failing = Top['error_prone'][number];

interface Ranked {
  readonly route: string;
}

function routeColumn<R extends Ranked>(): Column<R> {
  return {
    id: 'route',
    label: 'Route',
    cell: (row) => (
      <span class="mono" title={row.route}>
        <Foreign text={row.route} />
      </span>
    ),
    csv: (row) => row.route,
    sortBy: (row) => row.route,
  };
}

function numberColumn<R>(
  label: string,
  value: (row: R) => number,
  show: (value: number) => string,
  most?: number,
): Column<R> {
  return {
    id: label,
    label,
    width: most === undefined ? 84 : 124,
    numeric: true,
    cell: (row) =>
      most ? <Shared percent={(value(row) / most) * 100}>{show(value(row))}</Shared> : show(value(row)),
    csv: value,
    sortBy: value,
  };
}

/** The routes asked for most, those that take longest, those that fail. */
export function RoutesPanel({ data }: { data: Report }): JSX.Element {
  const { by_volume, slowest, error_prone } = data.top_endpoints;
  return (
    <Panel flush title="Routes" foot={<span>Last 60 minutes, ten of each</span>}>
      <div class="mission-routes">
        <List
          title="Asked for most"
          rows={by_volume}
          columns={[
            routeColumn(),
            numberColumn('Requests', (row: Volume) => row.count, count, by_volume[0]?.count),
            numberColumn('A minute', (row: Volume) => row.req_per_min, rate),
          ]}
        />
        <List
          title="Slowest"
          rows={slowest}
          columns={[
            routeColumn(),
            numberColumn('p95', (row: Slow) => row.p95_latency_ms, duration, slowest[0]?.p95_latency_ms),
            numberColumn('Requests', (row: Slow) => row.count, count),
          ]}
        />
        <List
          title="Failing"
          rows={error_prone}
          columns={[
            routeColumn(),
            numberColumn('5xx', (row: Failing) => row.error_5xx_count, count),
            numberColumn('Share', (row: Failing) => row.error_5xx_rate, percent),
            numberColumn('Requests', (row: Failing) => row.total_requests, count),
          ]}
        />
      </div>
    </Panel>
  );
}

interface ListProps<R extends Ranked> {
  readonly title: string;
  readonly rows: readonly R[];
  readonly columns: readonly Column<R>[];
}

function List<R extends Ranked>({ title, rows, columns }: ListProps<R>): JSX.Element {
  return (
    <section class="mission-list" aria-label={title}>
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <p class="muted mission-none">{title === 'Failing' ? 'No route failed.' : 'No request yet.'}</p>
      ) : (
        <Table
          label={`Routes: ${title.toLowerCase()}`}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.route}
          sortable
        />
      )}
    </section>
  );
}
