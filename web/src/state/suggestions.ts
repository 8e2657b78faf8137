/** What one might ask about the page that is shown. */

import type { Route } from './route';

const quoted = (name: string) => (name.includes('`') ? '' : `\`${name}\``);

/** A few questions the assistant answers, for the page and its bucket. */
export function suggestionsFor({ page, bucket }: Pick<Route, 'page' | 'bucket'>): readonly string[] {
  const one = quoted(bucket);
  if (page === 'cost')
    return one
      ? [
          `Which prefix of ${one} costs most?`,
          `Which 10 objects of ${one} caused most egress in the last 7 days?`,
        ]
      : [
          'What will this month’s bill be?',
          'When do we pass the included egress?',
          'How much did each bucket grow?',
        ];
  if (page === 'security')
    return one
      ? [`Anonymous reads in ${one}: which keys, which IPs?`, `Which IPs got most 403s in ${one}?`]
      : [
          'Which buckets have no logging?',
          'Who still uses SigV2?',
          'Any mass download in the last 24 hours?',
        ];
  if (page === 'changes')
    return one
      ? [`What changed in ${one}?`, `Was there anything out of the ordinary in ${one} in the last 24 hours?`]
      : ['How much did each bucket grow in 7 and 30 days?', 'Which buckets have no lifecycle rule?'];
  if (page === 'traffic' && one)
    return [
      `Top IPs of ${one} today`,
      `p50/p95/p99 per operation in ${one}, today against last week?`,
      `5xx and SlowDown rate of ${one}, since when?`,
    ];
  if (one)
    return [
      `What are the biggest files in ${one}?`,
      `How many bytes of ${one} were not read for 90 days?`,
      `Who deleted objects in ${one} in the last 7 days?`,
    ];
  return [
    'How much did each bucket grow?',
    'What will this month’s bill be?',
    'Was there anything out of the ordinary in the last 24 hours?',
    'Which buckets have no logging, versioning or lifecycle rule?',
  ];
}
