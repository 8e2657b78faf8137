import { Plus, X } from 'lucide-preact';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { go, hrefOf, route } from '../../state/route';
import { FILTERS } from '../../state/traffic';
import { KeyText } from '../parts/key';

/** The address with one filter changed; empty takes it away. */
export function withFilter(name: string, value: string): string {
  return hrefOf({ ...route.value, filters: { ...route.value.filters, [name]: value } });
}

/** What the records are narrowed down to, each as a chip that can be taken away, and one more. */
export function Filters({ filters }: { filters: Readonly<Record<string, string>> }): JSX.Element {
  return (
    <div class="chips" role="group" aria-label="Filters">
      {Object.entries(filters).map(([name, value]) => (
        <span class="chip" key={name}>
          <span class="muted">{FILTERS[name]}</span>
          <KeyText text={value} tail={24} />
          <button
            type="button"
            class="icon-button icon-small"
            aria-label={`Remove the filter ${FILTERS[name]}`}
            onClick={() => go(withFilter(name, ''))}
          >
            <X size={13} aria-hidden="true" />
          </button>
        </span>
      ))}
      <Add />
    </div>
  );
}

function Add(): JSX.Element {
  const [name, setName] = useState('status');
  const [value, setValue] = useState('');
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        if (!value.trim()) return;
        go(withFilter(name, value.trim()));
        setValue('');
      }}
    >
      <select
        class="input input-small"
        aria-label="Filter by"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      >
        {Object.entries(FILTERS).map(([id, label]) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      <input
        class="input input-small"
        aria-label="Value of the filter"
        placeholder={name === 'status' ? '404,500-599' : 'Value'}
        value={value}
        maxLength={1_024}
        spellcheck={false}
        onInput={(event) => setValue(event.currentTarget.value)}
      />
      <button type="submit" class="button button-small" disabled={value.trim() === ''}>
        <Plus size={13} aria-hidden="true" />
        Add filter
      </button>
    </form>
  );
}
