import { File } from 'lucide-preact';
import type { JSX } from 'preact';
import type { ObjectRow } from '../api/answers';
import { bytes, exactBytes } from '../lib/format';
import { parseTime } from '../lib/time';
import { hrefOf, route } from '../state/route';
import { When } from './bucket-panel';
import { CopyKey } from './parts/key';
import type { Column } from './parts/table';

/** The columns of a list of objects. */
export function objectColumns(prefix: string): Column<ObjectRow>[] {
  return [
    {
      id: 'key',
      label: 'Key',
      cell: (row) => (
        <span class="cell-name">
          <File size={15} aria-hidden="true" />
          <ShortKey value={row.key} prefix={prefix} />
        </span>
      ),
      csv: (row) => row.key,
      sortBy: (row) => row.key,
    },
    {
      id: 'size',
      label: 'Size',
      width: 104,
      numeric: true,
      cell: (row) => <span title={exactBytes(row.size_bytes)}>{bytes(row.size_bytes)}</span>,
      csv: (row) => row.size_bytes,
      sortBy: (row) => row.size_bytes,
    },
    {
      id: 'modified',
      label: 'Last modified',
      width: 150,
      numeric: true,
      cell: (row) => <When text={row.last_modified} />,
      csv: (row) => row.last_modified ?? '',
      sortBy: (row) => parseTime(row.last_modified) ?? 0,
    },
    {
      id: 'class',
      label: 'Class',
      width: 110,
      wide: true,
      cell: (row) => <span class="muted">{row.storage_class ?? '–'}</span>,
      csv: (row) => row.storage_class ?? '',
    },
  ];
}

export function LimitChoice({ limits, limit }: { limits: readonly number[]; limit: number }): JSX.Element {
  return (
    <nav class="segments" aria-label="How many">
      {limits.map((choice) => (
        <a
          key={choice}
          href={hrefOf({ ...route.value, limit: choice })}
          aria-current={choice === limit ? 'true' : undefined}
        >
          {choice}
        </a>
      ))}
    </nav>
  );
}

/** A key below the place that is shown; the part that the place says already is left out. */
export function ShortKey({ value, prefix }: { value: string; prefix: string }): JSX.Element {
  return (
    <CopyKey
      value={value}
      shown={value.startsWith(prefix) && value !== prefix ? value.slice(prefix.length) : value}
    />
  );
}
