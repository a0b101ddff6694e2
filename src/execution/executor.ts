import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { makeActionId } from '../journal/action-id.js';
import type { Action, ActionContext } from '../actions/action.js';
import type { Call } from '../callers/call.js';
import { Caller } from '../callers/caller.js';
import { CallSignal } from '../actions/caller.js';
import { type Envelope, parseEnvelope } from '../actions/envelope.js';
import { ActionFailure, FAILURES, refuseInput } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import type { Platform } from '../actions/platform.js';
import { Accounts, findMissingScopes } from '../accounts/accounts.js';
import { CredentialService } from '../accounts/credential-service.js';
import type { CredentialReference } from '../accounts/resolved-credentials.js';
import type { HeldCredential } from '../accounts/tokens.js';
import { TokenValidation } from '../accounts/validation.js';
import { Verification } from '../accounts/verification.js';
import { type ActionEntry, ActionLog, type Ending } from '../journal/action-log.js';
import { ActionQueue, type QueuedAction, type WaitingEnvelope } from '../queue/action-queue.js';
import { Callbacks } from '../queue/callbacks.js';
import { CONFIG, type Config } from '../config/config.js';
import { traceAction } from '../observability/traces.js';
import { BudgetSpent, CallerBudgets } from '../safeguards/caller-budgets.js';
import { type FlagConcerned, Flags, type FlagSubject } from '../safeguards/flags.js';
import { keyIsRunning } from '../safeguards/idempotency.js';
import { Limits } from '../safeguards/limits.js';
import { Order, type Turn } from '../safeguards/order.js';
import { reportAction } from './action-report.js';
import {
  describeConcerned,
  findContext,
  nameReference,
  refuseFile,
  refuseWhatIsNotOffered,
  requirePermission,
  requireTimeAhead,
} from './admission.js';
import { Catalogue, type CataloguedAction } from './catalogue.js';
import { Deadline } from './deadline.js';
import { EgressGuard } from './egress.js';
import { rehearse } from './rehearsal.js';
import { Repeats } from './repeats.js';
import {
  describeEntry,
  describeFailure,
  describeStatus,
  describeSuccess,
  quoteFailure,
  type Ended,
  nameAccount,
  type Replay,
  type Run,
  type Success,
} from './run.js';
import { UpstreamDoor } from './upstream.js';
import { Workers } from './workers.js';
import { databaseClock } from '../config/database-clock.js';

const LINE_PER_WORKER = 20;
const UNAVAILABLE = 'The gateway cannot reach its database; nothing was sent';
const PERHAPS = 'The database went away while the action began; ask for its status';
const TAKEN_OVER = 'Another replica finds out what became of the action; ask for its status';
/** A repeat is the same as the first one for this long: Discord's nonce lasts a few minutes, unpublished how many. */
const RESOLVABLE_MS = 120_000;
/** Waiting for a platform that is out of order, at least and at most. */
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Carries out envelopes by the recipe. Never throws: whatever happens is an outcome. */
@Injectable()
export class Executor implements BeforeApplicationShutdown {
  readonly #logger = new Logger(Executor.name);
  readonly #workers: Workers;
  #running = 0;
  /** Ids of actions that this replica carries out for callers that wait. */
  readonly #underWay = new Set<string>();
  #draining = false;
  #noteIdle: (() => void) | undefined;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly repeats: Repeats,
    private readonly flags: Flags,
    private readonly accounts: Accounts,
    private readonly validation: TokenValidation,
    private readonly verification: Verification,
    private readonly order: Order,
    private readonly budgets: CallerBudgets,
    private readonly limits: Limits,
    private readonly upstream: UpstreamDoor,
    private readonly log: ActionLog,
    private readonly queue: ActionQueue,
    private readonly callbacks: Callbacks,
    private readonly egress: EgressGuard,
    private readonly credentialService: CredentialService,
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

  /** Carries out one envelope and answers within the caller's time. */
  execute(raw: unknown, call: Call): Promise<Outcome> {
    return new Promise((answer, fail) => {
      const run = this.#open(makeActionId(), isObject(raw) ? raw : {}, call);
      // Whoever began an action before its time was over goes on with it; the caller is answered in time.
      run.deadline.whenDue((goesOn) => {
        run.isCutOff = true;
        answer(describeFailure(run, describeLateness(goesOn, run.passage?.known)));
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
    // Another replica took it for cut off, and it is not.
    if (this.#underWay.has(waited.id)) return SHORTEST_PAUSE_MS;
    if (!this.#canGoOn(waited)) return waited.status === 'RUNNING' ? SHORTEST_PAUSE_MS : 0;
    const call: Call = {
      ...waited,
      caller: Caller.fromJson(waited.caller),
      answerBy: performance.now() + this.config.REQUEST_BUDGET * 1_000,
      deadline: Infinity,
      cancelled: new CallSignal(),
    };
    const receivedAt = Date.parse(waited.receivedAt);
    const run: Run = { ...this.#open(waited.id, waited.raw, call), waited, receivedAt };
    this.#running += 1;
    try {
      return await this.#concludeOrWait(run, await this.#carryThrough(run, waited.raw));
    } finally {
      this.#leave(run);
    }
  }

  /** Refuses new actions from now on; those begun go on. */
  stopTaking(): void {
    this.#draining = true;
  }

  /**
   * Stops taking actions, and waits until those begun are recorded and exchanges of tokens are stored, as
   * long as the grace lasts.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopTaking();
    const grace = sleep(this.config.SHUTDOWN_GRACE * 1_000, undefined, { ref: false });
    const idle = new Promise<void>((resolve) => {
      if (this.#running === 0) resolve();
      else this.#noteIdle = resolve;
    });
    await Promise.race([idle.then(() => this.accounts.whenIdle()), grace]);
  }

  /** What takes long has a time of its own: the caller's where there is one, and it works on after it. */
  #openDeadline(raw: unknown, call: Call): Deadline {
    if (!this.catalogue.takesLong(raw)) {
      const settlingMs = this.catalogue.findSettlingMs(raw);
      return new Deadline(call, call.answerBy + settlingMs);
    }
    const worksUntil = performance.now() + this.config.UPLOAD_BUDGET * 1_000;
    return new Deadline({ ...call, answerBy: Math.min(call.deadline, worksUntil) }, worksUntil);
  }

  #open(id: string, raw: Run['raw'], call: Call): Run {
    return {
      id,
      raw,
      call,
      deadline: this.#openDeadline(raw, call),
      receivedAt: databaseClock.now(),
      openedAt: performance.now(),
      trace: traceAction(call),
      sandbox: this.config.sandbox,
      started: 'no',
    };
  }

  /** A stopping gateway waits for what is under way. */
  async #carryOut(run: Run, raw: unknown): Promise<Outcome> {
    this.#running += 1;
    this.#underWay.add(run.id);
    try {
      return await this.#conclude(run, await this.#carryThrough(run, raw));
    } finally {
      this.#underWay.delete(run.id);
      this.#leave(run);
    }
  }

  #leave(run: Run): void {
    run.deadline.end();
    this.#running -= 1;
    if (this.#running === 0) this.#noteIdle?.();
  }

  async #carryThrough(run: Run, raw: unknown): Promise<Ended> {
    try {
      if (this.#draining)
        throw new ActionFailure('GATEWAY_UNAVAILABLE', 'The gateway is stopping; nothing was sent');
      const account = nameAccount(run);
      await this.#workers.take(account);
      try {
        return await this.#follow(run, raw);
      } finally {
        run.turn?.end();
        this.#workers.free(account);
      }
    } catch (error) {
      const failure = this.#judge(run, error);
      const faster =
        failure.code === 'IN_PROGRESS' ? await this.repeats.findFaster(run) : undefined;
      if (faster instanceof ActionFailure) return faster;
      return faster ? { status: 'REPLAYED', outcome: faster } : failure;
    }
  }

  async #conclude(run: Run, ended: Ended): Promise<Outcome> {
    const outcome = await run.trace.step('record', () => this.#settle(run, ended));
    reportAction(run, outcome, this.config.LOG_ACTIONS);
    return outcome;
  }

  #settle(run: Run, ended: Ended): Outcome | Promise<Outcome> {
    // A caller beyond its budget must not fill the log.
    if (ended instanceof BudgetSpent && !run.waited) return describeFailure(run, ended);
    if (ended instanceof ActionFailure) return this.#record(run, describeFailure(run, ended));
    if (ended.status === 'REPLAYED')
      return { ...ended.outcome, request_id: run.envelope?.request_id ?? '' };
    return this.#record(run, describeSuccess(run, ended));
  }

  /** What waited may wait on, as long as nothing of it has happened and it may succeed later. */
  async #concludeOrWait(run: Run, ended: Ended): Promise<number> {
    const waitMs = ended instanceof ActionFailure ? this.#findPause(run, ended) : undefined;
    if (waitMs === undefined) {
      await this.#conclude(run, ended);
      return 0;
    }
    if (run.started !== 'no') await this.queue.putBack(run.id, isInDoubt(run));
    return waitMs;
  }

  /** Milliseconds to wait after a failure; undefined when it is the end, 0 when others wrote the end. */
  #findPause({ passage, waited, receivedAt, envelope }: Run, failure: ActionFailure) {
    const { code, details } = failure;
    // It was cancelled, or another replica has begun it and may put it back: the next look at the line tells.
    if (code === 'CANCELLED') return SHORTEST_PAUSE_MS;
    if (passage?.mayHaveHappened) return undefined;
    // What was cut off stays in doubt, whatever stands in the way of clearing it up.
    if (waited?.status === 'UNKNOWN') return FAILURES[code].retryable ? SHORTEST_PAUSE_MS : 0;
    if (!FAILURES[code].retryable) return undefined;
    const triedMs = Math.max(
      0,
      databaseClock.now() -
        (envelope?.run_at === undefined ? receivedAt : Date.parse(envelope.run_at)),
    );
    if (code === 'PLATFORM_DOWN' && triedMs > this.config.QUEUE_PATIENCE * 1_000) return undefined;
    // Each pause is a part of the time that has gone by, so that they grow and never fall together.
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, triedMs / 4));
    return Math.max(1, details.retryAfterMs ?? pause * (0.5 + Math.random() / 2));
  }

  /** Whether an action at the head of its line is still to be carried out. */
  #canGoOn({ status, startedAgoMs, raw }: QueuedAction): boolean {
    if (status === 'QUEUED' || status === 'SCHEDULED') return true;
    if (status !== 'UNKNOWN' || startedAgoMs === undefined || startedAgoMs > RESOLVABLE_MS)
      return false;
    const action = this.catalogue.findAction(raw['platform'], raw['action_type']);
    return action !== undefined && isResolvable(action);
  }

  #spend({ caller }: Call): Promise<void> | undefined {
    const spending = this.budgets.spend(caller.identity, caller.requestsPerMinute);
    // Awaited in any case, though perhaps only after something else has failed.
    spending?.catch(() => undefined);
    return spending;
  }

  /** Reads and checks an envelope without waiting for anything. @throws ActionFailure naming what is wrong */
  #admit(run: Run, raw: unknown): Admitted {
    const { call } = run;
    const envelope = (run.envelope = parseEnvelope(raw));
    const found = (run.found = this.catalogue.get(envelope.platform, envelope.action_type));
    const { action } = found;
    const context = findContext(run, found, envelope);
    const input = action.parse(envelope.parameters, context);
    refuseWhatIsNotOffered(envelope, action, {
      callbacks: this.config.callbackSecrets.length > 0,
      credentials: this.credentialService.isThere,
    });
    const isForLater = !run.waited && (envelope.run_async || envelope.run_at !== undefined);
    if (isForLater) refuseFile(call);
    requirePermission(call, envelope, context);
    const reference = nameReference(call, envelope);
    // A place in line is taken before anything is awaited, so that it is in order of arrival.
    const line = reference
      ? `credential/${reference.customer}/${reference.ref}`
      : findLine(call.caller, action, context, input, isForLater);
    run.turn = this.#enterLine(run, line, isForLater);
    return { envelope, found, context, input, isForLater, reference, line };
  }

  /** The recipe: its steps in their order, read from top to bottom. */
  async #follow(run: Run, raw: unknown): Promise<Success | Replay> {
    const { call, deadline } = run;
    // Counted before it is read: a request that is refused costs its caller as much.
    const spending = run.waited ? undefined : this.#spend(call);
    let admitted: Admitted;
    try {
      admitted = this.#admit(run, raw);
    } catch (error) {
      if (spending) await deadline.race(spending);
      throw error;
    }
    const { envelope, input, isForLater, reference } = admitted;
    const { platform, action } = admitted.found;
    let { context, line } = admitted;
    if (spending) await deadline.race(spending);
    const finding = run.trace.step('find', () => this.repeats.find(run, envelope, isForLater));
    const answered = finding instanceof Promise ? await finding : finding;
    if (answered) return { status: 'REPLAYED', outcome: answered };
    // After the key: a repeat of what was scheduled is answered also when its time has come.
    if (!run.waited) requireTimeAhead(envelope);

    const borrowed = reference && (await this.#borrow(run, platform, reference));
    if (borrowed) {
      run.envelope = { ...envelope, account_id: borrowed.accountId };
      context = findContext(run, admitted.found, run.envelope);
      requirePermission(call, run.envelope, context);
      // From the line of the reference into that of its account, behind whoever came before.
      const arrival = run.turn;
      if (arrival?.comes) await deadline.race(arrival.comes);
      line = findLine(call.caller, action, context, input, isForLater);
      run.turn = this.#enterLine(run, line, isForLater);
      arrival?.end();
    }

    const concerned = describeConcerned(call, context);
    const subject = { platform: platform.name, type: action.type, group: action.group };
    this.flags.require(subject, concerned);
    if (!run.waited && envelope.callback_url !== undefined)
      await deadline.race(this.#requireOutside(envelope.callback_url));
    const holder = action.actsAs === 'actor' ? context.actor.id : context.account.id;
    const renews = !envelope.dry_run && !isForLater;
    const using =
      borrowed?.accountId === holder
        ? borrowed
        : run.trace.step('accounts', () =>
            this.#useAccount(run, envelope, platform, holder, renews),
          );
    const credential = using instanceof Promise ? await using : using;
    const missing = findMissingScopes(action.scopes, credential);
    if (envelope.dry_run)
      return deadline.race(
        this.#prepare(admitted.found, envelope, input, context, credential, missing),
      );
    if (missing.length > 0) {
      throw new ActionFailure(
        'MISSING_SCOPE',
        `${platform.title} account ${holder} is connected without ${missing.join(', ')}; connect it again with ${missing.length > 1 ? 'these scopes' : 'this scope'}`,
      );
    }
    if (run.turn?.comes) await deadline.race(run.turn.comes);
    if (isForLater) return this.#lineUp(run, envelope, line);

    this.validation.noteUse(platform, holder);
    const departure = {
      limits: action.limits(context, input),
      priority: envelope.priority,
      begin: () => this.#start(run, action, subject, concerned),
      trace: run.trace,
      isRepeat: run.waited?.status === 'UNKNOWN',
      file: call.file,
    };
    const passage = this.upstream.open(platform, action, credential, deadline, departure);
    run.passage = passage;
    try {
      const result = await action.carryOut(input, context, passage);
      if (credential.unverifiedVersion !== undefined)
        void this.verification.noteSuccess(platform, credential);
      return { status: 'SUCCEEDED', result: result as Success['result'] };
    } catch (error) {
      const isRefused = error instanceof ActionFailure && error.code === 'RECONNECT_ACCOUNT';
      if (isRefused && credential.unverifiedVersion !== undefined)
        void this.verification.noteRefusal(platform, holder);
      if (error instanceof ActionFailure && error.details.nothingHappened) passage.takeBack();
      throw error;
    } finally {
      passage.end();
    }
  }

  /** A place in a line; what is only looked at takes none. */
  #enterLine({ envelope }: Run, line: string | undefined, isForLater: boolean): Turn | undefined {
    if (envelope?.dry_run) return undefined;
    return this.order.enter(line && isForLater ? `later/${line}` : line);
  }

  /** The credential that an action uses; most are at hand, and nobody waits for them. */
  #useAccount(
    { call: { caller, traceId }, deadline }: Run,
    envelope: Envelope,
    platform: Platform,
    holder: string,
    renews: boolean,
  ): HeldCredential | Promise<HeldCredential> {
    deadline.throwIfOver();
    const atHand = this.accounts.useAtHand(platform, holder, renews, caller.owner);
    if (atHand) return atHand;
    const correlationId = envelope.request_id ?? traceId;
    return deadline.race(this.accounts.use(platform, holder, renews, caller.owner, correlationId));
  }

  /** The credential behind a reference: it says which account the action is about. */
  #borrow(run: Run, platform: Platform, reference: CredentialReference): Promise<HeldCredential> {
    const mayAskPlatform = !run.envelope?.dry_run;
    return run.trace.step('accounts', () =>
      run.deadline.race(this.accounts.borrow(platform, reference, mayAskPlatform)),
    );
  }

  async #prepare(
    { platform, action }: CataloguedAction,
    envelope: Envelope,
    input: object,
    context: ActionContext,
    credential: HeldCredential,
    missingScopes: readonly string[],
  ): Promise<Success> {
    const { reads, write, requests, cost } = await rehearse(platform, action, input, context);
    const limits = requests.flatMap((request, index) =>
      platform.limitRequest(request, credential, index === 0 ? action.cost : 1, Date.now()),
    );
    const waitMs = await this.limits.predictWait(
      [...limits, ...action.limits(context, input)],
      envelope.priority,
    );
    return {
      status: 'PREPARED',
      result: {},
      prepared: {
        ...write,
        reads,
        missing_scopes: missingScopes,
        cost,
        predicted_wait_ms: waitMs,
      },
    };
  }

  /** Commits the action and its place in the queue; whoever stands behind is put there after it. */
  async #lineUp(run: Run, envelope: Envelope, line = run.id): Promise<Success> {
    const status = envelope.run_at === undefined ? 'QUEUED' : 'SCHEDULED';
    run.deadline.throwIfOver();
    run.deadline.leave();
    const message = describeStatus(run, status);
    const adding = this.queue.add(
      {
        entry: this.#describeBeginning(run),
        message,
        claim: this.repeats.describeWaitingClaim(run),
        line,
      },
      this.#keepEnvelope(run),
    );
    run.turn?.end();
    const added = await adding;
    if (added === 'key taken') throw keyIsRunning();
    run.started = 'in the queue';
    if (added === 'queued') return { status, result: {} };
    const error = 'The database went away while the action was queued; ask for its status';
    throw new ActionFailure('OUTCOME_UNKNOWN', error);
  }

  /** Whether the outcome may be sent where the caller wants it. @throws ActionFailure INVALID_INPUT */
  async #requireOutside(url: string): Promise<void> {
    await this.egress.check(url).catch((error: unknown) => {
      if (!(error instanceof ActionFailure)) throw error;
      throw refuseInput([{ field: 'callback_url', message: error.message }]);
    });
  }

  /** The row of an action with whom to tell what becomes of it. */
  #describeBeginning(run: Run): ActionEntry {
    const url = run.envelope?.callback_url;
    const entry = describeEntry(run);
    return url === undefined ? entry : { ...entry, callback_url: this.callbacks.seal(run.id, url) };
  }

  #keepEnvelope({ raw, call: { caller, door, traceId }, receivedAt }: Run): WaitingEnvelope {
    const received = new Date(receivedAt).toISOString();
    return { raw, caller: caller.toJson(), door, traceId, receivedAt: received };
  }

  /** Commits that the action begins, and claims its key; from here on bytes may leave. */
  async #start(
    run: Run,
    action: Action,
    subject: FlagSubject,
    concerned: FlagConcerned,
  ): Promise<void> {
    // What was switched off while the action waited its turn holds as well.
    this.flags.require(subject, concerned);
    run.deadline.throwIfOver();
    if (run.waited) {
      run.started = 'perhaps';
      run.started = (await this.queue.begin(run.id, isInDoubt(run))) ? 'yes' : 'no';
      if (run.started === 'yes') return;
      throw new ActionFailure('CANCELLED', 'It was cancelled, or begun by another replica');
    }
    run.entry = this.#describeBeginning(run);
    const insurance = isResolvable(action)
      ? this.queue.seal(run.id, this.#keepEnvelope(run))
      : undefined;
    const begun = await this.log.start(run.entry, this.repeats.describeClaim(run), insurance);
    if (begun === 'key taken') throw keyIsRunning();
    run.started = begun === 'perhaps' ? 'perhaps' : 'yes';
    if (run.started === 'perhaps') throw new ActionFailure('GATEWAY_UNAVAILABLE', UNAVAILABLE);
  }

  /** Turns whatever was thrown into a failure that says no more than what is known. */
  #judge(run: Run, error: unknown): ActionFailure {
    if (error instanceof ActionFailure) return quoteFailure(run, error);
    if (run.passage?.mayHaveHappened) {
      this.#logger.error({ err: error, action_id: run.id }, 'An answer could not be read');
      return new ActionFailure(
        'UNREADABLE_ANSWER',
        'The platform accepted the request, and its answer has an unknown form',
      );
    }
    this.#logger.error({ err: error, action_id: run.id }, 'An action met a fault of the gateway');
    return new ActionFailure('INTERNAL', 'The gateway met a fault of its own; nothing was sent');
  }

  /** Commits what became of the action, then gives the answer; what cannot be committed is not claimed. */
  #record(run: Run, outcome: Outcome): Outcome | Promise<Outcome> {
    if (run.started === 'in the queue') return outcome;
    const isLogged = run.started !== 'no' || run.waited !== undefined;
    const entry = run.entry ?? describeEntry(run);
    const ending = {
      outcome,
      redactedResult: run.found?.action.redactOutput(outcome.result_data) ?? {},
      attempts: run.passage?.attempts ?? 0,
      ...(isLogged && run.claim && { answer: this.repeats.sealAnswer(run, run.claim, outcome) }),
      claim: this.repeats.describeClaim(run),
      isUnsure: run.started === 'perhaps' && run.waited === undefined,
      hasWaited: run.waited !== undefined,
      isUnsent: !outcome.success && !run.passage?.mayHaveHappened,
      ...(run.waited && { keyLifeSeconds: this.config.IDEMPOTENCY_SECONDS }),
      isInsured: !run.waited && run.found !== undefined && isResolvable(run.found.action),
    };
    const recorded = isLogged ? this.log.finish(entry, ending) : this.#refuse(entry, ending);
    // Nothing was sent, and whether the started row is there is a matter for the log alone.
    if (run.started === 'perhaps') {
      recorded.catch((error: unknown) => this.#judgeLoss(run, error));
      // Should this replica be cut off before that is recorded, another one sends what is insured.
      return ending.isInsured
        ? describeFailure(run, new ActionFailure('OUTCOME_UNKNOWN', PERHAPS))
        : outcome;
    }
    return recorded.then(
      (isWritten) => (isWritten || outcome.success ? outcome : this.#readEnd(run, outcome)),
      (error: unknown) => describeFailure(run, this.#judgeLoss(run, error)),
    );
  }

  async #refuse(entry: ActionEntry, ending: Ending): Promise<true> {
    await this.log.refuse(entry, ending);
    return true;
  }

  /** What another replica has found out, or finds out now, while this one stood still. */
  async #readEnd(run: Run, outcome: Outcome): Promise<Outcome> {
    const logged = await this.log.read(run.id).catch(() => undefined);
    if (logged?.outcome.status === 'RUNNING')
      return describeFailure(run, new ActionFailure('OUTCOME_UNKNOWN', TAKEN_OVER));
    return logged?.outcome ?? outcome;
  }

  /** What may be said of an action whose outcome is not in the log. */
  #judgeLoss(run: Run, error: unknown): ActionFailure {
    if (!(error instanceof ActionFailure))
      this.#logger.error({ err: error, action_id: run.id }, 'An outcome could not be recorded');
    return run.started === 'yes'
      ? new ActionFailure('OUTCOME_UNKNOWN', 'The outcome could not be recorded')
      : new ActionFailure('GATEWAY_UNAVAILABLE', UNAVAILABLE);
  }
}

/** An envelope that was read and checked. */
interface Admitted {
  readonly envelope: Envelope;
  readonly found: CataloguedAction;
  readonly context: ActionContext;
  readonly input: ReturnType<Action['parse']>;
  readonly isForLater: boolean;
  readonly reference: ReturnType<typeof nameReference>;
  readonly line: string | undefined;
}

/**
 * The line that an action stands in. Each tenant has lines of its own, so that none waits for the
 * actions of another; callers without a tenant share theirs.
 */
function findLine(
  { owner }: Caller,
  action: Action,
  context: ActionContext,
  input: object,
  isForLater: boolean,
): string | undefined {
  const line = isForLater ? action.queueKey(context, input) : action.orderKey(context, input);
  return line === undefined || owner === undefined
    ? line
    : `tenant/${encodeURIComponent(owner)}/${line}`;
}

/**
 * What a caller is told whose time is over.
 * @param goesOn whether the action does without it
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

/** Whether it was begun before, and is begun again to find out what became of it. */
function isInDoubt({ waited }: Run): boolean {
  return waited?.status === 'UNKNOWN';
}

/** What a platform takes twice for once by its own means, so that a cut off attempt can be cleared up. */
function isResolvable({ effect, repeatable }: Action): boolean {
  return effect === 'create' && repeatable;
}
