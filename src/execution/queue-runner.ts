import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ActionQueue, type HeldLine, type QueuedAction } from '../queue/action-queue.js';
import { CONFIG, type Config } from '../config/config.js';
import { Caller } from '../callers/caller.js';
import { Callers } from '../callers/callers.js';
import { Catalogue } from './catalogue.js';
import { Executor } from './executor.js';

/** How often a replica looks for lines that other replicas left or that have become due. */
const LOOK_EVERY_MS = 200;
/** The longest time on one line before other lines get their turn. */
const SLICE_MS = 10_000;

/**
 * Carries out the actions of the queue: takes due lines, and carries out the actions of each one after the
 * other. The lines of a dead replica go to the other replicas, after the reaper has settled its actions.
 */
@Injectable()
export class QueueRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(QueueRunner.name);
  readonly #working = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #stopping = false;

  constructor(
    private readonly queue: ActionQueue,
    private readonly executor: Executor,
    private readonly callers: Callers,
    private readonly catalogue: Catalogue,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.listen(() => this.#look());
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Takes no more lines, and finishes or releases those it has. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#looking;
    const grace = sleep(this.config.SHUTDOWN_GRACE * 1_000, undefined, { ref: false });
    await Promise.race([Promise.allSettled(this.#working), grace]);
  }

  #look(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#takeLines().finally(() => {
      this.#looking = undefined;
    });
  }

  async #takeLines(): Promise<void> {
    while (this.#lookAgain && !this.#stopping) {
      const room = this.config.QUEUE_WORKERS - this.#working.size;
      if (room <= 0) return;
      this.#lookAgain = false;
      try {
        const lines = await this.queue.take(room);
        for (const held of lines) this.#start(held);
        if (lines.length === room) this.#lookAgain = true;
      } catch (error) {
        this.#logger.warn(`the queue waits: ${(error as Error).message}`);
      }
    }
  }

  #start(held: HeldLine): void {
    const work = this.#work(held)
      .catch((error: unknown) => {
        this.#logger.error({ err: error }, `line ${held.line} was not left in order`);
        this.queue.abandon(held);
      })
      .finally(() => {
        this.#working.delete(work);
        this.#look();
      });
    this.#working.add(work);
  }

  /** The permissions that the caller has now apply; a revoked caller has none. */
  #renewCaller(action: QueuedAction): QueuedAction {
    const caller = Caller.fromJson(action.caller);
    const now = this.callers.renew(caller, (names) => this.catalogue.expandActions(names));
    return { ...action, caller: (now ?? caller.narrow({ permissions: new Set() })).toJson() };
  }

  async #work({ line, hold, actions }: HeldLine): Promise<void> {
    const done: string[] = [];
    const until = performance.now() + SLICE_MS;
    let waitMs = 0;
    for (const action of actions) {
      if (this.#stopping || performance.now() > until) break;
      waitMs = await this.executor.carryOn(this.#renewCaller(action));
      if (waitMs > 0) break;
      done.push(action.id);
    }
    await this.queue.release({ line, hold, done, waitMs });
  }
}
