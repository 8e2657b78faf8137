/** One request to SpaceWatch: credentials in headers, progress where the server streams it, problems as `Problem`. */

import { EventParser, type ServerEvent } from '../lib/sse';
import { tabId } from '../lib/tab';
import { brokenAnswer, readProblem, unreachable } from './problem';

/** What a tenant brings along. Lives in memory and in the tab's session storage, nowhere else. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly endpoint: string;
  readonly logBucket: string;
  readonly metricsBucket: string;
  readonly logPrefix: string;
  readonly metricsPrefix: string;
}

/** How far long work has come. */
export interface Progress {
  readonly objects: number;
  readonly requests: number;
  readonly bytes: number;
  readonly elapsedMs: number;
}

export interface Call {
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly credentials?: Credentials | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The operator's key, which mission control asks for. */
  readonly operatorKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Asks the server to stream, and takes what it tells on the way. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const HEADERS: readonly (readonly [string, keyof Credentials])[] = [
  ['X-Spaces-Key', 'accessKeyId'],
  ['X-Spaces-Secret', 'secretAccessKey'],
  ['X-Region', 'region'],
  ['X-Endpoint', 'endpoint'],
  ['X-Log-Bucket', 'logBucket'],
  ['X-Metrics-Bucket', 'metricsBucket'],
  ['X-Log-Prefix', 'logPrefix'],
  ['X-Metrics-Prefix', 'metricsPrefix'],
];

function headersOf(call: Call): Headers {
  const headers = new Headers({
    Accept: call.onProgress ? 'text/event-stream, application/json;q=0.9' : 'application/json',
  });
  for (const [name, field] of HEADERS) {
    const value = call.credentials?.[field];
    if (value) headers.set(name, value);
  }
  headers.set('X-Session-Id', tabId());
  if (call.operatorKey) headers.set('X-API-Key', call.operatorKey);
  if (call.body !== undefined) headers.set('Content-Type', 'application/json');
  return headers;
}

/** A path with its query; parameters without a value are left out. */
export function withQuery(path: string, query: Call['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** Asks and returns the JSON answer. Throws a `Problem`, or the signal's reason when it was cancelled. */
export async function ask<T>(path: string, call: Call = {}): Promise<T> {
  const response = await send(path, call);
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream') && response.body)
    return readStream<T>(response, response.body, call);
  const body = await readJson(response, call.signal);
  if (!response.ok) throw readProblem(body, response.status, response.headers);
  if (body === undefined) throw brokenAnswer('The server answered with something that is not JSON.');
  return body as T;
}

async function send(path: string, call: Call, headers = headersOf(call)): Promise<Response> {
  try {
    return await fetch(withQuery(path, call.query), {
      method: call.method ?? 'GET',
      headers,
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: call.signal ?? null,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
  } catch {
    call.signal?.throwIfAborted();
    throw unreachable();
  }
}

async function readJson(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SyntaxError) return undefined;
    throw brokenAnswer('The connection broke off in the middle of the answer.');
  }
}

async function readStream<T>(response: Response, body: ReadableStream<Uint8Array>, call: Call): Promise<T> {
  for await (const event of eventsOf(body, call.signal)) {
    const answer = take<T>(event, response, call);
    if (answer !== undefined) return answer.result;
  }
  throw brokenAnswer('The server ended the stream before the result.');
}

/** Fetches a file and the name the server gives it. */
export async function askFile(
  path: string,
  call: Call,
): Promise<{ content: Blob; name: string | undefined }> {
  const headers = headersOf(call);
  headers.set('Accept', '*/*');
  const response = await send(path, call, headers);
  if (!response.ok)
    throw readProblem(await readJson(response, call.signal), response.status, response.headers);
  const name = /filename="([\w.-]{1,120})"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return { content: await response.blob(), name };
}

/** What the server tells as it happens: each event's name and data. A problem is thrown. */
export async function* askEvents(path: string, call: Call): AsyncGenerator<{ name: string; data: unknown }> {
  const headers = headersOf(call);
  headers.set('Accept', 'text/event-stream');
  const response = await send(path, call, headers);
  if (!response.ok || !response.body)
    throw readProblem(await readJson(response, call.signal), response.status, response.headers);
  for await (const { event, data } of eventsOf(response.body, call.signal)) {
    if (event === 'problem') throw readProblem(parse(data), 500, response.headers);
    yield { name: event, data: parse(data) };
  }
}

async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      yield* parser.push(done ? decoder.decode() : decoder.decode(value, { stream: true }));
      if (done) return;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TypeError) throw brokenAnswer('The connection broke off in the middle of the work.');
    throw error;
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function take<T>(event: ServerEvent, response: Response, call: Call): { result: T } | undefined {
  const data = parse(event.data);
  if (event.event === 'progress') call.onProgress?.(progressOf(data));
  if (event.event === 'problem') throw readProblem(data, 500, response.headers);
  return event.event === 'result' ? { result: data as T } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw brokenAnswer('The server sent a line that is not JSON.');
  }
}

function progressOf(data: unknown): Progress {
  const fields = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  const number = (name: string) => (typeof fields[name] === 'number' ? fields[name] : 0);
  return {
    objects: number('objects'),
    requests: number('requests'),
    bytes: number('bytes'),
    elapsedMs: number('elapsed_ms'),
  };
}
