import { CircleAlert, Eye, EyeOff } from 'lucide-preact';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Credentials } from '../api/client';
import { REGIONS } from '../state/connecting';

interface FieldProps {
  readonly name: keyof Credentials;
  readonly value: string;
  readonly error: string | undefined;
  readonly set: (value: string) => void;
}

interface TextProps extends FieldProps {
  readonly label: string;
  readonly optional?: boolean;
  readonly mono?: boolean;
  readonly hint?: string;
  readonly placeholder?: string;
}

function describedBy(name: string, hint: string | undefined, error: string | undefined): string | undefined {
  return [error && `error-${name}`, hint && `hint-${name}`].filter(Boolean).join(' ') || undefined;
}

function Below({
  name,
  hint,
  error,
}: {
  name: string;
  hint?: string | undefined;
  error: string | undefined;
}): JSX.Element {
  return (
    <>
      {error && (
        <p class="field-error" id={`error-${name}`}>
          <CircleAlert size={14} aria-hidden="true" />
          {error}
        </p>
      )}
      {hint && (
        <p class="field-hint" id={`hint-${name}`}>
          {hint}
        </p>
      )}
    </>
  );
}

export function Field({
  name,
  label,
  value,
  error,
  set,
  optional,
  mono,
  hint,
  placeholder,
}: TextProps): JSX.Element {
  return (
    <div class="field">
      <label for={`field-${name}`}>
        {label} {optional && <span class="optional">(optional)</span>}
      </label>
      <input
        id={`field-${name}`}
        class={mono ? 'input input-mono' : 'input'}
        value={value}
        placeholder={placeholder}
        maxLength={1_024}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="none"
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(name, hint, error)}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <Below name={name} hint={hint} error={error} />
    </div>
  );
}

export function SecretField({ name, value, error, set }: FieldProps): JSX.Element {
  const [shown, setShown] = useState(false);
  return (
    <div class="field">
      <label for={`field-${name}`}>Secret key</label>
      <div class="with-button">
        <input
          id={`field-${name}`}
          class="input input-mono"
          type={shown ? 'text' : 'password'}
          value={value}
          maxLength={1_024}
          spellcheck={false}
          autocomplete="off"
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(name, undefined, error)}
          onInput={(event) => set(event.currentTarget.value)}
        />
        <button
          type="button"
          class="icon-button"
          aria-pressed={shown}
          aria-label="Show the secret"
          title={shown ? 'Hide the secret' : 'Show the secret'}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff size={16} aria-hidden="true" /> : <Eye size={16} aria-hidden="true" />}
        </button>
      </div>
      <Below name={name} error={error} />
    </div>
  );
}

const OTHER = '*';

export function RegionField({ name, value, error, set }: FieldProps): JSX.Element {
  const [other, setOther] = useState(false);
  const choose = (chosen: string) => {
    setOther(chosen === OTHER);
    set(chosen === OTHER ? '' : chosen);
  };
  return (
    <div class="field">
      <label for="field-region-choice">Region</label>
      <div class={other ? 'field-row' : undefined}>
        <select
          id="field-region-choice"
          class="input"
          value={other ? OTHER : value}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">The server’s default</option>
          <optgroup label="DigitalOcean Spaces">
            {REGIONS.map(([id, place]) => (
              <option key={id} value={id}>
                {place} ({id})
              </option>
            ))}
          </optgroup>
          <option value={OTHER}>Another region …</option>
        </select>
        {other && (
          <input
            id={`field-${name}`}
            class="input input-mono"
            aria-label="Name of the region"
            placeholder="us-east-1"
            value={value}
            maxLength={63}
            spellcheck={false}
            aria-invalid={error ? true : undefined}
            aria-describedby={describedBy(name, undefined, error)}
            onInput={(event) => set(event.currentTarget.value)}
          />
        )}
      </div>
      <Below name={name} error={error} />
    </div>
  );
}
