import { Sparkles } from 'lucide-preact';
import type { JSX } from 'preact';
import { Conversation } from './conversation';
import { Restart } from './drawer';

/** The assistant with the whole page to itself. */
export function AssistantPage(): JSX.Element {
  return (
    <div class="page assistant-page">
      <header class="place">
        <Sparkles size={20} aria-hidden="true" />
        <h1>Assistant</h1>
        <Restart />
      </header>
      <section class="panel" aria-label="Conversation with the assistant">
        <Conversation focus />
      </section>
    </div>
  );
}
