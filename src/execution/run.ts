import type { Call } from '../callers/call.js';
import type { Envelope } from '../actions/envelope.js';
import { ActionFailure, type Status } from '../actions/failures.js';
import { isSuccess, type Outcome, type PreparedRequest } from '../actions/outcome.js';
import { redactPrivate } from '../actions/redaction.js';
import type { Action } from '../actions/action.js';
import type { ActionEntry } from '../journal/action-entry.js';
import type { QueuedAction, WaitingEnvelope } from '../queue/action-queue.js';
import type { Callbacks } from '../queue/callbacks.js';
import type { ActionTrace } from '../observability/traces.js';
import type { KeyClaim } from '../safeguards/idempotency.js';
import type { Turn } from '../safeguards/order.js';
import type { CataloguedAction } from './catalogue.js';
import type { Deadline } from './deadline.js';
import type { Progress } from './progress.js';
import type { UpstreamSession } from './upstream-session.js';

/** The result of an action that did not fail. */
export interface Success {
  readonly status: Extract<Status, 'SUCCEEDED' | 'PREPARED' | 'QUEUED' | 'SCHEDULED'>;
  readonly result: Readonly<Record<string, unknown>>;
  readonly prepared?: PreparedRequest;
}

/** The stored answer to an earlier request with the same key. */
export interface Replay {
  readonly status: 'REPLAYED';
  readonly outcome: Outcome;
}

/** How the recipe ended. */
export type RecipeResult = Success | Replay | ActionFailure;

/** One action in the recipe. Each step adds what later steps and the log need. */
export interface Run {
  readonly id: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly call: Call;
  /** How far it has come; every ending is decided from it. */
  readonly progress: Progress;
  readonly deadline: Deadline;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  /** When work on it began, on the clock of `performance.now()`. */
  readonly openedAt: number;
  readonly sandbox: boolean;
  readonly trace: ActionTrace;
  /** The action as the queue has it; undefined for a direct request. */
  readonly waited?: QueuedAction;
  envelope?: Envelope;
  found?: CataloguedAction;
  claim?: KeyClaim;
  turn?: Turn;
  session?: UpstreamSession;
  /** The started row; it does not change afterwards. */
  entry?: ActionEntry;
  /** The outcome, for requests that join this one. */
  outcome?: Promise<Outcome>;
  /** The caller was answered, or went away, before the outcome was there. */
  isCutOff?: boolean;
}

const WORDS: Readonly<Record<Success['status'], string>> = {
  SUCCEEDED: 'executed successfully',
  PREPARED: 'prepared; nothing was sent',
  QUEUED: 'queued',
  SCHEDULED: 'scheduled',
};

/** The message of an action that did not fail. */
export function describeStatus(run: Run, status: Success['status']): string {
  return `Action ${run.found?.action.type ?? ''} ${WORDS[status]}`;
}

export function describeSuccess(run: Run, { status, result, prepared }: Success): Outcome {
  return {
    success: isSuccess(status),
    message: describeStatus(run, status),
    action_id: run.id,
    result_data: result,
    error: '',
    status,
    replayed: false,
    request_id: textOf(run.raw['request_id']),
    ...(prepared && { prepared }),
    sandbox: run.sandbox,
  };
}

export function describeFailure(run: Run, failure: ActionFailure): Outcome {
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
    sandbox: run.sandbox,
  };
}

const LONGEST_MESSAGE = 1_000;
const LONGEST_PLATFORM_CODE = 200;

/**
 * Removes private texts from a failure. Platforms quote what they were sent, and answers and the log must
 * not show what people wrote to each other.
 */
export function quoteFailure({ found, raw, session }: Run, failure: ActionFailure): ActionFailure {
  // Before anything was sent, the message is the gateway's own and quotes nothing private.
  if (!found || !session) return failure;
  const texts = found.action.listPrivateTexts(raw['parameters']);
  const { message, details } = failure;
  const said = redactPrivate(message, texts).slice(0, LONGEST_MESSAGE);
  const code =
    details.platformCode &&
    redactPrivate(details.platformCode, texts).slice(0, LONGEST_PLATFORM_CODE);
  if (said === message && code === details.platformCode) return failure;
  return new ActionFailure(failure.code, said, { ...details, platformCode: code });
}

/** The row of an action, with what is known so far. */
export function describeEntry({
  id,
  raw,
  call,
  found,
  envelope,
  claim,
  receivedAt,
  sandbox,
}: Run): ActionEntry {
  const accountId = textOf(envelope?.account_id ?? raw['account_id']);
  return {
    id,
    platform: textOf(envelope?.platform ?? raw['platform']),
    action_type: textOf(envelope?.action_type ?? raw['action_type']),
    account_id: accountId,
    actor_id: textOf(envelope?.actor_id ?? raw['actor_id']) || accountId,
    effect: found?.action.effect ?? 'read',
    // Without a declaration it is unknown what is private, so no parameters are kept.
    parameters: found ? found.action.redactInput(raw['parameters']) : {},
    caller_id: call.caller.id,
    owner: call.caller.owner ?? '',
    door: call.door,
    request_id: textOf(raw['request_id']),
    trace_id: call.traceId,
    idempotency_key: claim?.key ?? envelope?.idempotency_key ?? null,
    priority: envelope?.priority ?? 'NORMAL',
    sandbox,
    received_at: new Date(receivedAt).toISOString(),
    run_at: readTime(envelope?.run_at),
    batch_id: call.batchId ?? null,
    ...(claim && { key_holder: call.caller.identity }),
  };
}

/** The row of an action with the sealed address that its outcome is sent to. */
export function describeStart(run: Run, callbacks: Callbacks): ActionEntry {
  const url = run.envelope?.callback_url;
  const entry = describeEntry(run);
  return url === undefined ? entry : { ...entry, callback_url: callbacks.seal(run.id, url) };
}

/** What is kept of an envelope so that it can be carried out later. */
export function describeWaitingEnvelope({
  raw,
  claim,
  call: { caller, door, traceId },
  receivedAt,
}: Run): WaitingEnvelope {
  const received = new Date(receivedAt).toISOString();
  // The replica that carries it out knows no window: to it, a key made from the content is any other key.
  const keyed = claim?.keptSeconds === undefined ? raw : { ...raw, idempotency_key: claim.key };
  return { raw: keyed, caller: caller.toJson(), door, traceId, receivedAt: received };
}

/** Whether an earlier attempt was cut off, and this one finds out what became of it. */
export function isInDoubt({ waited }: Run): boolean {
  return waited?.status === 'UNKNOWN';
}

/** Whether the platform itself recognises a repeat of the action, so that a cut off attempt can be repeated. */
export function isResolvable({ effect, repeatable }: Action): boolean {
  return effect === 'create' && repeatable;
}

/** The caller, the action and the account, for the log line of a replay, which has no row. */
export function describeRequest({ raw, call, envelope }: Run) {
  const accountId = textOf(envelope?.account_id ?? raw['account_id']);
  return {
    platform: textOf(envelope?.platform ?? raw['platform']),
    action_type: textOf(envelope?.action_type ?? raw['action_type']),
    account_id: accountId,
    actor_id: textOf(envelope?.actor_id ?? raw['actor_id']) || accountId,
    caller_id: call.caller.id,
    door: call.door,
    request_id: textOf(raw['request_id']),
    trace_id: call.traceId,
    batch_id: call.batchId ?? null,
  } satisfies Partial<ActionEntry>;
}

/** The account that an action counts for among the workers, before its envelope is read. */
export function buildAccountKey({ raw }: Run): string {
  const account = textOf(raw['account_id']) || textOf(raw['credential_ref']);
  return `${textOf(raw['platform'])}/${account}`;
}

/** A time in the form of the database; null if it is missing or invalid. */
function readTime(text = ''): string | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** A text of an envelope that may not be validated yet, cut to the length of its column. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 255) : '';
}
