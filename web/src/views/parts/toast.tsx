import { signal } from '@preact/signals';
import type { JSX } from 'preact';

const message = signal('');
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something in passing. */
export function say(text: string): void {
  clearTimeout(timer);
  message.value = text;
  timer = setTimeout(() => {
    message.value = '';
  }, 2_500);
}

export function copy(text: string, done: string): void {
  navigator.clipboard?.writeText(text).then(
    () => say(done),
    () => say('The browser did not allow copying'),
  ) ?? say('Copying needs a secure connection');
}

export function Toast(): JSX.Element {
  return (
    <div class="toast-place" role="status">
      {message.value && <div class="toast">{message.value}</div>}
    </div>
  );
}
