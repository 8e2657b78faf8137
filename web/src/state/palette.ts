/** What the palette finds: commands, pages, and what is known of the storage. */

import { plain } from '../lib/text';
import { hrefOf, route } from './route';
import { bucketsQuery, flatQuery, folderQuery } from './storage';

export type EntryKind = 'page' | 'command' | 'bucket' | 'folder' | 'object';

export interface Entry {
  readonly id: string;
  readonly kind: EntryKind;
  /** What is searched and shown; may be hostile. */
  readonly label: string;
  readonly keys?: readonly string[];
  readonly href?: string;
  readonly run?: () => void;
}

const MAX_FOUND = 50;

/** How well a text fits: every word must occur, earlier and at the start of a word is better. */
export function score(label: string, search: string): number | undefined {
  const text = label.toLowerCase();
  let total = 0;
  for (const word of search.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = text.indexOf(word);
    if (at < 0) return undefined;
    const starts = at === 0 || /[\s/._-]/.test(text[at - 1] ?? '');
    total += (starts ? 0 : 100) + Math.min(at, 90);
  }
  return total;
}

export function find(entries: readonly Entry[], search: string): readonly Entry[] {
  const scored = entries.flatMap((entry) => {
    const fit = score(entry.label, search);
    return fit === undefined ? [] : [{ entry, fit }];
  });
  // The order of kinds is the order they came in; within one kind the best fit is first.
  const kinds = [...new Set(entries.map((entry) => entry.kind))];
  return scored
    .toSorted((a, b) => kinds.indexOf(a.entry.kind) - kinds.indexOf(b.entry.kind) || a.fit - b.fit)
    .slice(0, MAX_FOUND)
    .map(({ entry }) => entry);
}

/** Buckets, and what the place that is shown holds as far as it was read. */
export function thingEntries(search: string): Entry[] {
  const { bucket, prefix } = route.value;
  const found: Entry[] = (bucketsQuery().answer.value.data?.buckets ?? []).map((name) => ({
    id: `bucket ${name}`,
    kind: 'bucket',
    label: name,
    href: hrefOf({ bucket: name }),
  }));
  if (!bucket) return found;
  const folder = folderQuery({ bucket, prefix }).answer.value.data;
  const flat = flatQuery({ bucket, prefix }).answer.value.data;
  for (const name of folder?.folders ?? []) {
    found.push({ id: `folder ${name}`, kind: 'folder', label: name, href: hrefOf({ bucket, prefix: name }) });
  }
  const keys = new Set([...(folder?.objects ?? []), ...(flat?.objects ?? [])].map((object) => object.key));
  for (const name of keys) found.push({ id: `object ${name}`, kind: 'object', label: name });
  if (search && search !== prefix) {
    found.push({
      id: 'open-prefix',
      kind: 'folder',
      label: `Keys of ${plain(bucket)} that begin with ${search}`,
      href: hrefOf({ bucket, prefix: search, listing: 'flat' }),
    });
  }
  return found;
}
