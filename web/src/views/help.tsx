import type { JSX } from 'preact';
import { Sheet } from './parts/sheet';
import { SHORTCUTS } from './shortcuts';

export function Help({ close }: { close: () => void }): JSX.Element {
  return (
    <Sheet label="Keyboard shortcuts" title="Keyboard shortcuts" close={close}>
      <dl class="shortcuts">
        {SHORTCUTS.map(({ keys, what }) => (
          <>
            <dt key={`keys ${what}`}>
              {keys.map((key, at) => (
                <>
                  {at > 0 && ' '}
                  <kbd key={key}>{key}</kbd>
                </>
              ))}
            </dt>
            <dd key={what}>{what}</dd>
          </>
        ))}
      </dl>
      <p class="sheet-foot">
        The same questions can be asked on the command line (<code>spacewatch --help</code>) and over HTTP (
        <a href="/docs" target="_blank" rel="noreferrer">
          API documentation
        </a>
        ).
      </p>
    </Sheet>
  );
}
