/** The fields of the connect page: what may stand in them, and what the server said to them. */

import type { Credentials } from '../api/client';
import { Problem } from '../api/problem';
import { validateCredentials } from '../api/tools';
import { connect, nameOf } from './session';

/** DigitalOcean's Spaces regions; any other can be typed. */
export const REGIONS: readonly (readonly [id: string, place: string])[] = [
  ['ams3', 'Amsterdam'],
  ['atl1', 'Atlanta'],
  ['blr1', 'Bangalore'],
  ['fra1', 'Frankfurt'],
  ['lon1', 'London'],
  ['nyc3', 'New York'],
  ['sfo2', 'San Francisco 2'],
  ['sfo3', 'San Francisco 3'],
  ['sgp1', 'Singapore'],
  ['syd1', 'Sydney'],
  ['tor1', 'Toronto'],
];

export const EMPTY: Credentials = {
  accessKeyId: '',
  secretAccessKey: '',
  region: '',
  endpoint: '',
  logBucket: '',
  metricsBucket: '',
  logPrefix: '',
  metricsPrefix: '',
};

export type FieldErrors = Partial<Record<keyof Credentials, string>>;

const BUCKET = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i;
const PRINTABLE = /^[\x20-\x7e]*$/;

function trimmed(fields: Credentials): Credentials {
  const entries = Object.entries(fields).map(([name, value]: [string, string]) => [name, value.trim()]);
  return Object.fromEntries(entries) as unknown as Credentials;
}

/** What is plainly wrong before anybody is asked. */
export function fieldErrors(fields: Credentials): FieldErrors {
  const errors: FieldErrors = {};
  if (!fields.accessKeyId) errors.accessKeyId = 'Enter the access key.';
  if (!fields.secretAccessKey) errors.secretAccessKey = 'Enter the secret that belongs to the access key.';
  if (fields.region && !/^[a-z0-9-]{1,63}$/i.test(fields.region))
    errors.region = 'A region is a short word like fra1.';
  if (fields.endpoint && !/^(https?:\/\/)?[^\s/]+\/?$/i.test(fields.endpoint)) {
    errors.endpoint = 'An endpoint is an address like https://fra1.digitaloceanspaces.com.';
  }
  for (const name of ['logBucket', 'metricsBucket'] as const) {
    if (fields[name] && !BUCKET.test(fields[name]))
      errors[name] = 'A bucket name has 3 to 63 letters, digits, dots or dashes.';
  }
  for (const [name, value] of Object.entries(fields) as [keyof Credentials, string][]) {
    // Everything travels in HTTP headers, which take nothing else.
    if (!PRINTABLE.test(value)) errors[name] = 'Only plain ASCII characters can be used here.';
  }
  return errors;
}

export type Outcome =
  | { readonly kind: 'connected' }
  | { readonly kind: 'invalid'; readonly errors: FieldErrors }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Checks the keys with the store, and connects when it takes them. */
export async function tryConnect(fields: Credentials, demoName?: string): Promise<Outcome> {
  const credentials = trimmed(fields);
  const errors = fieldErrors(credentials);
  if (Object.keys(errors).length > 0) return { kind: 'invalid', errors };
  try {
    await validateCredentials(credentials);
  } catch (error) {
    if (error instanceof Problem) return { kind: 'refused', problem: error };
    throw error;
  }
  connect({ credentials, name: demoName ?? nameOf(credentials), demo: demoName !== undefined });
  return { kind: 'connected' };
}
