/** Operation types in plain words. */

const NAMES: Record<string, string> = {
  LIST_BUCKETS: 'List buckets',
  LIST_OBJECTS: 'List objects',
  ANALYZE_STORAGE: 'Analyze storage',
  QUERY_METRICS: 'Query metrics',
  QUERY_LOGS: 'Query logs',
  AI_QUERY: 'Ask the assistant',
  GENERATE_PLOT: 'Draw a plot',
};

/** The name of an operation; calls to the store keep the name the S3 documentation gives them. */
export function operationName(type: string): string {
  return NAMES[type] ?? type;
}
