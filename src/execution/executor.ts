import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { CallSignal } from '../actions/caller.js';
import { ActionFailure } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import type { Call } from '../callers/call.js';
import { Caller } from '../callers/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { makeActionId } from '../journal/action-id.js';
import type { QueuedAction } from '../queue/action-queue.js';
import { reportAction } from './action-report.js';
import { Deferral, SHORTEST_PAUSE_MS } from './deferral.js';
import { Lifecycle } from './lifecycle.js';
import { Recipe } from './recipe.js';
import { Recording } from './recording.js';
import { Repeats } from './repeats.js';
import { buildAccountKey, describeFailure, type RecipeResult, type Run } from './run.js';

/** Carries out envelopes by the recipe. Never throws: every ending is an outcome. */
@Injectable()
export class Executor implements BeforeApplicationShutdown {
  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly recipe: Recipe,
    private readonly repeats: Repeats,
    private readonly deferral: Deferral,
    private readonly recording: Recording,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Actions under way and waiting, for the statistics. */
  get load(): { running: number; waiting: number } {
    return this.lifecycle.load;
  }

  /** Carries out one envelope and answers within the caller's time. */
  execute(raw: unknown, call: Call): Promise<Outcome> {
    return new Promise((answer, fail) => {
      const run = this.lifecycle.open(makeActionId(), isObject(raw) ? raw : {}, call);
      // An action that was committed in time goes on, and its caller is answered in time.
      run.deadline.onDue((goesOn) => {
        run.isCutOff = true;
        answer(describeFailure(run, describeLateness(goesOn, run.session?.partialResult)));
      });
      run.outcome = this.#carryOut(run, raw);
      run.outcome.then(answer, fail);
    });
  }

  /**
   * Carries out an action whose turn in the queue has come.
   * @returns milliseconds until it is worth trying again; 0 when it has ended
   */
  async carryOn(waited: QueuedAction): Promise<number> {
    // Another replica took the action for cut off, but this replica still carries it out.
    if (this.lifecycle.isUnderWay(waited.id)) return SHORTEST_PAUSE_MS;
    if (!this.deferral.canGoOn(waited)) return waited.status === 'RUNNING' ? SHORTEST_PAUSE_MS : 0;
    const call: Call = {
      ...waited,
      caller: Caller.fromJson(waited.caller),
      answerBy: performance.now() + this.config.REQUEST_BUDGET * 1_000,
      deadline: Infinity,
      cancelled: new CallSignal(),
    };
    const run = this.lifecycle.open(waited.id, waited.raw, call, waited);
    this.lifecycle.enter(run);
    try {
      const result = await this.#follow(run, waited.raw);
      const waitMs =
        result instanceof ActionFailure ? await this.deferral.postpone(run, result) : undefined;
      if (waitMs !== undefined) return waitMs;
      await this.#conclude(run, result);
      return 0;
    } finally {
      this.lifecycle.leave(run);
    }
  }

  /** Refuses new actions from now on; those begun go on. */
  stopTaking(): void {
    this.lifecycle.stopTaking();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.lifecycle.drain();
  }

  async #carryOut(run: Run, raw: unknown): Promise<Outcome> {
    this.lifecycle.enter(run);
    try {
      return await this.#conclude(run, await this.#follow(run, raw));
    } finally {
      this.lifecycle.leave(run);
    }
  }

  /** Follows the recipe on a worker, and turns what it throws into a failure. */
  async #follow(run: Run, raw: unknown): Promise<RecipeResult> {
    try {
      const accountKey = buildAccountKey(run);
      await this.lifecycle.takeWorker(accountKey);
      try {
        return await this.recipe.follow(run, raw);
      } finally {
        run.turn?.end();
        this.lifecycle.freeWorker(accountKey);
      }
    } catch (error) {
      const failure = this.recording.toFailure(run, error);
      const faster =
        failure.code === 'IN_PROGRESS' ? await this.repeats.findFaster(run) : undefined;
      if (faster instanceof ActionFailure) return faster;
      return faster ? { status: 'REPLAYED', outcome: faster } : failure;
    }
  }

  async #conclude(run: Run, result: RecipeResult): Promise<Outcome> {
    const outcome = await run.trace.step('record', () => this.recording.finish(run, result));
    reportAction(run, outcome, this.config.LOG_ACTIONS);
    return outcome;
  }
}

/**
 * The answer at the end of the caller's time.
 * @param goesOn whether the action goes on
 * @param partialResult what is known by now
 */
function describeLateness(
  goesOn: boolean,
  partialResult?: Readonly<Record<string, unknown>>,
): ActionFailure {
  return goesOn
    ? new ActionFailure(
        'OUTCOME_UNKNOWN',
        'No answer within the time of the call; the action goes on, ask for its status',
        partialResult && { partialResult },
      )
    : new ActionFailure(
        'DEADLINE_TOO_SHORT',
        'The time of the call was over before anything happened',
      );
}
