import type { Action, ActionContext } from '../../src/actions/action.js';
import { ActionFailure, type Status } from '../../src/actions/failures.js';
import type { Platform } from '../../src/actions/platform.js';
import type { FileStream } from '../../src/actions/upload.js';
import type { Transport } from '../../src/actions/wire.js';
import type { AccountMemory } from '../../src/accounts/account-memory.js';
import type { AccountRecords } from '../../src/accounts/account-records.js';
import type { Tokens } from '../../src/accounts/tokens.js';
import type { HeldCredential } from '../../src/accounts/held-credential.js';
import type { ReplicaLease } from '../../src/cluster/replica-lease.js';
import { Breakers } from '../../src/execution/breakers.js';
import { Deadline } from '../../src/execution/deadline.js';
import { EgressGuard } from '../../src/execution/egress.js';
import { Reads } from '../../src/execution/reads.js';
import { Renewals } from '../../src/execution/renewals.js';
import { UpstreamSession } from '../../src/execution/upstream-session.js';
import type { Limits } from '../../src/safeguards/limits.js';
import { ProcessBounds } from '../../src/safeguards/process-bounds.js';
import { makeCaller } from './callers.js';
import { makeLimits } from './limits.js';

export interface Road {
  readonly platform: Platform;
  readonly transport: Transport;
  readonly limits?: Limits;
  readonly breakers?: Breakers;
  readonly renewals?: Renewals;
  readonly maxRetries?: number;
  readonly timeoutMs?: number;
  readonly leftMs?: number;
  /** The account that acts, and for which. */
  readonly account?: string;
  readonly tokens?: Tokens;
  readonly egress?: EgressGuard;
  readonly records?: AccountRecords;
}

/** Records in memory, of one account. @param usual what every record is before it is changed */
export function keepRecords(usual?: string): AccountRecords {
  const kept = new Map<string, string | undefined>();
  const records: Pick<AccountRecords, 'change'> = {
    async change(_owner, name, change) {
      const next = change(kept.has(name) ? kept.get(name) : usual);
      kept.set(name, next);
      return next;
    },
  };
  return records as AccountRecords;
}

/** What became of an action, as the executor tells it. */
export interface Told {
  readonly status: Status;
  readonly code: string;
  readonly result: unknown;
  readonly failure?: ActionFailure;
  readonly attempts: number;
}

export const makeCredential = (accountId: string, more: Partial<HeldCredential> = {}) =>
  ({
    accountId,
    accessToken: `token-of-${accountId}`,
    scopes: [],
    version: 1,
    renewable: false,
    expiresAt: undefined,
    ...more,
  }) satisfies HeldCredential;

/** A file of three bytes. */
function makeFile(): FileStream {
  const pieces = [new Uint8Array(3)];
  const type = 'application/octet-stream';
  return { type, size: 3, read: async () => pieces.shift(), close: () => undefined };
}

/** Sends an action through an upstream session of its own, and tells what became of it. */
export async function sendAction(
  action: Action,
  parameters: object,
  road: Road,
  context: Partial<ActionContext> = {},
  credential: HeldCredential = makeCredential(road.account ?? '1001'),
): Promise<Told> {
  const { platform, transport } = road;
  const answerBy = performance.now() + (road.leftMs ?? 3_000);
  const deadline = new Deadline({
    caller: makeCaller(),
    door: 'grpc',
    traceId: '',
    answerBy,
    deadline: answerBy,
    cancelled: new AbortController().signal,
  });
  const whole: ActionContext = {
    actionId: 'action-1',
    account: { id: credential.accountId },
    actor: { id: credential.accountId },
    ...(action.takesFile !== undefined && { hasFile: true }),
    ...context,
  };
  const input = action.parse(parameters, whole);
  const session = new UpstreamSession(
    platform,
    action,
    credential,
    deadline,
    {
      limits: action.limits(whole, input),
      priority: 'NORMAL',
      begin: async () => undefined,
      ...(action.takesFile !== undefined && { file: makeFile() }),
    },
    {
      transport,
      tokens: road.tokens ?? ({ noteRefusal: () => undefined } as unknown as Tokens),
      limits: road.limits ?? makeLimits(),
      breakers: road.breakers ?? new Breakers(),
      egress: road.egress ?? new EgressGuard(),
      lease: { isHeld: () => true } as ReplicaLease,
      memory: {
        recall: async () => undefined,
        remember: async () => undefined,
        forget: async () => undefined,
      } as unknown as AccountMemory,
      records: road.records ?? keepRecords(),
      bounds: new ProcessBounds({
        MAX_UNREAD_ANSWER_BYTES: 1_048_576,
        MAX_UNFINISHED_MESSAGE_BYTES: 1_048_576,
        MAX_FILE_BYTES: 33_554_432,
        MAX_OPEN_REQUESTS: 0,
        MAX_WORKERS: 10,
      }),
      renewals: road.renewals ?? new Renewals(),
      reads: new Reads({ READ_CACHE_BYTES: 1_048_576 }),
      maxRetries: road.maxRetries ?? 0,
      timeoutMs: road.timeoutMs ?? 1_000,
    },
  );
  try {
    const result = await action.carryOut(input, whole, session);
    return { status: 'SUCCEEDED', code: '', result, attempts: session.attempts };
  } catch (error) {
    const failure =
      error instanceof ActionFailure
        ? error
        : new ActionFailure(
            session.mayHaveHappened ? 'UNREADABLE_ANSWER' : 'INTERNAL',
            String(error),
          );
    const { status, code, details } = failure;
    return { status, code, result: details.partialResult, failure, attempts: session.attempts };
  } finally {
    session.end();
    deadline.end();
  }
}
