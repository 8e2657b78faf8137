import { Settings } from 'lucide-preact';
import type { JSX } from 'preact';
import { IDLE_CHOICES, prefer, preferences } from '../../state/preferences';
import { chooseTheme, theme } from '../../state/theme';
import { Panel } from '../parts/panel';
import { THEMES } from '../theme-button';
import { ConnectionPanel } from './connection';
import { TenantsPanel } from './tenants';

/** How this browser shows things, and whose keys it holds. */
export function SettingsPage(): JSX.Element {
  return (
    <div class="page">
      <header class="place">
        <Settings size={20} aria-hidden="true" />
        <h1>Settings</h1>
      </header>
      <div class="settings-columns">
        <Panel title="Looks" foot={<span>Kept in this browser</span>}>
          <div class="form">
            <Choices
              label="Theme"
              value={theme.value}
              choices={THEMES.map(({ id, label }) => ({ value: id, label }))}
              choose={chooseTheme}
            />
            <Choices
              label="Sizes"
              value={preferences.value.units}
              choices={[
                { value: 'binary', label: 'GiB (1,024)' },
                { value: 'decimal', label: 'GB (1,000)' },
              ]}
              choose={(units) => prefer({ units })}
            />
            <Zone />
          </div>
        </Panel>
        <Panel title="Safety" foot={<span>Keys are wiped from this tab then, those of all tenants</span>}>
          <div class="form">
            <div class="field">
              <label for="setting-idle">Lock after idle</label>
              <select
                id="setting-idle"
                class="input"
                value={String(preferences.value.idleMinutes)}
                onChange={(event) => prefer({ idleMinutes: Number(event.currentTarget.value) })}
              >
                {IDLE_CHOICES.map((minutes) => (
                  <option key={minutes} value={String(minutes)}>
                    {minutes} minutes
                  </option>
                ))}
              </select>
              <p class="field-hint">
                Keys stay in this tab, travel in headers only, and are forgotten when the tab is closed.
              </p>
            </div>
          </div>
        </Panel>
      </div>
      <TenantsPanel />
      <ConnectionPanel />
    </div>
  );
}

interface ChoicesProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly label: string }[];
  readonly choose: (value: T) => void;
}

function Choices<T extends string>({ label, value, choices, choose }: ChoicesProps<T>): JSX.Element {
  return (
    <fieldset class="field choices-field">
      <legend>{label}</legend>
      <div class="radios">
        {choices.map((choice) => (
          <label key={choice.value}>
            <input
              type="radio"
              name={`setting-${label}`}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => choose(choice.value)}
            />
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Zone(): JSX.Element {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { zone } = preferences.value;
  const zones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone'), ...(zone ? [zone] : [])])];
  return (
    <div class="field">
      <label for="setting-zone">Time zone</label>
      <select
        id="setting-zone"
        class="input"
        value={zone}
        onChange={(event) => prefer({ zone: event.currentTarget.value })}
      >
        <option value="">This browser’s ({own})</option>
        {zones.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <p class="field-hint">Times show UTC on hover. The assistant’s days are those of this zone.</p>
    </div>
  );
}
