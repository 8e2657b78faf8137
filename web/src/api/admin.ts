/** What mission control asks, with the operator's key. */

import { ask, type Call } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

export type Report = Schemas['MissionReport'];
export type MissionEvent = Schemas['MissionEvent'];
export type Severity = MissionEvent['severity'];
export type Timeseries = Schemas['Timeseries'];
export type OperationLog = Schemas['LogReport'];
export type OperationRow = Schemas['OperationRow'];
export type Stats = Schemas['StatsReport'];

/** The operator's key, if one was given, and how to stop. */
export type Operator = Pick<Call, 'operatorKey' | 'signal'>;

export function report(operator: Operator): Promise<Report> {
  return ask('/admin/api/mission-control', operator);
}

export function timeseries(operator: Operator, window: string, resolution: string): Promise<Timeseries> {
  return ask('/admin/api/timeseries', { ...operator, query: { window, resolution } });
}

export function events(operator: Operator): Promise<Schemas['EventsReport']> {
  return ask('/admin/api/events', { ...operator, query: { limit: 500 } });
}

/** How background tasks fare. Their shape is the server's business: what comes is shown. */
export function tasks(operator: Operator): Promise<unknown> {
  return ask('/admin/api/tasks', operator);
}

export function alerts(operator: Operator): Promise<unknown> {
  return ask('/admin/api/alerts', operator);
}

export interface OperationFilter {
  readonly operation_type?: string | undefined;
  readonly bucket?: string | undefined;
  readonly min_duration_ms?: string | undefined;
  readonly layer?: string | undefined;
}

export function operations(operator: Operator, filter: OperationFilter): Promise<OperationLog> {
  return ask('/logs/operations', { ...operator, query: { ...filter, limit: 1_000 } });
}

export function stats(operator: Operator): Promise<Stats> {
  return ask('/stats', operator);
}
