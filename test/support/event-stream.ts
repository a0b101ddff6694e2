/** An event as a browser's EventSource reads it. */
export interface ServerEvent {
  /** The last id that was told, with or without an event. */
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, never>;
}

/** A stream of server-sent events that is read as fast as the test takes them. */
export class EventStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';
  /** The last id that was told, also by a comment. */
  lastId = '';

  private constructor(
    readonly status: number,
    readonly headers: Headers,
    body: ReadableStream<Uint8Array>,
    private readonly controller: AbortController,
  ) {
    this.#reader = body.getReader();
  }

  static async open(
    url: string,
    headers: Readonly<Record<string, string>>,
    lastEventId?: string,
  ): Promise<EventStream> {
    const controller = new AbortController();
    const answer = await fetch(url, {
      headers: { ...headers, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
      signal: controller.signal,
    });
    if (!answer.body) throw new Error('the answer has no body');
    return new EventStream(answer.status, answer.headers, answer.body, controller);
  }

  /** The next event; undefined at the end of the stream. */
  async next(): Promise<ServerEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const event = this.#read(block);
        if (event) return event;
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  /** The next events that are not `ready`, so many. */
  async take(count: number): Promise<ServerEvent[]> {
    const events: ServerEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (!event) throw new Error(`the stream ended after ${events.length} of ${count} events`);
      if (event.event !== 'ready') events.push(event);
    }
    return events;
  }

  /** Reads until an event fits. */
  async until(fits: (event: ServerEvent) => boolean): Promise<ServerEvent[]> {
    const events: ServerEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (!event) throw new Error(`the stream ended: ${JSON.stringify(events.at(-1))}`);
      events.push(event);
      if (fits(event)) return events;
    }
  }

  close(): void {
    this.controller.abort();
  }

  #read(block: string): ServerEvent | undefined {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      if (name !== '') fields.set(name, value);
    }
    this.lastId = fields.get('id') ?? this.lastId;
    const data = fields.get('data');
    if (data === undefined) return undefined;
    const event = fields.get('event') ?? 'message';
    return { id: this.lastId, event, data: JSON.parse(data) as Record<string, never> };
  }
}
