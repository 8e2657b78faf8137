/** What went wrong, as the server tells it (RFC 9457), or as the browser does when there is no answer. */

export interface ProblemFacts {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly requestId?: string | undefined;
  /** How long to wait before asking again. */
  readonly retryAfterMs?: number | undefined;
}

export class Problem extends Error {
  readonly facts: ProblemFacts;

  constructor(facts: ProblemFacts) {
    super(facts.detail || facts.title);
    this.name = 'Problem';
    this.facts = facts;
  }

  /** The store or SpaceWatch asks for patience; asking again later can help. */
  get isBusy(): boolean {
    return this.facts.status === 429 || this.facts.status === 503;
  }

  /** These keys don't open that, and asking again doesn't change it. */
  get isRefused(): boolean {
    return this.facts.status === 401 || this.facts.status === 403;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 2_000) : undefined;
}

/** `Retry-After` in seconds or as a date. */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1_000;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : undefined;
}

/** Reads a problem document, whatever shape it turns out to have. */
export function readProblem(body: unknown, status: number, headers?: Headers): Problem {
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const told = Number(fields.status);
  const inBody = Number(fields.retry_after_seconds ?? fields.retry_after);
  return new Problem({
    status: Number.isInteger(told) && told >= 400 ? told : status,
    code: text(fields.code) ?? `HTTP ${status}`,
    title: text(fields.title) ?? 'The request failed',
    detail: text(fields.detail) ?? `The server answered with status ${status} and no explanation.`,
    hint: text(fields.hint),
    requestId: text(fields.request_id) ?? headers?.get('x-request-id') ?? undefined,
    retryAfterMs:
      retryAfterMs(headers?.get('retry-after') ?? null, Date.now()) ??
      (Number.isFinite(inBody) ? Math.min(Math.max(inBody, 0), 3_600) * 1_000 : undefined),
  });
}

/** The server could not be reached at all. */
export function unreachable(): Problem {
  return new Problem({
    status: 0,
    code: 'Unreachable',
    title: 'SpaceWatch does not answer',
    detail: 'The browser could not reach the SpaceWatch server.',
    hint: 'Check that it still runs and that the network is up, then try again.',
  });
}

/** The answer broke off or was not what was expected. */
export function brokenAnswer(detail: string): Problem {
  return new Problem({
    status: 502,
    code: 'BrokenAnswer',
    title: 'The answer is incomplete',
    detail,
    hint: 'Try again.',
  });
}
