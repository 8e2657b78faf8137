import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  /** What it is for. Where the face says so in words, there is no need to say it twice. */
  readonly label: string;
  readonly labelShown?: boolean;
  /** What the button shows. */
  readonly face: ComponentChildren;
  readonly faceClass?: string;
  readonly align?: 'start' | 'end';
  readonly above?: boolean;
  readonly children: (close: () => void) => ComponentChildren;
}

const FOCUSABLE = 'a[href], button:not([disabled]), input';

/** A button and what it opens. Arrow keys walk through, Esc closes. */
export function Popover({
  label,
  labelShown = false,
  face,
  faceClass = 'button',
  align = 'start',
  above = false,
  children,
}: Props): JSX.Element {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useOutside(open, place, () => setOpen(false));
  // Before the next key can be pressed: an Esc in between would close what then takes the focus with it.
  useLayoutEffect(() => {
    if (open) place.current?.querySelector<HTMLElement>(`[id="${id}"] :is(${FOCUSABLE})`)?.focus();
  }, [open, id]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && open) {
      event.stopPropagation();
      close();
    }
    if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      walk(place.current, id, event.key === 'ArrowDown' ? 1 : -1);
    }
  };
  return (
    // It only hears the keys of the controls inside.
    <div class="popover-place" ref={place} onKeyDown={onKeyDown}>
      <button
        type="button"
        ref={button}
        class={faceClass}
        title={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {!labelShown && <span class="hidden-text">{`${label} `}</span>}
        {face}
      </button>
      {open && (
        <div class={`popover popover-${align}${above ? ' popover-above' : ''}`} id={id}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

function walk(place: HTMLElement | null, id: string, step: number): void {
  const stops = [...(place?.querySelectorAll<HTMLElement>(`[id="${id}"] :is(${FOCUSABLE})`) ?? [])];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  stops[(at + step + stops.length) % stops.length]?.focus();
}

function useOutside(open: boolean, place: { current: HTMLElement | null }, leave: () => void): void {
  useEffect(() => {
    if (!open) return;
    const look = (event: Event) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) leave();
    };
    document.addEventListener('pointerdown', look);
    document.addEventListener('focusin', look);
    return () => {
      document.removeEventListener('pointerdown', look);
      document.removeEventListener('focusin', look);
    };
  });
}
