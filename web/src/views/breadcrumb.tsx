import { ChevronDown, Cylinder, Folder, FolderOpen, LogOut, Plus } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { hrefOf, type PageId, route } from '../state/route';
import { adding, disconnect, isSame, type Session, session, tenants } from '../state/session';
import { bucketsQuery, folderQuery } from '../state/storage';
import { Avatar } from './parts/avatar';
import { Foreign, KeyText } from './parts/key';
import { Popover } from './parts/popover';
import { Skeleton } from './parts/states';
import { show } from './tenant';

const MANY = 8;
const MAX_SHOWN = 100;
const ABOUT_BUCKETS: readonly PageId[] = ['storage', 'traffic', 'cost', 'security', 'changes'];

interface Link {
  readonly label: string;
  readonly href: string;
  readonly current: boolean;
  readonly icon: 'bucket' | 'folder' | 'open';
}

/** Links in a menu; with a filter when there are many. */
function Links({
  links,
  close,
  all,
}: {
  links: readonly Link[];
  close: () => void;
  all: string;
}): JSX.Element {
  const [filter, setFilter] = useState('');
  const found = links.filter((link) => link.label.toLowerCase().includes(filter.toLowerCase()));
  return (
    <>
      {links.length > MANY && (
        <input
          class="input menu-filter"
          aria-label={`Filter ${all}`}
          placeholder={`Filter ${all} …`}
          value={filter}
          spellcheck={false}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      {found.slice(0, MAX_SHOWN).map((link) => (
        <a
          key={link.href}
          class="menu-item"
          href={link.href}
          aria-current={link.current ? 'true' : undefined}
          onClick={() => setTimeout(close)}
        >
          {link.icon === 'bucket' && <Cylinder size={14} aria-hidden="true" />}
          {link.icon === 'folder' && <Folder size={14} aria-hidden="true" />}
          {link.icon === 'open' && <FolderOpen size={14} aria-hidden="true" />}
          <KeyText text={link.label} />
        </a>
      ))}
      {found.length > MAX_SHOWN && (
        <p class="menu-note">{found.length - MAX_SHOWN} more: filter to see them</p>
      )}
      {found.length === 0 && <p class="menu-note">None</p>}
    </>
  );
}

function BucketMenu({ close }: { close: () => void }): JSX.Element {
  const query = bucketsQuery();
  useEffect(() => query.ensure(), [query]);
  const { data } = query.answer.value;
  if (!data) return <Skeleton rows={4} label="Listing buckets" />;
  const links = data.buckets.map((name) => ({
    label: name,
    href: hrefOf({ ...route.value, bucket: name, prefix: '' }),
    current: name === route.value.bucket,
    icon: 'bucket' as const,
  }));
  return <Links links={links} close={close} all="buckets" />;
}

/** The folders above the place that is shown, and those directly below as far as they were read. */
function PrefixMenu({ close }: { close: () => void }): JSX.Element {
  const { bucket, prefix } = route.value;
  const links: Link[] = parents(prefix).map((parent) => ({
    label: parent === '' ? 'All of the bucket' : parent,
    href: hrefOf({ ...route.value, prefix: parent }),
    current: parent === prefix,
    icon: 'open',
  }));
  const below = folderQuery({ bucket, prefix }).answer.value.data?.folders ?? [];
  for (const folder of below) {
    links.push({
      label: folder,
      href: hrefOf({ ...route.value, prefix: folder }),
      current: false,
      icon: 'folder',
    });
  }
  return <Links links={links} close={close} all="folders" />;
}

/** `a/b/c` gives ``, `a/`, `a/b/` and itself. */
function parents(prefix: string): string[] {
  const found = [''];
  for (let at = prefix.indexOf('/'); at >= 0; at = prefix.indexOf('/', at + 1))
    found.push(prefix.slice(0, at + 1));
  if (prefix && !prefix.endsWith('/')) found.push(prefix);
  return found;
}

/** Tenant, bucket and prefix, each a menu. */
export function Breadcrumb(): JSX.Element {
  const { bucket, prefix, page } = route.value;
  const takesBucket = bucket !== '' || ABOUT_BUCKETS.includes(page);
  return (
    <nav aria-label="Breadcrumb" class="crumbs-place">
      <ol class="crumbs">
        <li class={bucket ? 'crumbs-tenant has-bucket' : 'crumbs-tenant'}>
          <TenantMenu />
        </li>
        {takesBucket && (
          <li>
            <Popover label="Choose a bucket" faceClass="crumb" face={<Face text={bucket || 'All buckets'} />}>
              {(close) => <BucketMenu close={close} />}
            </Popover>
          </li>
        )}
        {bucket && page === 'storage' && (
          <li>
            <Popover label="Choose a folder" faceClass="crumb" face={<Face text={prefix || 'All folders'} />}>
              {(close) => <PrefixMenu close={close} />}
            </Popover>
          </li>
        )}
      </ol>
    </nav>
  );
}

function Face({ text }: { text: string }): JSX.Element {
  return (
    <>
      <KeyText text={text} tail={12} />
      <ChevronDown size={14} aria-hidden="true" />
    </>
  );
}

function TenantMenu(): JSX.Element | null {
  const open = session.value;
  if (!open) return null;
  const { accessKeyId, endpoint, region } = open.credentials;
  return (
    <Popover label="Tenant" faceClass="crumb" face={<Face text={open.name} />}>
      {(close) => (
        <>
          <dl class="facts">
            <dt>Access key</dt>
            <dd>
              <KeyText text={accessKeyId} />
            </dd>
            {region && (
              <>
                <dt>Region</dt>
                <dd>{region}</dd>
              </>
            )}
            {endpoint && (
              <>
                <dt>Endpoint</dt>
                <dd>
                  <KeyText text={endpoint} />
                </dd>
              </>
            )}
          </dl>
          <OtherTenants shown={open} />
          <button
            type="button"
            class="menu-item"
            onClick={() => {
              close();
              disconnect();
            }}
          >
            <LogOut size={14} aria-hidden="true" />
            Disconnect and forget the keys
          </button>
        </>
      )}
    </Popover>
  );
}

/** The other tenants of this tab, and the way to one more. */
function OtherTenants({ shown }: { shown: Session }): JSX.Element {
  return (
    <>
      {tenants.value
        .filter((tenant) => !isSame(tenant, shown))
        .map((tenant) => (
          <button
            key={JSON.stringify(tenant.credentials)}
            type="button"
            class="menu-item"
            onClick={() => show(tenant)}
          >
            <Avatar name={tenant.name} />
            <Foreign text={tenant.name} />
          </button>
        ))}
      <button
        type="button"
        class="menu-item"
        onClick={() => {
          adding.value = true;
        }}
      >
        <Plus size={14} aria-hidden="true" />
        Add another tenant
      </button>
    </>
  );
}
