import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Client } from 'pg';
import { Database } from '../database/database.js';

/** A table that this replica holds in memory. */
interface Topic {
  readonly read: () => Promise<void>;
  /** Something may have changed since the last reading began. */
  isStale: boolean;
  reading: Promise<void> | undefined;
}

/** Who keeps single rows of a table. */
interface RowWatcher {
  /** @param key of the row that has changed */
  onChange(key: string): void;
  /** From now on changes may be missed: what is kept may be wrong. */
  onLoss(): void;
}

/** The channel of PostgreSQL on which changes are told, as `<table>` or `<table>:<key>`. */
export const CHANGES = 'gateway_changes';
const ANSWER_WITHIN_MS = 2_000;
/** How often the connection is checked: one that was cut silently delivers no notification. */
const BEAT_MS = 400;
/** Whose answer is older than this may have been cut off since. */
const CURRENT_FOR_MS = 1_000;
/** The net below the notifications. */
const READ_ALL_EVERY_MS = 5_000;
const GOODBYE_MS = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const READ_AGAIN_MS = 250;

/**
 * Keeps in memory what few write and every action asks: a change of a followed table is told by
 * PostgreSQL (a trigger notifies) and read by every replica at once. What was missed while the
 * connection was lost is read when it is back; while the database is away, the last known holds.
 */
@Injectable()
export class ChangeFeed implements OnApplicationShutdown {
  readonly #logger = new Logger(ChangeFeed.name);
  readonly #topics = new Map<string, Topic>();
  readonly #watchers = new Map<string, RowWatcher>();
  #onConnected: () => void = () => undefined;
  readonly #stopping = new AbortController();
  #isListening = false;
  /** When the question was asked that the connection answered last, on the clock of `performance.now()`. */
  #provenAt = -Infinity;
  #listening: Promise<void> | undefined;
  #net: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  /**
   * Reads a table now, and again whenever it has changed.
   * @throws the error of the first reading: no replica starts with an incomplete state
   */
  async follow(table: string, read: () => Promise<void>): Promise<void> {
    await read();
    const topic = { read, isStale: false, reading: undefined };
    this.#topics.set(table, topic);
    this.#listening ??= this.#listen();
    this.#net ??= setInterval(() => this.#readAll(), READ_ALL_EVERY_MS).unref();
    // Between the first reading and the listening something may have changed.
    if (this.#isListening) await this.#readAgain(topic);
  }

  /** Tells of single rows of a table that is too large to be held whole, from when the first is followed. */
  watch(table: string, watcher: RowWatcher): void {
    this.#watchers.set(table, watcher);
  }

  /** Names what is done whenever the connection was made, or made again after a loss. */
  onConnected(listener: () => void): void {
    this.#onConnected = listener;
  }

  /** Whether every change that is a second old has been told. */
  get isCurrent(): boolean {
    return this.#isListening && performance.now() - this.#provenAt < CURRENT_FOR_MS;
  }

  /** Reads a table that this replica has just changed, so that it knows before it answers. Never throws. */
  async refresh(table: string): Promise<void> {
    const topic = this.#topics.get(table);
    if (topic) await this.#readAgain(topic);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#net);
    await this.#listening;
  }

  #readAll(): void {
    for (const topic of this.#topics.values()) void this.#readAgain(topic);
  }

  /** One reading at a time: an older answer must never come after a newer one. */
  #readAgain(topic: Topic): Promise<void> {
    topic.isStale = true;
    topic.reading ??= this.#readUntilFresh(topic).finally(() => {
      topic.reading = undefined;
    });
    return topic.reading;
  }

  async #readUntilFresh(topic: Topic): Promise<void> {
    while (topic.isStale && !this.#stopping.signal.aborted) {
      topic.isStale = false;
      try {
        await topic.read();
      } catch (error) {
        this.#logger.warn(`the last known holds: ${(error as Error).message}`);
        setTimeout(() => void this.#readAgain(topic), READ_AGAIN_MS).unref();
        return;
      }
    }
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stopping;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#listenOnce(() => {
          pause = FIRST_PAUSE_MS;
        });
      } catch (error) {
        if (!signal.aborted)
          this.#logger.warn(`changes are not told: ${(error as Error).message || 'cut off'}`);
      }
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    }
  }

  /** Listens on a connection of its own until that is lost. */
  async #listenOnce(onListening: () => void): Promise<void> {
    const { signal } = this.#stopping;
    const client = new Client({
      connectionString: readUrl(this.database),
      application_name: 'action-gateway changes',
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
      keepAlive: true,
    });
    const lost = new AbortController();
    client.on('error', (error) => lost.abort(error));
    client.on('end', () => lost.abort(new Error('the connection has ended')));
    // A promise of the loss, raced with each pause, would remember every one of them.
    const over = AbortSignal.any([signal, lost.signal]);
    client.on('notification', ({ payload = '' }) => {
      const [table = '', ...key] = payload.split(':');
      const topic = this.#topics.get(table);
      if (topic) void this.#readAgain(topic);
      if (key.join(':') === '') this.#watchers.get(table)?.onLoss();
      else this.#watchers.get(table)?.onChange(key.join(':'));
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANGES}`);
      this.#isListening = true;
      onListening();
      this.#onConnected();
      this.#readAll();
      for (;;) {
        const askedAt = performance.now();
        await client.query('SELECT 1');
        this.#provenAt = askedAt;
        await sleep(BEAT_MS, undefined, { ref: false, signal: over }).catch(() => undefined);
        over.throwIfAborted();
      }
    } finally {
      this.#isListening = false;
      this.#provenAt = -Infinity;
      for (const watcher of this.#watchers.values()) watcher.onLoss();
      // A line that is dead never says goodbye.
      const goodbye = sleep(GOODBYE_MS, undefined, { ref: false });
      await Promise.race([client.end().catch(() => undefined), goodbye]);
    }
  }
}

function readUrl({ dataSource }: Database): string {
  return (dataSource.options as { url?: string }).url ?? '';
}
