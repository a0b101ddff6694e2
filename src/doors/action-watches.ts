import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { DoorRefusal, refuse } from '../actions/door-refusal.js';
import { ActionFailure } from '../actions/failures.js';
import type { Caller } from '../callers/caller.js';
import {
  type ActionChange,
  ActionChanges,
  type ChangeFilter,
  type ChangePage,
} from '../journal/action-changes.js';
import { type ChangePosition, readPosition } from '../journal/change-position.js';

/** What a watch tells. `reset`: positions of before mean nothing any more, and changes may be missing. */
export type WatchEvent =
  | { readonly kind: 'ready' | 'reset' | 'heartbeat'; readonly position: ChangePosition }
  | { readonly kind: 'action'; readonly position: ChangePosition; readonly change: ActionChange };

/** Where a watch writes. */
export interface WatchSink {
  /** @returns false when no more is taken until `resume` is called */
  write(event: WatchEvent): boolean;
  /** Called once. @param refusal why it ends; undefined when the gateway stops */
  end(refusal?: DoorRefusal): void;
}

/** What a watch is opened with. */
export interface WatchRequest {
  readonly caller: Caller;
  /** Who asks as of now. @throws DoorRefusal once its credential has ended */
  readonly authenticateAgain: () => Caller | Promise<Caller>;
  readonly filter: ChangeFilter;
  /** The `id` of the last event that was read; empty to begin now. */
  readonly lastEventId: string;
}

const HEARTBEAT_MS = 15_000;
/** A watch ends within a second of its credential. */
const AUTHENTICATE_EVERY_MS = 500;
const MOST_WATCHES = 500;
const MOST_PER_CALLER = 50;
const TRY_AGAIN_MS = 5_000;

/** Streams of changes of actions, of both doors. */
@Injectable()
export class ActionWatches implements BeforeApplicationShutdown {
  readonly #logger = new Logger(ActionWatches.name);
  readonly #open = new Set<ActionWatch>();
  #isStopping = false;

  constructor(private readonly changes: ActionChanges) {}

  /** Open watches would keep the servers from stopping. */
  beforeApplicationShutdown(): void {
    this.#isStopping = true;
    for (const watch of this.#open) watch.end();
  }

  /** @throws DoorRefusal for a last event that is none, and for too many watches; ActionFailure without a database */
  async open(request: WatchRequest, sink: WatchSink): Promise<ActionWatch> {
    const given = request.lastEventId === '' ? undefined : readPosition(request.lastEventId);
    if (request.lastEventId !== '' && !given)
      throw refuse.malformed(
        'The last event id is not one that a stream of this gateway gave: leave it out to begin now',
      );
    const { identity } = request.caller;
    const own = [...this.#open].filter((watch) => watch.identity === identity).length;
    if (this.#isStopping) throw refuse.unavailable('The gateway is stopping: connect again', 1_000);
    if (this.#open.size >= MOST_WATCHES || own >= MOST_PER_CALLER)
      throw new DoorRefusal(
        'RESOURCE_EXHAUSTED',
        429,
        `At most ${MOST_PER_CALLER} streams of a caller and ${MOST_WATCHES} of a replica are open at a time: close one`,
        TRY_AGAIN_MS,
      );
    const present = await this.changes.findPresent();
    // A position of the future is of another server, or of one that has lost its latest past.
    const isForeign = given !== undefined && given.transaction > present.transaction;
    const watch = new ActionWatch(
      this.changes,
      request,
      sink,
      isForeign ? present : (given ?? present),
      (error) => this.#logger.error({ err: error }, 'A stream met a fault of the gateway'),
      () => this.#open.delete(watch),
    );
    this.#open.add(watch);
    watch.begin(isForeign ? 'reset' : 'ready');
    return watch;
  }
}

/**
 * One stream. It has no queue of its own: what its reader does not take stays in the log, and is read
 * from there when the reader takes more.
 */
export class ActionWatch {
  readonly identity: string;
  #caller: Caller;
  #isFull = false;
  #isPumping = false;
  /** More was told of while a page was being written. */
  #isBehind = false;
  #hasEnded = false;
  #toldAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #unfollow: () => void;

  constructor(
    private readonly changes: ActionChanges,
    private readonly request: WatchRequest,
    private readonly sink: WatchSink,
    private position: ChangePosition,
    private readonly report: (error: unknown) => void,
    private readonly onEnd: () => void,
  ) {
    this.#caller = request.caller;
    this.identity = request.caller.identity;
    this.#timer = setInterval(() => void this.#check(), AUTHENTICATE_EVERY_MS).unref();
    this.#unfollow = changes.follow((news) => {
      if (news === 'more') return void this.#pump();
      void this.#reset();
    });
  }

  begin(kind: 'ready' | 'reset'): void {
    this.#write({ kind, position: this.position });
    void this.#pump();
  }

  /** The reader takes more. */
  resume(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    void this.#pump();
  }

  /** Ends the stream. @param refusal undefined when the reader has gone or the gateway stops */
  end(refusal?: DoorRefusal): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#timer);
    this.#unfollow();
    this.onEnd();
    this.sink.end(refusal);
  }

  /** Asks again who reads, and says that the stream lives. */
  async #check(): Promise<void> {
    try {
      this.#caller = await this.request.authenticateAgain();
    } catch (error) {
      // While the database is away, what is known holds.
      if (error instanceof DoorRefusal) this.end(error);
      else if (!isAway(error)) this.#fail(error);
      return;
    }
    if (!this.#isFull && performance.now() - this.#toldAt >= HEARTBEAT_MS)
      this.#write({ kind: 'heartbeat', position: this.position });
  }

  async #pump(): Promise<void> {
    this.#isBehind = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#isBehind && !this.#isFull && !this.#hasEnded) {
        this.#isBehind = false;
        const read = this.changes.read(this.position, this.#caller, this.request.filter);
        const page = read instanceof Promise ? await read : read;
        if (!this.#hasEnded) this.#writePage(page);
      }
    } catch (error) {
      // The next poll that succeeds tells of more.
      if (!isAway(error)) this.#fail(error);
    } finally {
      this.#isPumping = false;
    }
  }

  #writePage({ changes, next, isLast }: ChangePage): void {
    for (const change of changes) {
      this.position = change.position;
      this.#write({ kind: 'action', position: change.position, change });
      if (this.#isFull) return;
    }
    this.position = next;
    if (!isLast) this.#isBehind = true;
  }

  async #reset(): Promise<void> {
    try {
      this.position = await this.changes.findPresent();
      this.#write({ kind: 'reset', position: this.position });
    } catch (error) {
      if (!isAway(error)) this.#fail(error);
    }
  }

  #write(event: WatchEvent): void {
    if (this.#hasEnded) return;
    this.#toldAt = performance.now();
    if (!this.sink.write(event)) this.#isFull = true;
  }

  #fail(error: unknown): void {
    this.report(error);
    this.end(refuse.unavailable('The gateway met a fault of its own: connect again', 1_000));
  }
}

/** Whether the database is away: what is missed meanwhile is read when it is back. */
function isAway(error: unknown): boolean {
  return error instanceof ActionFailure && error.code === 'GATEWAY_UNAVAILABLE';
}
