import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Accounts } from '../accounts/accounts.js';
import { ActionFailure } from '../actions/failures.js';
import type { Call } from '../callers/call.js';
import { CONFIG, type Config } from '../config/config.js';
import { databaseClock } from '../config/database-clock.js';
import { traceAction } from '../observability/traces.js';
import type { QueuedAction } from '../queue/action-queue.js';
import { Catalogue } from './catalogue.js';
import { Deadline } from './deadline.js';
import { Progress } from './progress.js';
import type { Run } from './run.js';
import { Workers } from './workers.js';

const LINE_PER_WORKER = 20;

/** The runs of this replica: opens them, gives them workers, counts them and drains them at a stop. */
@Injectable()
export class Lifecycle {
  readonly #workers: Workers;
  #running = 0;
  /** Ids of actions that this replica carries out for callers that wait. */
  readonly #underWay = new Set<string>();
  #draining = false;
  #notifyIdle: (() => void) | undefined;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly accounts: Accounts,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.#workers = new Workers({
      places: config.MAX_WORKERS,
      perAccount: config.MAX_WORKERS_PER_ACCOUNT,
      longestLine: config.MAX_WORKERS * LINE_PER_WORKER,
    });
  }

  /** Actions under way and waiting, for the statistics. */
  get load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#workers.waiting };
  }

  /** @param waited the action from the queue that the run is for */
  open(id: string, raw: Run['raw'], call: Call, waited?: QueuedAction): Run {
    const progress = new Progress(waited ? 'taken' : 'received');
    return {
      id,
      raw,
      call,
      progress,
      deadline: this.#openDeadline(raw, call, progress),
      receivedAt: waited ? Date.parse(waited.receivedAt) : databaseClock.now(),
      openedAt: performance.now(),
      trace: traceAction(call),
      sandbox: this.config.sandbox,
      waited,
    };
  }

  /** A long action has its own time to work in: it goes on after the caller's deadline. */
  #openDeadline(raw: unknown, call: Call, progress: Progress): Deadline {
    if (!this.catalogue.takesLong(raw)) {
      const settlingMs = this.catalogue.findSettlingMs(raw);
      return new Deadline(call, call.answerBy + settlingMs, progress);
    }
    const worksUntil = performance.now() + this.config.UPLOAD_BUDGET * 1_000;
    const answerBy = Math.min(call.deadline, worksUntil);
    return new Deadline({ ...call, answerBy }, worksUntil, progress);
  }

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** Counts a run: a stop waits for it until it is left. */
  enter({ id, waited }: Run): void {
    this.#running += 1;
    if (!waited) this.#underWay.add(id);
  }

  leave({ id, waited, deadline }: Run): void {
    if (!waited) this.#underWay.delete(id);
    deadline.end();
    this.#running -= 1;
    if (this.#running === 0) this.#notifyIdle?.();
  }

  /** Waits for a worker. @throws ActionFailure GATEWAY_UNAVAILABLE at a stop, or when too many wait */
  takeWorker(accountKey: string): Promise<void> {
    if (this.#draining)
      throw new ActionFailure('GATEWAY_UNAVAILABLE', 'The gateway is stopping; nothing was sent');
    return this.#workers.take(accountKey);
  }

  freeWorker(accountKey: string): void {
    this.#workers.free(accountKey);
  }

  /** Refuses new actions from now on; those begun go on. */
  stopTaking(): void {
    this.#draining = true;
  }

  /**
   * Takes no more actions, and waits until the running ones are recorded and renewed tokens are stored,
   * at most for the grace.
   */
  async drain(): Promise<void> {
    this.stopTaking();
    const grace = sleep(this.config.SHUTDOWN_GRACE * 1_000, undefined, { ref: false });
    const idle = new Promise<void>((resolve) => {
      if (this.#running === 0) resolve();
      else this.#notifyIdle = resolve;
    });
    await Promise.race([idle.then(() => this.accounts.whenIdle()), grace]);
  }
}
