import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime, parseTime } from '../../lib/time';
import { go, hrefOf, route } from '../../state/route';
import { Segments } from '../parts/panel';
import { Popover } from '../parts/popover';

const PRESETS = [
  { value: '1h', label: '1 h' },
  { value: '6h', label: '6 h' },
  { value: '24h', label: '24 h' },
  { value: '7d', label: '7 d' },
  { value: '30d', label: '30 d' },
] as const;

/** The period of the page: up to now, or between two moments. */
export function PeriodChoice({ usual }: { usual: string }): JSX.Element {
  const { last, from, to } = route.value;
  const own = from !== '' || to !== '';
  const choices = PRESETS.map(({ value, label }) => ({
    value: value as string,
    label,
    href: hrefOf({ ...route.value, last: value, from: '', to: '' }),
  }));
  return (
    <div class="period">
      <Segments label="Period" value={own ? '' : last || usual} choices={choices} />
      <Popover
        label="Between two moments"
        face={own ? spanText(from, to) : 'Custom'}
        faceClass="button button-small"
        align="end"
      >
        {(close) => <Between close={close} />}
      </Popover>
    </div>
  );
}

function spanText(from: string, to: string): string {
  const [begin, end] = [parseTime(from), parseTime(to)];
  return `${begin === undefined ? '…' : dateTime(begin)} – ${end === undefined ? 'now' : dateTime(end)}`;
}

/** What a field for a moment takes: UTC, to the minute. */
const fieldText = (moment: string) => {
  const at = parseTime(moment);
  return at === undefined ? '' : new Date(at).toISOString().slice(0, 16);
};

function Between({ close }: { close: () => void }): JSX.Element {
  const [from, setFrom] = useState(fieldText(route.value.from));
  const [to, setTo] = useState(fieldText(route.value.to));
  const moment = (text: string) => (text ? `${text}:00Z` : '');
  const wrong = from !== '' && to !== '' && from >= to;
  return (
    <form
      class="form between"
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong || (!from && !to)) return;
        close();
        go(hrefOf({ ...route.value, last: '', from: moment(from), to: moment(to) }));
      }}
    >
      <div class="field">
        <label for="period-from">From (UTC)</label>
        <input
          id="period-from"
          class="input"
          type="datetime-local"
          value={from}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for="period-to">To (UTC)</label>
        <input
          id="period-to"
          class="input"
          type="datetime-local"
          value={to}
          aria-invalid={wrong ? true : undefined}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
        {wrong && <p class="field-error">The end must lie behind the beginning.</p>}
      </div>
      <button type="submit" class="button button-primary">
        Show
      </button>
    </form>
  );
}
