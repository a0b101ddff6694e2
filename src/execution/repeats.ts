import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Call } from '../callers/call.js';
import type { Envelope } from '../actions/envelope.js';
import { ActionFailure } from '../actions/failures.js';
import type { Outcome } from '../actions/outcome.js';
import { ActionLog, type ClaimedKey } from '../journal/action-log.js';
import { databaseClock } from '../config/database-clock.js';
import { CONFIG, type Config } from '../config/config.js';
import { Idempotency, type KeyClaim } from '../safeguards/idempotency.js';
import type { Run } from './run.js';

/** How often it is looked whether the request that one has joined is done. */
const LOOK_AGAIN_MS = 100;
/** Longer than any action waits behind its time: its end sets the key's own. */
const LONGEST_WAIT_SECONDS = 366 * 86_400;

/**
 * What a repeat of a request is answered: of one with a key the kept answer; of one without, where that
 * is wished for, the outcome of the identical request that is under way or was cut off.
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
    if (envelope.dry_run) return undefined;
    const mayJoin = !isForLater && run.found?.action.effect !== 'read';
    const joinMs = mayJoin ? this.findWindow(run.call) : 0;
    run.claim = this.idempotency.describe(envelope, joinMs, run.call.nth);
    // What waited has claimed its key already.
    if (!run.claim || run.waited) return undefined;
    if (run.claim.joins) return this.#join(run, run.claim);
    return run.deadline.race(this.idempotency.find(run.call.caller, run.claim));
  }

  async #join(run: Run, claim: KeyClaim): Promise<Outcome | undefined> {
    const { caller } = run.call;
    const content = `${caller.identity}/${claim.fingerprint}`;
    const running = this.#joinable.get(content);
    if (running) return { ...(await run.deadline.race(running)), replayed: true };
    const outcome = run.outcome?.finally(() => this.#joinable.delete(content));
    if (outcome) this.#joinable.set(content, outcome);
    return run.deadline.race(this.idempotency.find(caller, claim));
  }

  /**
   * The outcome of a request that was faster with the same key, if it is done by now; whoever joins it
   * waits for that. KEY_REUSED where it was another request.
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
      // The key belongs to another content, also while the first is under way.
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
    const { key, fingerprint, joins } = claim;
    return { key, fingerprint, lifeSeconds: joins ? Math.ceil(joinSeconds) : IDEMPOTENCY_SECONDS };
  }

  /** The same for an action that waits: its key lives for as long as it does, and then as long as any. */
  describeWaitingClaim(run: Run): ClaimedKey | undefined {
    const claim = this.describeClaim(run);
    if (!claim || run.claim?.joins) return claim;
    const aheadMs = Date.parse(run.envelope?.run_at ?? '') - databaseClock.now();
    const aheadSeconds = Number.isNaN(aheadMs) ? 0 : Math.ceil(aheadMs / 1_000);
    return { ...claim, lifeSeconds: Math.max(0, aheadSeconds) + LONGEST_WAIT_SECONDS };
  }

  /** Milliseconds for which a request without a key joins its like; 0 looks for none. */
  findWindow(call: Call): number {
    return call.dedupeWindowMs ?? this.config.DEDUPE_WINDOW_MS;
  }

  /** The answer as it is kept; null frees the key: the same request may be carried out later. */
  sealAnswer({ call, session, isCutOff }: Run, claim: KeyClaim, outcome: Outcome): string | null {
    // Whoever got the answer asks again because it wants it again.
    if (claim.joins && !isCutOff && !call.cancelled.aborted) return null;
    const refusedForGood =
      outcome.failure?.code === 'REFUSED' || outcome.failure?.code === 'NOT_FOUND';
    const sent = (session?.attempts ?? 0) > 0;
    const isKept = outcome.success || session?.mayHaveHappened || (refusedForGood && sent);
    return isKept ? this.idempotency.seal(call.caller.identity, claim, outcome) : null;
  }
}
