import { Cylinder, File, Folder, Search, SquareArrowRight, Zap } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Entry, type EntryKind, find, thingEntries } from '../state/palette';
import { refreshable } from '../state/refresh';
import { go, hrefOf } from '../state/route';
import { disconnect } from '../state/session';
import { sheet } from '../state/sheets';
import { bucketsQuery } from '../state/storage';
import { chooseTheme } from '../state/theme';
import { PAGES } from './pages';
import { KeyText } from './parts/key';
import { Sheet } from './parts/sheet';
import { copy } from './parts/toast';
import { toggleAssistant } from './shortcuts';
import { THEMES } from './theme-button';

const GROUPS: Record<EntryKind, string> = {
  page: 'Pages',
  command: 'Commands',
  bucket: 'Buckets',
  folder: 'Folders',
  object: 'Objects on this page',
};

const ICONS = { page: SquareArrowRight, command: Zap, bucket: Cylinder, folder: Folder, object: File };

function commandEntries(): Entry[] {
  const pages: Entry[] = PAGES.map((page) => ({
    id: `page ${page.id}`,
    kind: 'page',
    label: page.label,
    keys: ['g', page.key],
    href: hrefOf({ page: page.id }),
  }));
  const command = (label: string, run: () => void, keys?: string[]): Entry => ({
    id: label,
    kind: 'command',
    label,
    run,
    ...(keys ? { keys } : {}),
  });
  return [
    ...pages,
    command('Refresh', () => refreshable.value?.refresh(), ['r']),
    command('Ask the assistant', () => setTimeout(toggleAssistant), ['a']),
    command('Copy a link to this view', () => copy(location.href, 'Link copied')),
    ...THEMES.map(({ id, label }) => command(`Theme: ${label.toLowerCase()}`, () => chooseTheme(id))),
    command('Keyboard shortcuts', () => setTimeout(() => (sheet.value = 'help')), ['?']),
    command('Disconnect', () => disconnect()),
  ];
}

/** Commands and things by name. In search mode only the things. */
export function Palette({ search: onlyThings, close }: { search: boolean; close: () => void }): JSX.Element {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const commands = useMemo(() => (onlyThings ? [] : commandEntries()), [onlyThings]);
  const found = find([...commands, ...thingEntries(text.trim())], text);
  useEffect(() => {
    bucketsQuery().ensure();
    input.current?.focus();
  }, []);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    if (entry.href) go(entry.href);
    else if (entry.run) entry.run();
    else copy(entry.label, 'Key copied');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setAt((at + step + found.length) % found.length);
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      choose(found[at]);
    }
  };
  const label = onlyThings ? 'Search buckets, folders and objects' : 'Search or run a command';
  return (
    <Sheet label={label} close={close}>
      <div class="palette-input">
        <Search size={16} aria-hidden="true" />
        <input
          ref={input}
          value={text}
          maxLength={1_024}
          spellcheck={false}
          autocomplete="off"
          placeholder={`${label} …`}
          role="combobox"
          aria-label={label}
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found[at] ? `palette-${at}` : undefined}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      {/* A listbox that follows an input has no element of its own. */}
      <ul class="palette-list" id="palette-list" role="listbox" aria-label="Found" tabIndex={-1} ref={list}>
        {found.map((entry, index) => (
          <Row
            key={entry.id}
            entry={entry}
            index={index}
            selected={index === at}
            group={found[index - 1]?.kind === entry.kind ? undefined : GROUPS[entry.kind]}
            choose={() => choose(entry)}
          />
        ))}
      </ul>
      {found.length === 0 && (
        <p class="sheet-foot">Nothing by that name here. Open a bucket to search its keys.</p>
      )}
    </Sheet>
  );
}

interface RowProps {
  readonly entry: Entry;
  readonly index: number;
  readonly selected: boolean;
  readonly group: string | undefined;
  readonly choose: () => void;
}

function Row({ entry, index, selected, group, choose }: RowProps): JSX.Element {
  const Icon = ICONS[entry.kind];
  return (
    <>
      {group && (
        <li class="palette-group" role="presentation">
          {group}
        </li>
      )}
      {/* The input hears the keys for the whole list. */}
      <li
        class="palette-item"
        id={`palette-${index}`}
        role="option"
        aria-selected={selected}
        onClick={choose}
      >
        <Icon size={16} aria-hidden="true" />
        <span>
          {entry.kind === 'page' || entry.kind === 'command' ? entry.label : <KeyText text={entry.label} />}
        </span>
        {entry.keys && (
          <span class="palette-keys">
            {entry.keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </span>
        )}
      </li>
    </>
  );
}
