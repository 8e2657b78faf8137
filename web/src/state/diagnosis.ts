/** What the keys can reach, as the store tells. */

import type { components } from '../api/schema';
import { tool } from '../api/tools';
import { type Query, query } from './query';

type Schemas = components['schemas'];

export type Diagnosis = Schemas['DiagnoseOutput'];
export type Check = Schemas['Check'];

export function diagnosisQuery(): Query<Diagnosis> {
  return query('diagnosis', 'Checking what these keys reach', (asker) => tool('diagnose', asker, {}));
}
