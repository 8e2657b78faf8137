import { Maximize2, Pin, PinOff, SquarePen, X } from 'lucide-preact';
import type { JSX } from 'preact';
import { drawer, restart, turns } from '../../state/assistant';
import { hrefOf, route } from '../../state/route';
import { Conversation } from './conversation';

/** The assistant beside the page. It lies over the page's edge, or the page makes room where it is pinned. */
export function Drawer(): JSX.Element {
  const pinned = drawer.value === 'pinned';
  const close = () => {
    drawer.value = 'closed';
    document.getElementById('assistant-button')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !pinned) close();
  };
  return (
    <aside class="drawer" aria-label="Assistant" onKeyDown={onKeyDown}>
      <header class="drawer-head">
        <h2>Assistant</h2>
        <Restart />
        <a
          class="icon-button"
          href={hrefOf({ ...route.value, page: 'assistant' })}
          aria-label="Open as a page"
          title="Open as a page"
        >
          <Maximize2 size={15} aria-hidden="true" />
        </a>
        <button
          type="button"
          class="icon-button drawer-pin"
          aria-pressed={pinned}
          aria-label="Pin beside the page"
          title={pinned ? 'Unpin' : 'Pin beside the page'}
          onClick={() => {
            drawer.value = pinned ? 'open' : 'pinned';
          }}
        >
          {pinned ? <PinOff size={15} aria-hidden="true" /> : <Pin size={15} aria-hidden="true" />}
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label="Close the assistant"
          title="Close (Esc)"
          onClick={close}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </header>
      <Conversation focus />
    </aside>
  );
}

export function Restart(): JSX.Element | null {
  if (turns.value.length === 0) return null;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label="New conversation"
      title="New conversation"
      onClick={restart}
    >
      <SquarePen size={15} aria-hidden="true" />
    </button>
  );
}
