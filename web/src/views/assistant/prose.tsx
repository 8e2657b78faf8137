import type { ComponentChildren, JSX } from 'preact';
import type { ChatAnswer } from '../../api/chat';
import { type Block, type Line, type Mark, type Piece, parseMarkdown, split } from '../../lib/markdown';
import { runs } from '../../lib/text';
import { Runs } from '../parts/key';
import { Cited } from './citation';

/** What a stretch of an answer rests on. */
export type Ground = { readonly citation: number } | 'unbacked';

type Marks = readonly Mark<Ground>[];

/** Where the figures of an answer stand in its text. */
export function groundsOf(parts: ChatAnswer['parts']): { text: string; marks: Marks } {
  const marks: Mark<Ground>[] = [];
  let text = '';
  for (const part of parts) {
    const from = text.length;
    text += part.text;
    const of = part.unbacked ? 'unbacked' : part.citation == null ? undefined : { citation: part.citation };
    if (of) marks.push({ from, to: text.length, of });
  }
  return { text, marks };
}

interface Props {
  readonly text: string;
  readonly marks?: Marks;
}

/** A model's words, as text in a few forms and nothing else. */
export function Prose({ text, marks = [] }: Props): JSX.Element {
  return (
    <div class="prose">
      {parseMarkdown(text).map((block, at) => (
        <BlockView key={at} block={block} marks={marks} />
      ))}
    </div>
  );
}

function BlockView({ block, marks }: { block: Block; marks: Marks }): JSX.Element {
  switch (block.kind) {
    case 'heading':
      return (
        <p class="prose-heading">
          <Lines lines={block.lines} marks={marks} />
        </p>
      );
    case 'paragraph':
      return (
        <p>
          <Lines lines={block.lines} marks={marks} />
        </p>
      );
    case 'list': {
      const items = block.items.map((lines, at) => (
        <li key={at}>
          <Lines lines={lines} marks={marks} />
        </li>
      ));
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>
            {block.text.split('\n').map((line, at) => (
              <span class="prose-code-line" key={at}>
                <Runs of={runs(line, true)} />
                {'\n'}
              </span>
            ))}
          </code>
        </pre>
      );
    case 'table':
      return <TableView block={block} marks={marks} />;
  }
}

function TableView({
  block,
  marks,
}: {
  block: Extract<Block, { kind: 'table' }>;
  marks: Marks;
}): JSX.Element {
  const side = (at: number) => (block.right[at] ? 'numeric' : undefined);
  return (
    // What scrolls must be reachable by keyboard.
    <div class="prose-table" role="group" aria-label="Table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {block.head.map((cell, at) =>
              cell.length === 0 ? (
                <td key={at} class={side(at)} />
              ) : (
                <th scope="col" key={at} class={side(at)}>
                  <Pieces line={cell} marks={marks} />
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, line) => (
            <tr key={line}>
              {row.map((cell, at) => (
                <td key={at} class={side(at)}>
                  <Pieces line={cell} marks={marks} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Lines({ lines, marks }: { lines: readonly Line[]; marks: Marks }): JSX.Element {
  return (
    <>
      {lines.map((line, at) => (
        <>
          {at > 0 && <br />}
          <Pieces key={at} line={line} marks={marks} />
        </>
      ))}
    </>
  );
}

function Pieces({ line, marks }: { line: Line; marks: Marks }): JSX.Element {
  return (
    <bdi class="foreign">
      {line.map((piece) => (
        <PieceView key={piece.at} piece={piece} marks={marks} />
      ))}
    </bdi>
  );
}

function styled(style: Piece['style'], children: ComponentChildren): ComponentChildren {
  if (style === 'code') return <code>{children}</code>;
  if (style === 'strong') return <strong>{children}</strong>;
  return style === 'emphasis' ? <em>{children}</em> : children;
}

function PieceView({ piece, marks }: { piece: Piece; marks: Marks }): ComponentChildren {
  const parts = split(piece.text, piece.at, marks).map(({ text, of }, at) => {
    const shown = <Runs key={at} of={runs(text, true)} />;
    if (of === undefined) return shown;
    if (of === 'unbacked') return <Unbacked key={at}>{shown}</Unbacked>;
    return (
      <Cited key={at} number={of.citation}>
        {shown}
      </Cited>
    );
  });
  return styled(piece.style, parts);
}

function Unbacked({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <mark class="unbacked" title="No tool gave this figure: don’t rely on it">
      {children}
      <span class="hidden-text"> (no tool gave this figure)</span>
    </mark>
  );
}
