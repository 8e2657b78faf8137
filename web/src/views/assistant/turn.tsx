import { Ban, CircleHelp, CircleSlash, Copy, Info } from 'lucide-preact';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ChatAnswer } from '../../api/chat';
import { ask, type Turn } from '../../state/assistant';
import { Foreign } from '../parts/key';
import { ProblemView } from '../parts/states';
import { copy } from '../parts/toast';
import { CitedSources } from './citation';
import { ProposalView } from './proposal';
import { groundsOf, Prose } from './prose';
import { SmallChart } from './small-chart';
import { ToolCalls } from './tool-calls';

/** A question and what came of it. */
export function TurnView({ turn, last }: { turn: Turn; last: boolean }): JSX.Element {
  return (
    <article class="turn">
      <div class="turn-question">
        <span class="hidden-text">You asked: </span>
        <Foreign text={turn.question} />
      </div>
      <ToolCalls turn={turn} />
      {turn.phase === 'running' && turn.text && <Prose text={turn.text} />}
      {turn.answer && <AnswerText turn={turn} answer={turn.answer} last={last} />}
      {turn.phase === 'cancelled' && (
        <p class="turn-note">
          <Ban size={14} aria-hidden="true" />
          Stopped.
          <button type="button" class="link" onClick={() => void ask(turn.question)}>
            Ask again
          </button>
        </p>
      )}
      {turn.phase === 'failed' && turn.problem && (
        <ProblemView problem={turn.problem} retry={last ? () => void ask(turn.question) : undefined} />
      )}
    </article>
  );
}

const KINDS: Partial<Record<ChatAnswer['kind'], { icon: typeof Info; text: string }>> = {
  asks_back: { icon: CircleHelp, text: 'Something is needed to go on' },
  refused: { icon: CircleSlash, text: 'This is not done here' },
  cannot_say: { icon: Info, text: 'Nothing here can tell' },
};

function AnswerText({ turn, answer, last }: { turn: Turn; answer: ChatAnswer; last: boolean }): JSX.Element {
  const { text, marks } = useMemo(() => groundsOf(answer.parts), [answer]);
  const series = turn.series ?? [];
  const sources = useMemo(() => ({ citations: answer.citations, series }), [answer, series]);
  const kind = KINDS[answer.kind];
  const unbacked = answer.parts.filter((part) => part.unbacked).length;
  return (
    <CitedSources.Provider value={sources}>
      {kind && !answer.proposal && (
        <p class="turn-note">
          <kind.icon size={14} aria-hidden="true" />
          {kind.text}
        </p>
      )}
      <Prose text={text} marks={marks} />
      {series.map((found) => (
        <SmallChart key={`${found.path} ${found.field}`} found={found} height={132} />
      ))}
      {unbacked > 0 && (
        <p class="turn-note turn-warn">
          <CircleHelp size={14} aria-hidden="true" />
          {unbacked === 1 ? 'One figure is' : `${unbacked} figures are`} marked: no tool gave{' '}
          {unbacked === 1 ? 'it' : 'them'}.
        </p>
      )}
      {answer.proposal && <ProposalView proposal={answer.proposal} />}
      <footer class="turn-foot">
        <span>
          by <Foreign text={turn.by} />
        </span>
        <button
          type="button"
          class="icon-button icon-small"
          aria-label="Copy the answer"
          title="Copy the answer"
          onClick={() => copy(answer.answer, 'Answer copied')}
        >
          <Copy size={13} aria-hidden="true" />
        </button>
      </footer>
      {answer.instead && (
        <p class="turn-note turn-warn">
          <Info size={14} aria-hidden="true" />
          <span>
            The built-in planner answered: <Foreign text={answer.instead} />
          </span>
        </p>
      )}
      {last && <Suggested questions={answer.suggestions} />}
    </CitedSources.Provider>
  );
}

/** Questions one can ask with a click. */
export function Suggested({ questions }: { questions: readonly string[] }): JSX.Element | null {
  if (questions.length === 0) return null;
  return (
    <ul class="suggested" aria-label="Suggested questions">
      {questions.map((question) => (
        <li key={question}>
          <button type="button" class="suggestion" onClick={() => void ask(question)}>
            <Foreign text={question.replaceAll('`', '')} />
          </button>
        </li>
      ))}
    </ul>
  );
}
