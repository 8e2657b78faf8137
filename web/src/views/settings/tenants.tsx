import { ArrowRight, Plus } from 'lucide-preact';
import type { JSX } from 'preact';
import { adding, disconnect, isSame, type Session, session, tenants } from '../../state/session';
import { Avatar } from '../parts/avatar';
import { Foreign, KeyText } from '../parts/key';
import { Panel } from '../parts/panel';
import { show } from '../tenant';

/** Who is connected in this tab. */
export function TenantsPanel(): JSX.Element {
  const shown = session.value;
  return (
    <Panel
      flush
      title="Tenants of this tab"
      tools={
        <button
          type="button"
          class="button button-small"
          onClick={() => {
            adding.value = true;
          }}
        >
          <Plus size={14} aria-hidden="true" />
          Add another
        </button>
      }
    >
      <ul class="tenants">
        {tenants.value.map((tenant) => (
          <TenantRow
            key={JSON.stringify(tenant.credentials)}
            tenant={tenant}
            shown={shown !== undefined && isSame(tenant, shown)}
          />
        ))}
      </ul>
    </Panel>
  );
}

function TenantRow({ tenant, shown }: { tenant: Session; shown: boolean }): JSX.Element {
  const { accessKeyId, endpoint, region, logBucket, metricsBucket } = tenant.credentials;
  return (
    <li>
      <Avatar name={tenant.name} />
      <span class="tenants-name">
        <strong>
          <Foreign text={tenant.name} />
        </strong>
        <span class="muted">
          <KeyText text={accessKeyId} />
        </span>
      </span>
      <dl class="tenants-facts">
        <dt>Store</dt>
        <dd>
          <Foreign text={endpoint || region || 'the server’s default'} />
        </dd>
        <dt>Log bucket</dt>
        <dd>{logBucket ? <Foreign text={logBucket} /> : 'none named'}</dd>
        <dt>Metrics bucket</dt>
        <dd>{metricsBucket ? <Foreign text={metricsBucket} /> : 'none named'}</dd>
      </dl>
      {shown ? (
        <button type="button" class="button button-small" onClick={() => disconnect()}>
          Disconnect
        </button>
      ) : (
        <button type="button" class="button button-small" onClick={() => show(tenant)}>
          Show
          <ArrowRight size={14} aria-hidden="true" />
        </button>
      )}
    </li>
  );
}
