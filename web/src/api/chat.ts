/** A question in plain words, and what is told while it is answered. */

import { askEvents } from './client';
import { brokenAnswer } from './problem';
import type { components } from './schema';
import { type Asker, tool } from './tools';

type Schemas = components['schemas'];

export type ChatAnswer = Schemas['ChatAnswer'];
export type Citation = Schemas['Citation'];
export type Proposal = Schemas['Proposal'];

/** What the page shows while somebody asks. */
export interface Question {
  readonly message: string;
  readonly bucket?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly time_zone?: string | undefined;
}

export type ChatEvent =
  | { readonly type: 'step'; readonly step: number; readonly by: string }
  | { readonly type: 'tool_call'; readonly call: number; readonly tool: string; readonly args: unknown }
  | {
      readonly type: 'tool_result';
      readonly call: number;
      readonly ok: boolean;
      readonly summary: string;
      readonly duration_ms: number;
    }
  | { readonly type: 'text'; readonly text: string };

/** Asks, tells what happens on the way, and returns the answer. */
export async function chat(
  question: Question,
  { credentials, signal }: Pick<Asker, 'credentials' | 'signal'>,
  tell: (event: ChatEvent) => void,
): Promise<ChatAnswer> {
  const events = askEvents('/chat', { method: 'POST', body: question, credentials, signal });
  for await (const { name, data } of events) {
    if (typeof data !== 'object' || data === null) continue;
    if (name === 'done') return data as ChatAnswer;
    if (name === 'step' || name === 'tool_call' || name === 'tool_result' || name === 'text')
      tell({ ...data, type: name } as ChatEvent);
  }
  throw brokenAnswer('The connection ended before the answer was whole.');
}

/** Whether a deed of this name can be begun from here. */
export function canBegin(proposal: Proposal): boolean {
  return DEEDS.has(proposal.tool.replaceAll('_', '-'));
}

const DEEDS: ReadonlyMap<string, string> = new Map([
  ['snapshot', '/metrics/snapshot'],
  ['inventory-run', '/tools/inventory/run'],
  ['ingest', '/ingest/run'],
]);

/** Does what was proposed, after a person said so. */
export function begin(proposal: Proposal, asker: Asker): Promise<unknown> {
  const path = DEEDS.get(proposal.tool.replaceAll('_', '-'));
  if (!path) throw brokenAnswer('This page does not know how to begin that.');
  const args = Object.entries((proposal.args ?? {}) as Record<string, unknown>);
  const query = Object.fromEntries(args.map(([name, value]) => [name, String(value)]));
  return tool(path, asker, query, 'POST');
}
