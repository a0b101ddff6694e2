import { Inject, Injectable } from '@nestjs/common';
import type { Call } from '../callers/call.js';
import type { Outcome } from '../actions/outcome.js';
import { CONFIG, type Config } from '../config/config.js';
import type { Caller } from '../callers/caller.js';
import { TrustedCallers } from '../callers/trusted-callers.js';
import { Executor } from '../execution/executor.js';
import { CallerBudgets } from '../safeguards/caller-budgets.js';
import { refuseIfUnavailable } from '../doors/batch.js';
import { withKey } from '../doors/idempotency-header.js';
import {
  type EarlierRequest,
  type Operation,
  type Predecessor,
  writeEnvelope,
} from './predecessor.js';

/** Earlier callers set no deadline and retry after 30 seconds: they are answered before. */
const BUDGET_MS = 25_000;

/** Options of an earlier request, from its headers or metadata. */
export interface EarlierOptions {
  readonly idempotencyKey?: string | undefined;
  readonly isDryRun?: boolean;
}

/** Carries out requests of earlier services by the one recipe. */
@Injectable()
export class PredecessorEngine {
  constructor(
    private readonly executor: Executor,
    private readonly budgets: CallerBudgets,
    private readonly trusted: TrustedCallers,
    @Inject(CONFIG)
    private readonly config: Pick<
      Config,
      'PREDECESSOR_DEDUPE_WINDOW_MS' | 'PREDECESSOR_DRY_RUN' | 'PREDECESSOR_MENTIONS'
    >,
  ) {}

  /** A call with the time limit and the deduplication window of earlier callers. */
  open(call: Call, budgetMs: number = BUDGET_MS): Call {
    return {
      ...call,
      answerBy: Math.min(call.answerBy, performance.now() + budgetMs),
      dedupeWindowMs: this.config.PREDECESSOR_DEDUPE_WINDOW_MS,
    };
  }

  /** Counts a request of which no envelope is made. @throws BudgetSpent */
  async countRefused({ caller }: Call): Promise<void> {
    await this.budgets.spend(caller.identity, caller.requestsPerMinute);
  }

  /** An envelope with what was said beside the request. @throws DoorRefusal for two keys */
  complete(
    envelope: EarlierRequest,
    { idempotencyKey: key, isDryRun = false }: EarlierOptions,
    caller: Caller,
  ): EarlierRequest {
    const priority = this.trusted.findPriority(caller);
    return {
      ...(withKey(envelope, key) as EarlierRequest),
      ...(priority && { priority }),
      ...((isDryRun || this.config.PREDECESSOR_DRY_RUN) && { dry_run: true }),
    };
  }

  /** Carries out one operation. @throws DoorRefusal when the gateway can begin nothing at all */
  carryOut(
    predecessor: Predecessor,
    operation: Operation,
    asked: EarlierRequest,
    call: Call,
    options: EarlierOptions,
  ): Promise<Outcome> {
    const envelope = writeEnvelope(predecessor, operation, asked, {
      mentions: this.config.PREDECESSOR_MENTIONS,
    });
    return this.execute(envelope, call, options);
  }

  /** Carries out an envelope that was translated already. @throws DoorRefusal as above */
  async execute(
    envelope: EarlierRequest,
    call: Call,
    options: EarlierOptions = {},
    budgetMs?: number,
  ): Promise<Outcome> {
    const outcome = await this.executor.execute(
      this.complete(envelope, options, call.caller),
      this.open(call, budgetMs),
    );
    refuseIfUnavailable([outcome]);
    return outcome;
  }
}
