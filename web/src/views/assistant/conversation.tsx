import { ArrowUp, CircleStop, Sparkles } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { ask, cancel, draft, running, startKeeping, turns } from '../../state/assistant';
import { route } from '../../state/route';
import { suggestionsFor } from '../../state/suggestions';
import { Foreign } from '../parts/key';
import { Suggested, TurnView } from './turn';

const NEAR_END = 80;

/** What was said, and where one goes on. */
export function Conversation({ focus }: { focus: boolean }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const shown = turns.value;
  useEffect(startKeeping, []);
  useLayoutEffect(() => {
    const box = list.current;
    if (box && atEnd.current) box.scrollTop = box.scrollHeight;
  });
  const onScroll = (event: Event) => {
    const box = event.currentTarget as HTMLElement;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
  };
  return (
    <div class="talk">
      <div
        class="talk-list"
        ref={list}
        onScroll={onScroll}
        tabIndex={0}
        role="group"
        aria-label="Conversation"
      >
        {shown.length === 0 ? <Welcome /> : null}
        {shown.map((turn, at) => (
          <TurnView key={turn.id} turn={turn} last={at === shown.length - 1} />
        ))}
      </div>
      <Announcer />
      <Composer
        focus={focus}
        sent={() => {
          atEnd.current = true;
        }}
      />
    </div>
  );
}

function Welcome(): JSX.Element {
  const { bucket } = route.value;
  return (
    <div class="welcome">
      <span class="state-icon">
        <Sparkles size={20} aria-hidden="true" />
      </span>
      <p class="state-title">Ask about your storage</p>
      <p class="muted">
        {bucket ? (
          <>
            “The bucket” means <Foreign text={bucket} />, and the period is the one of the page.{' '}
          </>
        ) : null}
        Every figure in an answer shows where it comes from. Nothing is changed by asking.
      </p>
      <Suggested questions={suggestionsFor(route.value)} />
    </div>
  );
}

/** Tells readers of the screen when an answer has come. */
function Announcer(): JSX.Element {
  const last = turns.value.at(-1);
  const text = {
    running: '',
    answered: 'The answer has come.',
    failed: 'There is no answer.',
    cancelled: 'Stopped.',
  };
  return (
    <div class="hidden-text" role="status">
      {last ? text[last.phase] : ''}
    </div>
  );
}

function Composer({ focus, sent }: { focus: boolean; sent: () => void }): JSX.Element {
  const input = useRef<HTMLTextAreaElement>(null);
  const busy = running.value;
  // Before the next key can be pressed.
  useLayoutEffect(() => {
    if (focus) input.current?.focus();
  }, [focus]);
  useLayoutEffect(() => {
    const box = input.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, 160)}px`;
  }, [draft.value]);
  const send = () => {
    if (busy || draft.value.trim() === '') return;
    sent();
    void ask(draft.value);
    draft.value = '';
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
    if (event.key === 'ArrowUp' && draft.value === '') {
      event.preventDefault();
      draft.value = turns.value.at(-1)?.question ?? '';
    }
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={input}
        class="input"
        rows={1}
        maxLength={8_000}
        aria-label="Your question"
        placeholder="Ask about your storage …"
        value={draft.value}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onKeyDown={onKeyDown}
      />
      <SendButton busy={busy} />
    </form>
  );
}

function SendButton({ busy }: { busy: boolean }): JSX.Element {
  return busy ? (
    <button type="button" class="composer-send" aria-label="Stop" title="Stop" onClick={cancel}>
      <CircleStop size={18} aria-hidden="true" />
    </button>
  ) : (
    <button
      type="submit"
      class="composer-send"
      aria-label="Send"
      title="Send (Enter)"
      disabled={draft.value.trim() === ''}
    >
      <ArrowUp size={18} aria-hidden="true" />
    </button>
  );
}
