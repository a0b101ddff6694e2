import { Inject, Injectable } from '@nestjs/common';
import { ActionFailure, FAILURES } from '../actions/failures.js';
import { CONFIG, type Config } from '../config/config.js';
import { databaseClock } from '../config/database-clock.js';
import { ActionQueue, type QueuedAction } from '../queue/action-queue.js';
import { Callbacks } from '../queue/callbacks.js';
import { keyIsRunning } from '../safeguards/idempotency.js';
import type { Admitted } from './admission.js';
import { Catalogue } from './catalogue.js';
import { Repeats } from './repeats.js';
import {
  describeStart,
  describeStatus,
  describeWaitingEnvelope,
  isInDoubt,
  isResolvable,
  type Run,
  type Success,
} from './run.js';

/** A platform recognises a repeat for this long. Discord's nonce lasts a few minutes; the exact time is unpublished. */
const RESOLVABLE_MS = 120_000;
/** The pause before an action from the queue is tried again. */
export const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Actions that are carried out later: putting them in the queue, and carrying on with them. */
@Injectable()
export class Deferral {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly queue: ActionQueue,
    private readonly repeats: Repeats,
    private readonly callbacks: Callbacks,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Commits an action and its place in the queue. Later arrivals of its line are put behind it. */
  async lineUp(run: Run, { envelope, line = run.id }: Admitted): Promise<Success> {
    const { deadline, progress } = run;
    const status = envelope.run_at === undefined ? 'QUEUED' : 'SCHEDULED';
    deadline.throwIfOver();
    deadline.commit();
    const message = describeStatus(run, status);
    const adding = this.queue.add(
      {
        entry: describeStart(run, this.callbacks),
        message,
        claim: this.repeats.describeWaitingClaim(run),
        line,
      },
      describeWaitingEnvelope(run),
    );
    run.turn?.end();
    const added = await adding;
    if (added === 'key taken') throw keyIsRunning();
    progress.note('queued');
    if (added === 'queued') return { status, result: {} };
    const error = 'The database went away while the action was queued; ask for its status';
    throw new ActionFailure('OUTCOME_UNKNOWN', error);
  }

  /** Whether an action at the head of its line is still to be carried out. */
  canGoOn({ status, startedAgoMs, raw }: QueuedAction): boolean {
    if (status === 'QUEUED' || status === 'SCHEDULED') return true;
    if (status !== 'UNKNOWN' || startedAgoMs === undefined || startedAgoMs > RESOLVABLE_MS)
      return false;
    const action = this.catalogue.findAction(raw['platform'], raw['action_type']);
    return action !== undefined && isResolvable(action);
  }

  /**
   * Puts an action from the queue back where its failure may pass and nothing has happened.
   * @returns milliseconds to wait, 0 where another replica records the end; undefined when the action has ended
   */
  async postpone(run: Run, failure: ActionFailure): Promise<number | undefined> {
    const waitMs = this.#findPause(run, failure);
    if (waitMs === undefined) return undefined;
    const { stage } = run.progress;
    const isStillWaiting = stage === 'taken' || stage === 'taken in doubt';
    if (!isStillWaiting) await this.queue.putBack(run.id, isInDoubt(run));
    return waitMs;
  }

  #findPause({ progress, waited, receivedAt, envelope }: Run, failure: ActionFailure) {
    const { code, details } = failure;
    // It was cancelled, or another replica has begun it and may put it back: the next look at the line tells.
    if (code === 'CANCELLED') return SHORTEST_PAUSE_MS;
    if (progress.mayHaveHappened) return undefined;
    // An action whose outcome is unknown stays unknown, for whichever reason it cannot be cleared up.
    if (waited?.status === 'UNKNOWN') return FAILURES[code].retryable ? SHORTEST_PAUSE_MS : 0;
    if (!FAILURES[code].retryable) return undefined;
    const triedMs = Math.max(
      0,
      databaseClock.now() -
        (envelope?.run_at === undefined ? receivedAt : Date.parse(envelope.run_at)),
    );
    if (code === 'PLATFORM_DOWN' && triedMs > this.config.QUEUE_PATIENCE * 1_000) return undefined;
    // Each pause is a random part of the time that has gone by, so that pauses grow and do not coincide.
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, triedMs / 4));
    return Math.max(1, details.retryAfterMs ?? pause * (0.5 + Math.random() / 2));
  }
}
