import type { JSX } from 'preact';
import { Foreign } from '../parts/key';

function text(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 600);
}

/** What a tool was asked, as rows of a list of facts. */
export function ArgsView({ args }: { args: Readonly<Record<string, unknown>> }): JSX.Element {
  return (
    <>
      {Object.entries(args).map(([name, value]) => (
        <>
          <dt class="mono" key={name}>
            <Foreign text={name} />
          </dt>
          <dd class="mono" key={`${name} is`}>
            <Foreign text={text(value)} />
          </dd>
        </>
      ))}
    </>
  );
}
