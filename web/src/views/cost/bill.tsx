import { Info, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { bytes, money } from '../../lib/format';
import { dateTime, parseTime, utc } from '../../lib/time';
import { type Cost, costQuery } from '../../state/cost';
import { go, hrefOf, route } from '../../state/route';
import { CoverageBadge } from '../parts/coverage';
import { Foreign } from '../parts/key';
import { Meter } from '../parts/meter';
import { Figure, Panel } from '../parts/panel';
import { AnswerView, useAsked, useRefresh } from '../parts/states';
import { Buckets, Prefixes } from './shares';

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

function monthOf(): string {
  const { month } = route.value.filters;
  return month && MONTH.test(month) ? month : '';
}

/** The bill so far and at this pace, how it comes about, and who makes it. */
export function BillView(): JSX.Element {
  const { bucket } = route.value;
  const query = useAsked(costQuery(bucket, monthOf()));
  useRefresh(query);
  return (
    <AnswerView query={query} label="Reckoning the bill" rows={12}>
      {(cost) => (
        <div class="page">
          <Total cost={cost} />
          <Lines cost={cost} />
          {bucket ? <Prefixes cost={cost} /> : <Buckets cost={cost} />}
        </div>
      )}
    </AnswerView>
  );
}

/** The first day of months back from now, newest first, as `2026-11`. */
export function monthsBack(now: number, how: number): string[] {
  const today = new Date(now);
  return Array.from({ length: how }, (_, back) =>
    new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}

function MonthChoice({ cost }: { cost: Cost }): JSX.Element {
  const months = new Set([...monthsBack(Date.now(), 12), cost.month]);
  return (
    <select
      class="input input-small"
      aria-label="Month"
      value={cost.month}
      onChange={(event) =>
        go(hrefOf({ ...route.value, filters: { ...route.value.filters, month: event.currentTarget.value } }))
      }
    >
      {[...months].map((month) => (
        <option key={month} value={month}>
          {month}
        </option>
      ))}
    </select>
  );
}

function Total({ cost }: { cost: Cost }): JSX.Element {
  const { currency = 'USD' } = cost.price_list;
  const asOf = parseTime(cost.as_of);
  const projected = cost.projected.total;
  return (
    <Panel
      flush
      title={`Bill of ${cost.month}, all buckets together`}
      tools={<MonthChoice cost={cost} />}
      foot={
        <>
          {cost.coverage && <CoverageBadge coverage={cost.coverage} />}
          <span>
            price list <Foreign text={cost.price_list.name} />
          </span>
        </>
      }
    >
      {!cost.traffic_known && (
        <p class="banner banner-warn">
          <TriangleAlert size={16} aria-hidden="true" />
          <span>
            Egress and requests are not in it: no log bucket is named. Connect again and name it under “Log
            and metrics buckets”.
          </span>
        </p>
      )}
      <dl class="figures figures-summary">
        <Figure
          label="So far"
          value={money(cost.so_far.total, currency)}
          exact={`${cost.so_far.total} ${currency}`}
          note={asOf === undefined ? undefined : <span title={utc(asOf)}>up to {dateTime(asOf)}</span>}
        />
        <Figure
          label="By the end of the month"
          value={money(projected, currency)}
          exact={`${projected} ${currency}`}
          note="at this pace"
        />
        {cost.so_far.lines.map((line, at) => (
          <Figure
            key={line.item}
            label={ITEMS[line.item] ?? line.item}
            value={money(line.amount, currency)}
            note={`${money(cost.projected.lines[at]?.amount ?? Number.NaN, currency)} at this pace`}
          />
        ))}
      </dl>
      <Allowances cost={cost} />
    </Panel>
  );
}

function Allowances({ cost }: { cost: Cost }): JSX.Element {
  const note = (at: string | null | undefined) => {
    const end = parseTime(at);
    return end === undefined ? undefined : `used up on ${dateTime(end)} at this pace`;
  };
  const { storage, egress } = cost.allowances;
  return (
    <div class="meters">
      <Meter
        label="Covered storage"
        value={storage.used_percent}
        text={`${bytes(storage.used_bytes)} of ${bytes(storage.included_bytes)}, on average`}
        note={note(storage.used_up_at)}
      />
      <Meter
        label="Covered egress"
        value={egress.used_percent}
        text={`${bytes(egress.used_bytes)} of ${bytes(egress.included_bytes)}`}
        note={note(egress.used_up_at)}
      />
    </div>
  );
}

const ITEMS: Record<string, string> = {
  subscription: 'Subscription',
  storage: 'Storage',
  egress: 'Egress',
  write_requests: 'Requests that write',
  read_requests: 'Requests that read',
};

function Lines({ cost }: { cost: Cost }): JSX.Element {
  const { currency = 'USD' } = cost.price_list;
  return (
    <Panel
      flush
      title="How it comes about"
      foot={
        cost.assumptions.length > 0 && (
          <ul class="assumptions" aria-label="Taken for granted">
            {cost.assumptions.map((text) => (
              <li key={text}>
                <Info size={13} aria-hidden="true" />
                <span>
                  Taken for granted: <Foreign text={text} />
                </span>
              </li>
            ))}
          </ul>
        )
      }
    >
      <div class="arithmetic" role="group" aria-label="Arithmetic" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">So far</th>
              <th scope="col">By the end of the month</th>
            </tr>
          </thead>
          <tbody>
            {cost.so_far.lines.map((line, at) => (
              <tr key={line.item}>
                <th scope="row">{ITEMS[line.item] ?? line.item}</th>
                <td>
                  <Foreign text={line.arithmetic} />
                </td>
                <td>
                  <Foreign text={cost.projected.lines[at]?.arithmetic ?? ''} />
                </td>
              </tr>
            ))}
            <tr class="arithmetic-total">
              <th scope="row">Together</th>
              <td>{money(cost.so_far.total, currency)}</td>
              <td>{money(cost.projected.total, currency)}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
