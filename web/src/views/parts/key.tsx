import type { JSX } from 'preact';
import { plain, type Run, runs, splitTail } from '../../lib/text';
import { copy } from './toast';

export function Runs({ of }: { of: readonly Run[] }): JSX.Element {
  return (
    <>
      {of.map((run, at) =>
        // Runs have no identity beyond their place.
        run.escaped ? (
          <span class="escaped" key={at}>
            {run.text}
          </span>
        ) : (
          run.text
        ),
      )}
    </>
  );
}

/** A text that others wrote, whole. */
export function Foreign({ text }: { text: string }): JSX.Element {
  return (
    <bdi class="foreign">
      <Runs of={runs(text)} />
    </bdi>
  );
}

/** A key with an ellipsis in the middle where it doesn't fit: the end of a key matters. */
export function KeyText({ text, tail = 14 }: { text: string; tail?: number }): JSX.Element {
  const cut = splitTail(text, tail);
  return (
    <bdi class="key" title={plain(text)}>
      {cut.head.length > 0 && (
        <span class="key-head">
          <Runs of={cut.head} />
        </span>
      )}
      <span class="key-tail">
        <Runs of={cut.tail} />
      </span>
    </bdi>
  );
}

/** A key that is copied by a click. `shown` is the part to show where the rest is plain from the place. */
export function CopyKey({ value, shown = value }: { value: string; shown?: string }): JSX.Element {
  return (
    <button
      type="button"
      class="key-button"
      title={`${plain(value)}\nClick to copy`}
      onClick={() => copy(value, 'Key copied')}
    >
      <span class="hidden-text">Copy key </span>
      <KeyText text={shown} />
    </button>
  );
}
