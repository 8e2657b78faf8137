import { X } from 'lucide-preact';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  readonly label: string;
  readonly title?: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** A dialog over the page. The browser keeps the focus inside and closes it with Esc. */
export function Sheet({ label, title, close, children }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const onClick = (event: MouseEvent) => {
    if (event.target === dialog.current) close();
  };
  return (
    // Esc closes it by keyboard.
    <dialog class="sheet" ref={dialog} aria-label={label} onClose={close} onClick={onClick}>
      {title && (
        <header class="sheet-head">
          <h2>{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <X size={16} aria-hidden="true" />
          </button>
        </header>
      )}
      {children}
    </dialog>
  );
}
