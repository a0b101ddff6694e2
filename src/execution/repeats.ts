import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Call } from '../callers/call.js';
import type { Envelope } from '../actions/envelope.js';
import { ActionFailure } from '../actions/failures.js';
import type { Outcome } from '../actions/outcome.js';
import { ActionLog } from '../journal/action-log.js';
import type { ClaimedKey } from '../journal/action-entry.js';
import { databaseClock } from '../config/database-clock.js';
import { CONFIG, type Config } from '../config/config.js';
import { Idempotency, type KeyClaim } from '../safeguards/idempotency.js';
import type { Run } from './run.js';

/** How often a joined request is polled for its outcome. */
const LOOK_AGAIN_MS = 100;
/** Longer than any action waits after its time. When the action ends, the key gets its normal lifetime. */
const LONGEST_WAIT_SECONDS = 366 * 86_400;

/**
 * Answers repeated requests: a request with a key gets the stored answer; a request without a key, within
 * the deduplication window, gets the outcome of the identical request that is under way or was cut off.
 */
@Injectable()
export class Repeats {
  /** Requests without a key under way in this replica, by their content. */
  readonly #joinable = new Map<string, Promise<Outcome>>();

  constructor(
    private readonly idempotency: Idempotency,
    private readonly log: ActionLog,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The answer to an earlier request. @throws ActionFailure KEY_REUSED, IN_PROGRESS */
  find(
    run: Run,
    envelope: Envelope,
    isForLater: boolean,
  ): Promise<Outcome | undefined> | undefined {
    // A read changes nothing, so that a repeat is a new read.
    if (envelope.dry_run || run.progress.stage === 'reading') return undefined;
    const mayJoin = !isForLater && run.found?.action.effect !== 'read';
    const joinMs = mayJoin ? this.findWindow(run.call) : 0;
    run.claim = this.idempotency.describe(envelope, joinMs, run.call);
    // An action from the queue has claimed its key already.
    if (!run.claim || run.waited) return undefined;
    if (run.claim.joins) return this.#join(run, run.claim);
    return run.deadline.race(this.idempotency.find(run.call.caller, run.claim));
  }

  async #join(run: Run, claim: KeyClaim): Promise<Outcome | undefined> {
    const { caller } = run.call;
    const content = `${caller.identity}/${claim.key}`;
    const running = this.#joinable.get(content);
    if (running) return { ...(await run.deadline.race(running)), replayed: true };
    const outcome = run.outcome?.finally(() => this.#joinable.delete(content));
    if (outcome) this.#joinable.set(content, outcome);
    return run.deadline.race(this.idempotency.find(caller, claim));
  }

  /**
   * The outcome of the request that claimed the same key first, if it has ended. A joining request waits
   * for it. KEY_REUSED if that request had other content.
   */
  async findFaster({
    call,
    deadline,
    claim,
    waited,
  }: Run): Promise<Outcome | ActionFailure | undefined> {
    if (!claim || waited) return undefined;
    let joined: string | undefined;
    try {
      for (;;) {
        const found = await deadline.race(this.idempotency.look(call.caller, claim));
        if (found.state === 'answered') return found.outcome;
        if (found.state === 'free') {
          const logged = joined && (await deadline.race(this.log.read(joined)));
          return logged ? { ...logged.outcome, replayed: true } : undefined;
        }
        joined = found.actionId;
        if (!claim.joins || deadline.leftMs() < LOOK_AGAIN_MS) return undefined;
        await deadline.race(sleep(LOOK_AGAIN_MS));
      }
    } catch (error) {
      if (!(error instanceof ActionFailure)) throw error;
      // The key belongs to other content; this is known even while the first request is under way.
      return error.code === 'KEY_REUSED' ? error : undefined;
    }
  }

  /** The key as the first row of the action claims it. */
  describeClaim(run: Run): ClaimedKey | undefined {
    const { claim } = run;
    if (!claim) return undefined;
    const { IDEMPOTENCY_SECONDS, REQUEST_BUDGET, REQUEST_TIMEOUT } = this.config;
    // A joined request must be found for as long as it may run.
    const joinSeconds = Math.max(
      this.findWindow(run.call) / 1_000,
      REQUEST_BUDGET + REQUEST_TIMEOUT,
    );
    const { key, fingerprint, joins, keptSeconds } = claim;
    const isShort = joins && keptSeconds === undefined;
    return {
      key,
      fingerprint,
      lifeSeconds: isShort ? Math.ceil(joinSeconds) : IDEMPOTENCY_SECONDS,
    };
  }

  /**
   * Seconds for which a claimed key lives once its action has ended; undefined for what its claim says. A key
   * made from the content is kept longer while it is unknown what happened.
   */
  findLife({ claim, waited }: Run, { status }: Outcome): number | undefined {
    const { IDEMPOTENCY_SECONDS } = this.config;
    if (waited) return IDEMPOTENCY_SECONDS;
    return status === 'UNKNOWN' ? undefined : claim?.keptSeconds;
  }

  /** The same for an action in the queue: its key lives until the action ends, and then the normal lifetime. */
  describeWaitingClaim(run: Run): ClaimedKey | undefined {
    const claim = this.describeClaim(run);
    const isShort = run.claim?.joins && run.claim.keptSeconds === undefined;
    if (!claim || isShort) return claim;
    const aheadMs = Date.parse(run.envelope?.run_at ?? '') - databaseClock.now();
    const aheadSeconds = Number.isNaN(aheadMs) ? 0 : Math.ceil(aheadMs / 1_000);
    return { ...claim, lifeSeconds: Math.max(0, aheadSeconds) + LONGEST_WAIT_SECONDS };
  }

  /** Milliseconds in which a request without a key joins an identical one; 0 for never. */
  findWindow(call: Call): number {
    return call.dedupeWindowMs ?? this.config.DEDUPE_WINDOW_MS;
  }

  /**
   * The answer as it is kept for repeats; null frees the key, so that the same request is carried out again.
   * @param isKept whether this ending keeps the key
   */
  sealAnswer(
    { call, isCutOff }: Run,
    claim: KeyClaim,
    outcome: Outcome,
    isKept: boolean,
  ): string | null {
    // A caller that got the answer and sends the request again wants a new action.
    const isKnown = !isCutOff && !call.cancelled.aborted;
    if (claim.joins && claim.keptSeconds === undefined && isKnown) return null;
    return isKept ? this.idempotency.seal(call.caller.identity, claim, outcome) : null;
  }
}
