/** What grows, and how it is told. */

import { bytes, count, exactBytes, shortCount } from '../../lib/format';
import type { GrowthMetric } from '../../state/cost';

export const METRICS = [
  { value: 'size_bytes', label: 'Stored' },
  { value: 'object_count', label: 'Objects' },
  { value: 'bytes_sent', label: 'Egress' },
  { value: 'requests', label: 'Requests' },
] as const satisfies readonly { value: GrowthMetric; label: string }[];

export const isBytes = (metric: GrowthMetric) => metric === 'size_bytes' || metric === 'bytes_sent';
export const showOf = (metric: GrowthMetric) => (isBytes(metric) ? bytes : shortCount);
export const exactOf = (metric: GrowthMetric) => (isBytes(metric) ? exactBytes : count);
