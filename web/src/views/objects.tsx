import { File, Folder, FolderUp } from 'lucide-preact';
import type { JSX } from 'preact';
import type { ObjectRow, PrefixTotal } from '../api/answers';
import { bytes, count, counted, exactBytes } from '../lib/format';
import { parseTime, timeOfDay } from '../lib/time';
import type { Query } from '../state/query';
import { hrefOf, type Listing, route } from '../state/route';
import { flatQuery, folderQuery, type Listed, summaryQuery } from '../state/storage';
import { When } from './bucket-panel';
import { objectColumns, ShortKey } from './object-columns';
import { download } from './parts/download';
import { KeyText } from './parts/key';
import { Panel, Segments } from './parts/panel';
import { Shared } from './parts/shared';
import { AnswerView, Empty, useAsked } from './parts/states';
import { type Column, csvOf, Table } from './parts/table';

/** Objects by folder, or all of them in key order. */
export function ObjectPanel(): JSX.Element {
  const { bucket, prefix, listing } = route.value;
  const query = useAsked(
    listing === 'flat' ? flatQuery({ bucket, prefix }) : folderQuery({ bucket, prefix }),
  );
  const columns = objectColumns(prefix);
  const { data } = query.answer.value;
  const save = () => data && download(['objects', bucket, prefix], ...csvOf(columns, data.objects));
  return (
    <Panel
      flush
      title="Objects"
      tools={
        <>
          <ListingChoice />
          {data && data.objects.length > 0 && (
            <button type="button" class="button button-small button-bare" onClick={save}>
              Download CSV
            </button>
          )}
        </>
      }
      foot={data && <Foot query={query} data={data} />}
    >
      <AnswerView query={query} label="Listing objects" rows={10}>
        {(found) =>
          found.folders.length + found.objects.length === 0 ? (
            <NoObjects prefix={prefix} />
          ) : listing === 'flat' ? (
            <Table
              label="Objects"
              columns={columns}
              rows={found.objects}
              rowKey={(row) => row.key}
              sortable={!found.next}
            />
          ) : (
            <Level data={found} bucket={bucket} prefix={prefix} />
          )
        }
      </AnswerView>
    </Panel>
  );
}

function ListingChoice(): JSX.Element {
  const { bucket, prefix, listing } = route.value;
  const choices = (['folders', 'flat'] as Listing[]).map((value) => ({
    value,
    label: value === 'flat' ? 'All keys' : 'By folder',
    href: hrefOf({ bucket, prefix, listing: value }),
  }));
  return <Segments label="How to list" value={listing} choices={choices} />;
}

interface Entry {
  readonly folder: string | undefined;
  readonly total: PrefixTotal | undefined;
  readonly object: ObjectRow | undefined;
  readonly size: number | undefined;
  /** Percent of all that is stored here, once that is known. */
  readonly share: number | undefined;
}

/** Folders with their totals, as far as the summary is there, and the objects beside them. */
function entriesOf(data: Listed, totals: readonly PrefixTotal[], whole: number | undefined): Entry[] {
  const byPrefix = new Map(totals.map((total) => [total.prefix, total]));
  const share = (size: number | undefined) =>
    whole === undefined ? undefined : ((size ?? 0) * 100) / Math.max(1, whole);
  const folders = data.folders.map((folder): Entry => {
    const total = byPrefix.get(folder);
    const size = total?.total_size_bytes;
    return { folder, total, object: undefined, size, share: share(size) };
  });
  const objects = data.objects.map((object): Entry => {
    return {
      folder: undefined,
      total: undefined,
      object,
      size: object.size_bytes,
      share: share(object.size_bytes),
    };
  });
  return [...folders, ...objects];
}

function levelColumns(bucket: string, prefix: string): Column<Entry>[] {
  const name = (row: Entry) => row.folder ?? row.object?.key ?? '';
  return [
    {
      id: 'name',
      label: 'Name',
      cell: (row) => <Name row={row} bucket={bucket} prefix={prefix} />,
      csv: name,
      sortBy: name,
    },
    {
      id: 'objects',
      label: 'Objects',
      width: 96,
      numeric: true,
      wide: true,
      cell: (row) => <span class="muted">{row.total ? count(row.total.object_count) : ''}</span>,
      csv: (row) => row.total?.object_count,
      sortBy: (row) => row.total?.object_count ?? 0,
    },
    {
      id: 'size',
      label: 'Size',
      width: 176,
      numeric: true,
      cell: (row) => <Size row={row} />,
      csv: (row) => row.size,
      sortBy: (row) => row.size ?? -1,
    },
    {
      id: 'modified',
      label: 'Last modified',
      width: 150,
      numeric: true,
      wide: true,
      cell: (row) => row.object && <When text={row.object.last_modified} />,
      csv: (row) => row.object?.last_modified ?? '',
      sortBy: (row) => parseTime(row.object?.last_modified) ?? 0,
    },
  ];
}

function Size({ row }: { row: Entry }): JSX.Element {
  if (row.size === undefined) return <span class="muted">–</span>;
  return (
    <Shared percent={row.share}>
      <span title={exactBytes(row.size)}>{bytes(row.size)}</span>
    </Shared>
  );
}

function Name({ row, bucket, prefix }: { row: Entry; bucket: string; prefix: string }): JSX.Element {
  if (row.folder !== undefined) {
    const below = row.folder.startsWith(prefix) ? row.folder.slice(prefix.length) : row.folder;
    return (
      <a class="cell-name" href={hrefOf({ bucket, prefix: row.folder })}>
        <Folder size={15} aria-hidden="true" />
        <KeyText text={below || row.folder} />
      </a>
    );
  }
  return (
    <span class="cell-name">
      <File size={15} aria-hidden="true" />
      <ShortKey value={row.object?.key ?? ''} prefix={prefix} />
    </span>
  );
}

function Level({ data, bucket, prefix }: { data: Listed; bucket: string; prefix: string }): JSX.Element {
  const summary = summaryQuery({ bucket, prefix }).answer.value.data;
  const rows = entriesOf(data, summary?.prefixes ?? [], summary?.total_size_bytes);
  const parent = prefix.replace(/[^/]*\/?$/, '');
  return (
    <>
      {prefix && (
        <a class="up" href={hrefOf({ bucket, prefix: parent })}>
          <FolderUp size={15} aria-hidden="true" />
          Up to {parent === '' ? <KeyText text={bucket} /> : <KeyText text={parent} />}
        </a>
      )}
      <Table
        label="Folders and objects"
        columns={levelColumns(bucket, prefix)}
        rows={rows}
        rowKey={(row) => (row.folder === undefined ? `o${row.object?.key}` : `f${row.folder}`)}
        sortable={!data.next}
      />
    </>
  );
}

function Foot({ query, data }: { query: Query<Listed>; data: Listed }): JSX.Element {
  const { at, phase } = query.answer.value;
  const shown = data.objects.length;
  return (
    <>
      {at !== undefined && <span>as of {timeOfDay(at)}</span>}
      {data.folders.length > 0 && <span>{counted(data.folders.length, 'folder')}</span>}
      <span>
        {data.count !== undefined && data.count > shown
          ? `${count(shown)} of ${counted(data.count, 'object')}`
          : counted(shown, 'object')}
      </span>
      {data.next && <span>there is more</span>}
      {data.next && (
        <button
          type="button"
          class="button button-small"
          disabled={phase === 'running'}
          onClick={() => query.more()}
        >
          Load more
        </button>
      )}
    </>
  );
}

function NoObjects({ prefix }: { prefix: string }): JSX.Element {
  return prefix ? (
    <Empty title="No keys begin like this" icon={<Folder size={20} aria-hidden="true" />}>
      <p>The folder may have been emptied since the link was made. Choose another one above.</p>
    </Empty>
  ) : (
    <Empty title="This bucket is empty" icon={<Folder size={20} aria-hidden="true" />}>
      <p>Objects appear here once something is uploaded. Refresh to look again.</p>
    </Empty>
  );
}
