import type { Call } from '../callers/call.js';
import type { Envelope } from '../actions/envelope.js';
import { ActionFailure, type Status } from '../actions/failures.js';
import { isSuccess, type Outcome, type PreparedRequest } from '../actions/outcome.js';
import { redactPrivate } from '../actions/redaction.js';
import type { ActionEntry } from '../journal/action-log.js';
import type { QueuedAction } from '../queue/action-queue.js';
import type { ActionTrace } from '../observability/traces.js';
import type { KeyClaim } from '../safeguards/idempotency.js';
import type { Turn } from '../safeguards/order.js';
import type { CataloguedAction } from './catalogue.js';
import type { Deadline } from './deadline.js';
import type { UpstreamSession } from './upstream.js';

/** What came of an action that did not fail. */
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

/** One action on its way through the recipe; each step fills in what later ones and the log need. */
export interface Run {
  readonly id: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly call: Call;
  readonly deadline: Deadline;
  /** Unix milliseconds; a repeat has no row that would want it as a text. */
  readonly receivedAt: number;
  /** When work on it began, on the clock of `performance.now()`. */
  readonly openedAt: number;
  readonly sandbox: boolean;
  readonly trace: ActionTrace;
  /** Set for one whose turn in the queue has come. */
  readonly waited?: QueuedAction;
  envelope?: Envelope;
  found?: CataloguedAction;
  claim?: KeyClaim;
  turn?: Turn;
  session?: UpstreamSession;
  /** The row as it was started; what is known of an action does not change after that. */
  entry?: ActionEntry;
  /**
   * Whether the started row is in the log; 'perhaps' when the database went away while it was written.
   * What is in the queue is the queue's to end.
   */
  started: 'no' | 'yes' | 'perhaps' | 'in the queue';
  /** What will be recorded of it, for those who join it. */
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

/** The one line for people of an action that did not fail. */
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
 * A failure as answers and the log may have it: platforms quote what they were sent, and what people
 * wrote to each other is kept by its length alone.
 */
export function quoteFailure({ found, raw, session }: Run, failure: ActionFailure): ActionFailure {
  // Before anything was sent, the sentences are the gateway's own, and quote nothing private.
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

/** The row of an action, as far as it is known by now. */
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
    // Without a declaration nobody knows what is private, so only names are kept.
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

/** The part of the row that says who asked for what: of a replay, which has no row, there is no more to say. */
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

/** Whose places an action takes, before its envelope is read. */
export function buildAccountKey({ raw }: Run): string {
  const account = textOf(raw['account_id']) || textOf(raw['credential_ref']);
  return `${textOf(raw['platform'])}/${account}`;
}

/** A time as the database takes it; null for none, and for one that is in no calendar. */
function readTime(text = ''): string | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** Text of an envelope that may not have been read yet, at a length the log can keep. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 255) : '';
}
