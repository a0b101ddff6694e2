import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Action } from '../actions/action.js';
import { ActionFailure } from '../actions/failures.js';
import type { Outcome } from '../actions/outcome.js';
import { CONFIG, type Config } from '../config/config.js';
import { ActionLog } from '../journal/action-log.js';
import type { ActionEnding, ActionEntry } from '../journal/action-entry.js';
import { ActionQueue } from '../queue/action-queue.js';
import { KeptEnvelopes } from '../queue/kept-envelopes.js';
import { Callbacks } from '../queue/callbacks.js';
import { BudgetSpent } from '../safeguards/caller-budgets.js';
import { keyIsRunning } from '../safeguards/idempotency.js';
import { type EndedBy, ENDINGS } from './endings.js';
import type { PartsReport } from './part-reporter.js';
import { Repeats } from './repeats.js';
import {
  describeEntry,
  describeFailure,
  describeStart,
  describeSuccess,
  describeWaitingEnvelope,
  isInDoubt,
  isResolvable,
  quoteFailure,
  type RecipeResult,
  type Run,
} from './run.js';

const UNAVAILABLE = 'The gateway cannot reach its database; nothing was sent';
const PERHAPS = 'The database went away while the action began; ask for its status';
const TAKEN_OVER = 'Another replica finds out what became of the action; ask for its status';
const FAULTS = {
  UNREADABLE_ANSWER: 'The platform accepted the request, and its answer has an unknown form',
  INTERNAL: 'The gateway met a fault of its own; nothing was sent',
};

/** Writes the rows of an action: its start, its end, and what may be said when a row cannot be written. */
@Injectable()
export class Recording {
  readonly #logger = new Logger(Recording.name);

  constructor(
    private readonly log: ActionLog,
    private readonly queue: ActionQueue,
    private readonly callbacks: Callbacks,
    private readonly kept: KeptEnvelopes,
    private readonly repeats: Repeats,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Commits that the action starts, and claims its key. Once this resolves, bytes may be sent.
   * @throws ActionFailure IN_PROGRESS, CANCELLED, GATEWAY_UNAVAILABLE
   */
  async begin(run: Run, action: Action): Promise<void> {
    const { progress } = run;
    if (progress.stage === 'reading') return;
    if (run.waited) {
      progress.note('start unconfirmed');
      if (await this.queue.begin(run.id, isInDoubt(run))) return progress.note('start confirmed');
      progress.note('start refused');
      throw new ActionFailure('CANCELLED', 'It was cancelled, or begun by another replica');
    }
    run.entry = describeStart(run, this.callbacks);
    const insurance = isResolvable(action)
      ? this.queue.seal(run.id, describeWaitingEnvelope(run))
      : undefined;
    const begun = await this.log.start(run.entry, this.repeats.describeClaim(run), insurance);
    if (begun === 'key taken') throw keyIsRunning();
    if (begun === 'started') return progress.note('start confirmed');
    progress.note('start unconfirmed');
    throw new ActionFailure('GATEWAY_UNAVAILABLE', UNAVAILABLE);
  }

  /** Writes how far a running action of many parts is. A report that cannot be written is left out. */
  async report(run: Run, action: Action, { known, count }: PartsReport): Promise<void> {
    const { tried, total } = count;
    const message = `Running: ${tried} of ${total} parts are tried`;
    try {
      await this.log.noteParts(run.id, message, action.redactOutput(known));
    } catch (error) {
      this.#logger.debug({ err: error, action_id: run.id }, 'A report of parts is not written');
    }
  }

  /** Turns an error into a failure that claims no more than is known. */
  toFailure(run: Run, error: unknown): ActionFailure {
    if (error instanceof ActionFailure) return quoteFailure(run, error);
    const code = ENDINGS[run.progress.stage].faultCode;
    const message =
      code === 'INTERNAL' ? 'An action met a fault of the gateway' : 'An answer could not be read';
    this.#logger.error({ err: error, action_id: run.id }, message);
    return new ActionFailure(code, FAULTS[code]);
  }

  /** Commits how the action ended, then gives the answer. An outcome that is not committed is not claimed. */
  finish(run: Run, result: RecipeResult): Outcome | Promise<Outcome> {
    const outcome = describeResult(run, result);
    const ending = ENDINGS[run.progress.stage];
    const { row, key } = ending[classify(run, result)];
    if (row === 'none' || (row === 'audit' && !this.config.AUDIT_READS)) return outcome;
    const entry = run.entry ?? describeEntry(run);
    const isLogged = row !== 'insert' && row !== 'audit';
    const record: ActionEnding = {
      outcome,
      redactedResult: run.found?.action.redactOutput(outcome.result_data) ?? {},
      attempts: run.session?.attempts ?? 0,
      ...(key !== 'none' &&
        run.claim && {
          answer: this.repeats.sealAnswer(run, run.claim, outcome, key === 'kept'),
        }),
      claim: this.repeats.describeClaim(run),
      isUnsure: row === 'upsert',
      hasWaited: run.waited !== undefined,
      isUnsent: !outcome.success && !run.progress.mayHaveHappened,
      keyLifeSeconds: this.repeats.findLife(run, outcome),
      isInsured: !run.waited && run.found !== undefined && isResolvable(run.found.action),
    };
    const written = isLogged ? this.log.finish(entry, record) : this.#refuse(entry, record);
    const recorded = this.#isForReplay(run, outcome) ? this.#keep(run, written) : written;
    if (ending.answersFirst) {
      recorded.catch((error: unknown) => this.#toUnrecorded(run, error));
      // If this replica dies before the end is recorded, another replica sends what is insured.
      return record.isInsured
        ? describeFailure(run, new ActionFailure('OUTCOME_UNKNOWN', PERHAPS))
        : outcome;
    }
    return recorded.then(
      (isWritten) => (isWritten || outcome.success ? outcome : this.#readEnd(run, outcome)),
      (error: unknown) => describeFailure(run, this.#toUnrecorded(run, error)),
    );
  }

  #isForReplay({ envelope, found, call }: Run, outcome: Outcome): boolean {
    // A file that came with the request is gone.
    if (envelope === undefined || envelope.dry_run || call.file) return false;
    return this.kept.isWorthKeeping(outcome, found?.action.effect);
  }

  /** Keeps the envelope beside the row, so that who reads the row can send it again. */
  async #keep(run: Run, written: Promise<boolean>): Promise<boolean> {
    const [isWritten] = await Promise.all([
      written,
      this.kept.keep(run.id, describeWaitingEnvelope(run)),
    ]);
    return isWritten;
  }

  async #refuse(entry: ActionEntry, ending: ActionEnding): Promise<true> {
    await this.log.refuse(entry, ending);
    return true;
  }

  /** The outcome that another replica has recorded, or looks for, while this one did not respond. */
  async #readEnd(run: Run, outcome: Outcome): Promise<Outcome> {
    const logged = await this.log.read(run.id).catch(() => undefined);
    if (logged?.outcome.status === 'RUNNING')
      return describeFailure(run, new ActionFailure('OUTCOME_UNKNOWN', TAKEN_OVER));
    return logged?.outcome ?? outcome;
  }

  /** The answer for an action whose outcome is not in the log. */
  #toUnrecorded(run: Run, error: unknown): ActionFailure {
    if (!(error instanceof ActionFailure))
      this.#logger.error({ err: error, action_id: run.id }, 'An outcome could not be recorded');
    const code = ENDINGS[run.progress.stage].unrecordedCode;
    return new ActionFailure(
      code,
      code === 'OUTCOME_UNKNOWN' ? 'The outcome could not be recorded' : UNAVAILABLE,
    );
  }
}

function describeResult(run: Run, result: RecipeResult): Outcome {
  if (result instanceof ActionFailure) return describeFailure(run, result);
  if (result.status === 'REPLAYED')
    return { ...result.outcome, request_id: run.envelope?.request_id ?? '' };
  return describeSuccess(run, result);
}

function classify({ session }: Run, result: RecipeResult): EndedBy {
  if (!(result instanceof ActionFailure)) return result.status === 'REPLAYED' ? 'replay' : 'result';
  if (result instanceof BudgetSpent) return 'budget';
  const isFinal = result.code === 'REFUSED' || result.code === 'NOT_FOUND';
  return isFinal && (session?.attempts ?? 0) > 0 ? 'refusal' : 'failure';
}
