/** Reads `text/event-stream` from pieces of text that may end anywhere. */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

export class EventParser {
  private pending = '';
  private event = '';
  private data: string[] = [];
  private started = false;

  /** Takes the next piece and returns the events it completed. */
  push(piece: string): ServerEvent[] {
    let text = piece;
    if (!this.started && text !== '') {
      this.started = true;
      text = text.replace(/^\uFEFF/, '');
    }
    this.pending += text;
    const found: ServerEvent[] = [];
    for (;;) {
      const line = this.nextLine();
      if (line === undefined) return found;
      const complete = this.take(line);
      if (complete) found.push(complete);
    }
  }

  private nextLine(): string | undefined {
    const at = this.pending.search(/[\r\n]/);
    if (at < 0) return undefined;
    // A carriage return at the very end may be half of a pair: wait for what follows.
    if (this.pending[at] === '\r' && at + 1 === this.pending.length) return undefined;
    const line = this.pending.slice(0, at);
    const pair = this.pending[at] === '\r' && this.pending[at + 1] === '\n';
    this.pending = this.pending.slice(at + (pair ? 2 : 1));
    return line;
  }

  private take(line: string): ServerEvent | undefined {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.event = value;
    if (name === 'data') this.data.push(value);
    return undefined;
  }

  private dispatch(): ServerEvent | undefined {
    const complete =
      this.data.length > 0 ? { event: this.event || 'message', data: this.data.join('\n') } : undefined;
    this.event = '';
    this.data = [];
    return complete;
  }
}
