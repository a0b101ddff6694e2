import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as makeId } from 'uuid';
import { type Action, type ActionContext, refuseUnsupported } from '../actions/action.js';
import type { Call } from '../actions/caller.js';
import { type Envelope, parseEnvelope } from '../actions/envelope.js';
import { ActionFailure, refuseInput, type Status } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import { isSuccess, type Outcome, type PreparedRequest } from '../actions/outcome.js';
import { Accounts, findMissingScopes } from '../accounts/accounts.js';
import type { HeldCredential } from '../accounts/tokens.js';
import { TokenValidation } from '../accounts/validation.js';
import { type ActionEntry, ActionLog } from '../audit/action-log.js';
import { CONFIG, type Config } from '../config/config.js';
import { CallerBudgets } from '../safeguards/caller-budgets.js';
import { Flags } from '../safeguards/flags.js';
import { Idempotency, keyIsRunning, type KeyClaim } from '../safeguards/idempotency.js';
import { Limits } from '../safeguards/limits.js';
import { Order, type Turn } from '../safeguards/order.js';
import { Catalogue, type CataloguedAction } from './catalogue.js';
import { Deadline } from './deadline.js';
import { rehearse } from './rehearsal.js';
import { type Passage, UpstreamDoor } from './upstream.js';
import { Workers } from './workers.js';

/** What came of an action that did not fail. */
interface Success {
  readonly status: Extract<Status, 'SUCCEEDED' | 'PREPARED'>;
  readonly result: Readonly<Record<string, unknown>>;
  readonly prepared?: PreparedRequest;
}

/** The stored answer to an earlier request with the same key. */
interface Replay {
  readonly status: 'REPLAYED';
  readonly outcome: Outcome;
}

/** One action on its way through the recipe; each step fills in what later ones and the log need. */
interface Run {
  readonly id: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly call: Call;
  readonly deadline: Deadline;
  readonly receivedAt: string;
  envelope?: Envelope;
  found?: CataloguedAction;
  claim?: KeyClaim;
  turn?: Turn;
  passage?: Passage;
  /** The row as it was started; what is known of an action does not change after that. */
  entry?: ActionEntry;
  /** Whether the started row is in the log; 'perhaps' when the database went away while it was written. */
  started: 'no' | 'yes' | 'perhaps';
}

const LINE_PER_WORKER = 20;
const UNAVAILABLE = 'The gateway cannot reach its database; nothing was sent';

/** Carries out envelopes by the recipe. Never throws: whatever happens is an outcome. */
@Injectable()
export class Executor implements BeforeApplicationShutdown {
  readonly #logger = new Logger(Executor.name);
  readonly #workers: Workers;
  readonly #running = new Set<Promise<unknown>>();
  #draining = false;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly idempotency: Idempotency,
    private readonly flags: Flags,
    private readonly accounts: Accounts,
    private readonly validation: TokenValidation,
    private readonly order: Order,
    private readonly budgets: CallerBudgets,
    private readonly limits: Limits,
    private readonly upstream: UpstreamDoor,
    private readonly log: ActionLog,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.#workers = new Workers(config.MAX_WORKERS, config.MAX_WORKERS * LINE_PER_WORKER);
  }

  /** Actions under way and waiting, for the statistics. */
  get load(): { running: number; waiting: number } {
    return { running: this.#running.size, waiting: this.#workers.waiting };
  }

  /** Carries out one envelope and answers within the caller's time. */
  async execute(raw: unknown, call: Call): Promise<Outcome> {
    const run: Run = {
      id: makeId(),
      raw: isObject(raw) ? raw : {},
      call,
      deadline: new Deadline(call),
      receivedAt: new Date().toISOString(),
      started: 'no',
    };
    const work = this.#carryThrough(run, raw).finally(() => run.deadline.end());
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
    return this.#answerInTime(run, work);
  }

  /** Stops taking actions, and waits until those begun are recorded. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#draining = true;
    const grace = sleep(this.config.SHUTDOWN_GRACE * 1_000, undefined, { ref: false });
    await Promise.race([Promise.allSettled(this.#running), grace]);
  }

  /** Whoever began an action before its time was over goes on with it; the caller is answered in time. */
  async #answerInTime(run: Run, work: Promise<Outcome>): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined;
    const timeIsOver = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => {
        const failure = run.deadline.close()
          ? new ActionFailure(
              'OUTCOME_UNKNOWN',
              'No answer within the time of the call; the action goes on, ask for its status',
            )
          : new ActionFailure(
              'DEADLINE_TOO_SHORT',
              'The time of the call was over before anything happened',
            );
        resolve(this.#describeFailure(run, failure));
      }, run.deadline.leftMs());
    });
    try {
      return await Promise.race([work, timeIsOver]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #carryThrough(run: Run, raw: unknown): Promise<Outcome> {
    let ended: Success | Replay | ActionFailure;
    try {
      if (this.#draining)
        throw new ActionFailure('GATEWAY_UNAVAILABLE', 'The gateway is stopping; nothing was sent');
      await this.#workers.take();
      try {
        ended = await this.#follow(run, raw);
      } finally {
        run.turn?.end();
        this.#workers.free();
      }
    } catch (error) {
      ended = this.#judge(run, error);
    }
    if (ended instanceof ActionFailure) return this.#record(run, this.#describeFailure(run, ended));
    if (ended.status === 'REPLAYED')
      return { ...ended.outcome, request_id: run.envelope?.request_id ?? '' };
    return this.#record(run, this.#describeSuccess(run, ended));
  }

  /** The recipe: its steps in their order, read from top to bottom. */
  async #follow(run: Run, raw: unknown): Promise<Success | Replay> {
    const { call, deadline } = run;
    const envelope = (run.envelope = parseEnvelope(raw));
    const { platform, action } = (run.found = this.catalogue.get(
      envelope.platform,
      envelope.action_type,
    ));
    const context = this.#whoIsConcerned(run, run.found, envelope);
    const input = action.parse(envelope.parameters, context);
    refuseWhatIsNotOffered(envelope, action);
    requirePermission(call, envelope, context);
    // A place in line is taken before anything is awaited, so that it is in order of arrival.
    run.turn = envelope.dry_run ? undefined : this.order.enter(action.orderKey(context, input));

    await deadline.race(this.budgets.spend(call.caller.id));
    run.claim = envelope.dry_run ? undefined : this.idempotency.describe(envelope);
    const answered = await deadline.race(this.idempotency.find(call.caller.id, run.claim));
    if (answered) return { status: 'REPLAYED', outcome: answered };

    this.flags.require({ platform: platform.name, ...action });
    const holder = action.actsAs === 'actor' ? context.actor.id : context.account.id;
    const credential = await deadline.race(this.accounts.use(platform, holder, !envelope.dry_run));
    const missing = findMissingScopes(action.scopes, credential);
    if (envelope.dry_run)
      return deadline.race(this.#prepare(run.found, envelope, input, context, credential, missing));
    if (missing.length > 0) {
      throw new ActionFailure(
        'MISSING_SCOPE',
        `${platform.title} account ${holder} is connected without ${missing.join(', ')}; connect it again with ${missing.length > 1 ? 'these scopes' : 'this scope'}`,
      );
    }
    this.validation.noteUse(platform, holder);

    if (run.turn) await deadline.race(run.turn.comes);
    const passage = (run.passage = this.upstream.open(platform, action, credential, deadline, {
      limits: action.limits(context, input),
      priority: envelope.priority,
      begin: () => this.#start(run),
    }));
    const result = await action.carryOut(input, context, passage);
    return { status: 'SUCCEEDED', result: result as Success['result'] };
  }

  #whoIsConcerned(
    { id }: Run,
    { platform, action }: CataloguedAction,
    envelope: Envelope,
  ): ActionContext {
    const accountId = envelope.account_id ?? platform.defaultAccount;
    if (accountId === undefined) {
      const message = `is missing; say whose ${platform.title} channel it is`;
      throw refuseInput([{ field: 'account_id', message }]);
    }
    const actorId = envelope.actor_id ?? accountId;
    if (action.actsAs === 'account' && actorId !== accountId) {
      const message = `must be left out: on ${platform.title} only the account itself can do ${action.type}`;
      throw refuseInput([{ field: 'actor_id', message }]);
    }
    return { actionId: id, account: { id: accountId }, actor: { id: actorId } };
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

  /** Commits the started row and claims the key; from here on bytes may leave. */
  async #start(run: Run): Promise<void> {
    run.deadline.throwIfOver();
    const claim = run.claim && { ...run.claim, lifeSeconds: this.config.IDEMPOTENCY_SECONDS };
    run.entry = this.#describeEntry(run);
    const begun = await this.log.start(run.entry, claim);
    if (begun === 'key taken') throw keyIsRunning();
    run.started = begun === 'perhaps' ? 'perhaps' : 'yes';
    if (run.started === 'perhaps') throw new ActionFailure('GATEWAY_UNAVAILABLE', UNAVAILABLE);
  }

  /** Turns whatever was thrown into a failure that says no more than what is known. */
  #judge(run: Run, error: unknown): ActionFailure {
    if (error instanceof ActionFailure) return error;
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
  async #record(run: Run, outcome: Outcome): Promise<Outcome> {
    const entry = run.entry ?? this.#describeEntry(run);
    const ending = {
      outcome,
      redactedResult: run.found?.action.redactOutput(outcome.result_data) ?? {},
      attempts: run.passage?.attempts ?? 0,
      ...(run.started !== 'no' &&
        run.claim && { answer: this.#sealAnswer(run, run.claim, outcome) }),
    };
    const recorded =
      run.started === 'no' ? this.log.refuse(entry, ending) : this.log.finish(entry, ending);
    const failed = (error: unknown): ActionFailure => {
      if (!(error instanceof ActionFailure))
        this.#logger.error({ err: error, action_id: run.id }, 'An outcome could not be recorded');
      return run.started === 'yes'
        ? new ActionFailure('OUTCOME_UNKNOWN', 'The outcome could not be recorded')
        : new ActionFailure('GATEWAY_UNAVAILABLE', UNAVAILABLE);
    };
    // Nothing was sent, and whether the started row is there is a matter for the log alone.
    if (run.started === 'perhaps') {
      recorded.catch(failed);
      return outcome;
    }
    return recorded.then(
      () => outcome,
      (error: unknown) => this.#describeFailure(run, failed(error)),
    );
  }

  /** null frees the key: nothing happened, and the same request may be carried out later. */
  #sealAnswer(run: Run, claim: KeyClaim, outcome: Outcome): string | null {
    const refusedForGood =
      outcome.failure?.code === 'REFUSED' || outcome.failure?.code === 'NOT_FOUND';
    const sent = (run.passage?.attempts ?? 0) > 0;
    const isKept = outcome.success || run.passage?.mayHaveHappened || (refusedForGood && sent);
    if (!isKept) return null;
    return this.idempotency.seal(run.call.caller.id, claim, outcome);
  }

  #describeSuccess(run: Run, { status, result, prepared }: Success): Outcome {
    const type = run.found?.action.type ?? '';
    return {
      success: isSuccess(status),
      message:
        status === 'PREPARED'
          ? `Action ${type} prepared; nothing was sent`
          : `Action ${type} executed successfully`,
      action_id: run.id,
      result_data: result,
      error: '',
      status,
      replayed: false,
      request_id: textOf(run.raw['request_id']),
      ...(prepared && { prepared }),
      sandbox: this.config.sandbox,
    };
  }

  #describeFailure(run: Run, failure: ActionFailure): Outcome {
    return {
      success: false,
      message: failure.status === 'UNKNOWN' ? 'Outcome unknown' : 'Action execution failed',
      action_id: run.id,
      result_data: failure.details.partialResult ?? {},
      error: failure.message,
      status: failure.status,
      failure: failure.toFailure(),
      replayed: false,
      request_id: textOf(run.raw['request_id']),
      sandbox: this.config.sandbox,
    };
  }

  #describeEntry({ id, raw, call, found, envelope, receivedAt }: Run): ActionEntry {
    const accountId = textOf(envelope?.account_id ?? raw['account_id']);
    return {
      id,
      platform: textOf(envelope?.platform ?? raw['platform']),
      action_type: textOf(envelope?.action_type ?? raw['action_type']),
      account_id: accountId,
      actor_id: textOf(envelope?.actor_id ?? raw['actor_id']) || accountId,
      effect: found?.action.effect ?? 'read',
      // Without a declaration nobody knows what is private, so only names are kept.
      parameters: found ? found.action.redactInput(raw['parameters']) : {},
      caller_id: call.caller.id,
      door: call.door,
      request_id: textOf(raw['request_id']),
      trace_id: call.traceId,
      idempotency_key: envelope?.idempotency_key ?? null,
      priority: envelope?.priority ?? 'NORMAL',
      sandbox: this.config.sandbox,
      received_at: receivedAt,
    };
  }
}

/** Text of an envelope that may not have been read yet, at a length the log can keep. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 255) : '';
}

/** @throws ActionFailure UNSUPPORTED for what the platform, or this version, has no way to do */
function refuseWhatIsNotOffered(envelope: Envelope, { unsupported }: Action): void {
  if (unsupported) throw refuseUnsupported(unsupported);
  const wished = (
    [
      ['run_async', envelope.run_async],
      ['run_at', envelope.run_at !== undefined],
      ['callback_url', envelope.callback_url !== undefined],
      ['credential_ref', envelope.credential_ref !== undefined],
    ] as const
  ).flatMap(([field, given]) => (given ? [field] : []));
  if (wished.length === 0) return;
  throw new ActionFailure(
    'UNSUPPORTED',
    `${wished.join(', ')}: this version carries out actions at once, with accounts of its own`,
    {
      violations: wished.map((field) => ({
        field,
        message: 'is not offered by this version; leave it out',
      })),
    },
  );
}

/** @throws ActionFailure NOT_ALLOWED naming what the token lacks */
function requirePermission(
  { caller }: Call,
  { platform }: Envelope,
  { account, actor }: ActionContext,
): void {
  const refuse = (lack: string): never => {
    throw new ActionFailure('NOT_ALLOWED', `Caller "${caller.id}" ${lack}`);
  };
  if (!caller.permissions.has('execute_actions')) refuse('lacks the permission execute_actions');
  if (caller.platforms && !caller.platforms.has(platform)) refuse(`may not act on ${platform}`);
  for (const { id } of [account, actor]) {
    if (caller.accounts && !caller.accounts.has(id)) refuse(`may not act for account ${id}`);
  }
}
