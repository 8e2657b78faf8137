/** What the refresh button of the bar stands for on the page that is shown. */

import { effect, signal } from '@preact/signals';

export interface Refreshable {
  /** When what is shown was true. */
  readonly at: number | undefined;
  readonly busy: boolean;
  readonly refresh: () => void;
}

export const refreshable = signal<Refreshable | undefined>(undefined);

/** Lends the button to a page; the returned function gives it back. */
export function offerRefresh(read: () => Refreshable): () => void {
  const stop = effect(() => {
    refreshable.value = read();
  });
  return () => {
    stop();
    refreshable.value = undefined;
  };
}
