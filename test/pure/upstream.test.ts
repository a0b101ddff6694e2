// Real: the upstream session of an action, its retries, its deadline, the limits and Twitch's readings.
// Fake: the network, which answers by a script, the tokens and the lease.
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ActionDeclaration, defineAction } from '../../src/actions/action.js';
import { Flag } from '../../src/actions/fields.js';
import { ActionFailure } from '../../src/actions/failures.js';
import type { Limit } from '../../src/actions/limit.js';
import type { FileStream, Upload } from '../../src/actions/upload.js';
import type { Delivery, PlatformRequest, Transport, WireRequest } from '../../src/actions/wire.js';
import type { AccountMemory } from '../../src/accounts/account-memory.js';
import type { AccountRecords } from '../../src/accounts/account-records.js';
import type { Tokens } from '../../src/accounts/tokens.js';
import type { HeldCredential } from '../../src/accounts/held-credential.js';
import type { ReplicaLease } from '../../src/cluster/replica-lease.js';
import { eventually } from '../support/eventually.js';
import { Breakers } from '../../src/execution/breakers.js';
import { readAnswer } from '../../src/execution/answer-redaction.js';
import { Deadline } from '../../src/execution/deadline.js';
import { EgressGuard } from '../../src/execution/egress.js';
import { Reads } from '../../src/execution/reads.js';
import { Renewals } from '../../src/execution/renewals.js';
import { UpstreamSession } from '../../src/execution/upstream-session.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import type { Limits } from '../../src/safeguards/limits.js';
import { ProcessBounds } from '../../src/safeguards/process-bounds.js';
import { makeLimits } from '../support/limits.js';
import { keepRecords } from '../support/upstream-session.js';
import { makeCaller } from '../support/callers.js';

class Nothing {}

class Done {
  @Flag('It is done')
  done!: boolean;
}

const DECLARATION: ActionDeclaration<Nothing, Done> = {
  type: 'do',
  group: 'chat',
  summary: 'Do it',
  docs: 'https://example.org',
  effect: 'update',
  scopes: [],
  actsAs: 'account',
  input: Nothing,
  output: Done,
  request: () => ({ method: 'POST', path: '/do' }),
  response: () => ({ done: true }),
  example: { input: {}, output: { done: true } },
};

const twitch = new TwitchPlatform({
  apiUrl: 'https://api.example/helix',
  authUrl: 'https://id.example',
  clientId: 'client',
  clientSecret: 'hidden',
});

const WRITE: PlatformRequest = { method: 'POST', path: '/do', query: { a: 1 }, body: { b: 2 } };
const READ: PlatformRequest = { method: 'GET', path: '/look' };

const answer = (
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): Delivery => ({
  kind: 'answered',
  answer: { status, body, headers },
});
const OK = answer(200, { data: [] });
const NOW = { 'retry-after': '0' };
const UNSENT: Delivery = { kind: 'unsent', reason: 'nobody at the door' };
const UNANSWERED: Delivery = { kind: 'unanswered', reason: 'no answer' };

const OWN_LIMITS: Limit[] = [{ kind: 'window', bucket: 'own', tokens: 100, windowMs: 60_000 }];
const POINTS = twitch.limitRequest(READ, { accountId: '1001' }, 1);

const opened: Deadline[] = [];

Logger.overrideLogger(false);

beforeEach(() => {
  // The shortest backoff there is.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const deadline of opened.splice(0)) deadline.end();
});

interface Setting {
  readonly action?: Partial<ActionDeclaration<Nothing, Done>>;
  readonly leftMs?: number;
  readonly maxRetries?: number;
  readonly renewable?: boolean;
  readonly isLeaseHeld?: boolean;
  /** What happens while a token is renewed. */
  readonly meanwhile?: () => void;
  readonly limits?: Limits;
  readonly breakers?: Breakers;
  readonly renewals?: Renewals;
  readonly begin?: () => Promise<void>;
  readonly memory?: AccountMemory;
  readonly records?: AccountRecords;
  readonly file?: FileStream;
}

/** Every transport reads answers in one place, which takes our secrets out of them. */
function readAsTransportsDo(request: WireRequest, delivery: Delivery): Delivery {
  if (delivery.kind !== 'answered' || typeof delivery.answer.body !== 'object') return delivery;
  const { status, body } = delivery.answer;
  const read = readAnswer(request, status, JSON.stringify(body));
  return { kind: 'answered', answer: { ...delivery.answer, body: read } };
}

/** An upstream session over a network that gives these deliveries, the last of them for ever. */
function open(deliveries: readonly (Delivery | (() => Delivery))[], setting: Setting = {}) {
  const sent: WireRequest[] = [];
  const cancel = new AbortController();
  const transport = {
    async deliver(request: WireRequest) {
      const delivery = deliveries[Math.min(sent.length, deliveries.length - 1)] ?? OK;
      sent.push(request);
      return readAsTransportsDo(request, typeof delivery === 'function' ? delivery() : delivery);
    },
  } as Transport;
  const credential: HeldCredential = {
    accountId: '1001',
    accessToken: 'old-token',
    scopes: [],
    version: 1,
    renewable: setting.renewable ?? true,
    expiresAt: undefined,
  };
  let refreshes = 0;
  const tokens = {
    async refresh() {
      refreshes += 1;
      setting.meanwhile?.();
      return { ...credential, accessToken: 'new-token', version: 2 };
    },
  } as unknown as Tokens;
  const answerBy = performance.now() + (setting.leftMs ?? 60_000);
  const deadline = new Deadline({
    caller: makeCaller(),
    door: 'grpc',
    traceId: '',
    answerBy,
    deadline: answerBy,
    cancelled: cancel.signal,
  });
  opened.push(deadline);
  const action = defineAction({ ...DECLARATION, ...setting.action } as typeof DECLARATION);
  const begin = vi.fn<() => Promise<void>>(setting.begin ?? (async () => undefined));
  const dispatch = { limits: OWN_LIMITS, priority: 'NORMAL', begin, file: setting.file } as const;
  const session = new UpstreamSession(twitch, action, credential, deadline, dispatch, {
    transport,
    tokens,
    limits: setting.limits ?? makeLimits(),
    breakers: setting.breakers ?? new Breakers(),
    egress: new EgressGuard(),
    lease: { isHeld: () => setting.isLeaseHeld ?? true } as ReplicaLease,
    memory: setting.memory ?? ({} as AccountMemory),
    records: setting.records ?? keepRecords(),
    bounds: new ProcessBounds({
      MAX_UNREAD_ANSWER_BYTES: 1_048_576,
      MAX_UNFINISHED_MESSAGE_BYTES: 1_048_576,
      MAX_FILE_BYTES: 33_554_432,
      MAX_OPEN_REQUESTS: 0,
      MAX_WORKERS: 10,
    }),
    reads: new Reads({ READ_CACHE_BYTES: 1_048_576 }),
    renewals: setting.renewals ?? new Renewals(),
    maxRetries: setting.maxRetries ?? 3,
    timeoutMs: 1_000,
  });
  return { session, sent, begin, deadline, cancel, countRefreshes: () => refreshes };
}

const fail = (code: string, more: object = {}): object =>
  expect.objectContaining({ code, ...more });

describe('a request', () => {
  it('is signed, sent once and answered', async () => {
    const { session, sent } = open([answer(200, { data: [7] })]);
    expect(await session.send(WRITE)).toEqual({ data: [7] });
    expect(sent).toEqual([
      {
        method: 'POST',
        url: 'https://api.example/helix/do?a=1',
        headers: { authorization: 'Bearer old-token', 'client-id': 'client' },
        body: { b: 2 },
      },
    ]);
    expect(session.attempts).toBe(1);
    expect(session.mayHaveHappened).toBe(true);
  });

  it('may be answered with nothing', async () => {
    const sending = open([answer(204)]).session.send({ ...WRITE, yes: 'no body' });
    expect(await sending).toBeUndefined();
  });

  it('is not sent without the lease of the replica, unless it only reads', async () => {
    const { session, sent } = open([OK], { isLeaseHeld: false });
    await expect(session.send(WRITE)).rejects.toEqual(fail('GATEWAY_UNAVAILABLE'));
    expect(sent).toEqual([]);
    expect(session.mayHaveHappened).toBe(false);
    expect(await session.send(READ)).toEqual({ data: [] });
  });

  it('is not sent when the time is over or the caller has gone', async () => {
    const late = open([OK], { leftMs: 0 });
    await expect(late.session.send(WRITE)).rejects.toEqual(fail('DEADLINE_TOO_SHORT'));
    const gone = open([OK]);
    gone.cancel.abort();
    await expect(gone.session.send(WRITE)).rejects.toEqual(fail('CANCELLED'));
    expect([late.sent, gone.sent]).toEqual([[], []]);
  });

  it('is not sent once its own time is over, also after a wait for a repeat', async () => {
    let isLate = true;
    const request = {
      ...WRITE,
      findLateness: () => (isLate ? [{ field: 'parameters.id', message: 'is too old' }] : []),
    };
    const refused = fail('INVALID_INPUT', { message: 'parameters.id: is too old' });
    const late = open([OK]);
    await expect(late.session.send(request)).rejects.toEqual(refused);
    expect([late.sent, late.session.attempts]).toEqual([[], 0]);
    isLate = false;
    const limited = open([() => ((isLate = true), answer(429, {}, NOW)), OK]);
    await expect(limited.session.send(request)).rejects.toEqual(refused);
    expect(limited.sent).toHaveLength(1);
    expect(limited.session.mayHaveHappened).toBe(false);
  });

  it('that has left is not stopped', async () => {
    const setting = open([() => (setting.cancel.abort(), OK)]);
    expect(await setting.session.send(WRITE)).toEqual({ data: [] });
  });
});

describe('a no', () => {
  it('that is final is told as it came, after one attempt', async () => {
    const body = { error: 'Bad Request', message: 'already banned' };
    const { session, sent } = open([answer(400, body)]);
    await expect(session.send(WRITE)).rejects.toEqual(
      fail('REFUSED', {
        message: 'Twitch answered 400: already banned',
        details: expect.objectContaining({
          platformStatus: 400,
          platformCode: 'Bad Request',
        }) as object,
      }),
    );
    expect(sent).toHaveLength(1);
    expect(session.mayHaveHappened).toBe(false);
  });

  it('that quotes our token does not carry it on', async () => {
    const { session } = open([answer(400, { message: 'bad header: Bearer old-token!' })]);
    await expect(session.send(WRITE)).rejects.toThrow('bad header: Bearer [redacted]!');
  });

  it.each([
    ['a connection that was refused', UNSENT],
    ['a 429', answer(429, {}, NOW)],
    ['a 503 with a wait', answer(503, {}, NOW)],
  ])('that surely did nothing is repeated: %s', async (_name, refusal) => {
    const { session, sent } = open([refusal, refusal, OK]);
    expect(await session.send(WRITE)).toEqual({ data: [] });
    expect(sent).toHaveLength(3);
    expect(session.attempts).toBe(refusal.kind === 'unsent' ? 1 : 3);
  });

  it('is repeated no more often than allowed', async () => {
    const { session, sent } = open([answer(429, {}, NOW)], { maxRetries: 2 });
    await expect(session.send(WRITE)).rejects.toEqual(fail('RATE_LIMITED'));
    expect(sent).toHaveLength(3);
    expect(session.mayHaveHappened).toBe(false);
  });

  it('is not waited out when that takes longer than there is time', async () => {
    const { session, sent } = open([answer(429, {}, { 'retry-after': '30' })], { leftMs: 5_000 });
    await expect(session.send(WRITE)).rejects.toEqual(
      fail('RATE_LIMITED', {
        details: expect.objectContaining({ retryAfterMs: 30_000 }) as object,
      }),
    );
    expect(sent).toHaveLength(1);
  });

  it('lets the caller cancel the wait for the repeat', async () => {
    const { session, sent, cancel } = open([answer(429, {}, { 'retry-after': '30' })]);
    const sending = session.send(WRITE);
    await eventually(
      () => sent.length,
      (length) => length === 1,
    );
    cancel.abort();
    await expect(sending).rejects.toEqual(fail('CANCELLED'));
    expect(sent).toHaveLength(1);
  });
});

describe('an attempt in doubt', () => {
  const doubtful: readonly [name: string, delivery: Delivery][] = [
    ['no answer', UNANSWERED],
    ['a 500', answer(500)],
    ['a 503 without a wait', answer(503)],
  ];

  it.each(doubtful)('is not repeated: %s', async (_name, delivery) => {
    const { session, sent } = open([delivery, OK]);
    await expect(session.send(WRITE)).rejects.toEqual(fail('OUTCOME_UNKNOWN'));
    expect(sent).toHaveLength(1);
    expect(session.mayHaveHappened).toBe(true);
  });

  it.each(doubtful)('is repeated where twice is the same as once: %s', async (_name, delivery) => {
    const { session, sent } = open([delivery, OK], { action: { repeatable: true } });
    expect(await session.send(WRITE)).toEqual({ data: [] });
    expect(sent).toHaveLength(2);
  });

  it('stays in doubt when the repeat is refused, for that may be the echo of a first yes', async () => {
    const { session } = open([UNANSWERED, answer(400, { message: 'already so' })], {
      action: { repeatable: true },
    });
    await expect(session.send(WRITE)).rejects.toEqual(
      fail('OUTCOME_UNKNOWN', {
        message: 'Twitch answered 400: already so; an earlier attempt had no clear answer',
      }),
    );
  });

  it('is a yes when the refusal of the repeat proves it', async () => {
    const { session } = open([UNANSWERED, answer(400, { message: 'already so' })], {
      action: { repeatable: true, alreadyDone: ({ message }) => message.endsWith('already so') },
    });
    expect(await session.send(WRITE)).toBeUndefined();
    expect(session.mayHaveHappened).toBe(true);
  });

  it('proves nothing when it was the first attempt that was refused', async () => {
    const { session } = open([answer(400, { message: 'already so' })], {
      action: { repeatable: true, alreadyDone: () => true },
    });
    await expect(session.send(WRITE)).rejects.toEqual(fail('REFUSED'));
  });

  it('stays in doubt when the platform goes away for good', async () => {
    const { session, sent } = open([UNANSWERED, UNSENT], {
      action: { repeatable: true },
      maxRetries: 2,
    });
    await expect(session.send(WRITE)).rejects.toEqual(fail('OUTCOME_UNKNOWN'));
    expect(sent).toHaveLength(3);
  });

  it('is none for a read, which is repeated', async () => {
    const { session, sent } = open([UNANSWERED, answer(500), OK]);
    expect(await session.send(READ)).toEqual({ data: [] });
    expect(sent).toHaveLength(3);
    expect(session.mayHaveHappened).toBe(false);
  });

  it('is none for a read that never works', async () => {
    const { session } = open([answer(500)]);
    await expect(session.send(READ)).rejects.toEqual(fail('PLATFORM_DOWN'));
    expect(session.mayHaveHappened).toBe(false);
  });
});

describe('an answer that is no JSON', () => {
  it('leaves the outcome of a write unknown', async () => {
    const { session, sent } = open([answer(200, '<h1>hello</h1>')]);
    await expect(session.send(WRITE)).rejects.toEqual(
      fail('UNREADABLE_ANSWER', {
        message: 'Twitch answered 200 with something that is not a JSON object',
      }),
    );
    expect(sent).toHaveLength(1);
    expect(session.mayHaveHappened).toBe(true);
  });

  it('leaves nothing unknown for a read before any write', async () => {
    const { session } = open([answer(200, '<h1>hello</h1>')]);
    await expect(session.send(READ)).rejects.toEqual(fail('PLATFORM_DOWN'));
    expect(session.mayHaveHappened).toBe(false);
  });
});

describe('a 401', () => {
  it('is met once with a fresh token', async () => {
    const { session, sent, countRefreshes } = open([answer(401), OK]);
    expect(await session.send(WRITE)).toEqual({ data: [] });
    expect(sent.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer old-token',
      'Bearer new-token',
    ]);
    expect(countRefreshes()).toBe(1);
  });

  it('is met once for all calls of a script', async () => {
    const { session, countRefreshes } = open([answer(401), OK, answer(401)]);
    await session.send(READ);
    await expect(session.send(WRITE)).rejects.toEqual(fail('REFUSED'));
    expect(countRefreshes()).toBe(1);
  });

  it('asks for a person when the token cannot be renewed', async () => {
    const { session, sent } = open([answer(401)], { renewable: false });
    await expect(session.send(WRITE)).rejects.toEqual(fail('RECONNECT_ACCOUNT'));
    expect(sent).toHaveLength(1);
    expect(session.mayHaveHappened).toBe(false);
  });

  it('tells why the token was not renewed', async () => {
    const { session } = open([answer(401)], {
      meanwhile: () => {
        throw new ActionFailure('PLATFORM_DOWN', 'away');
      },
    });
    await expect(session.send(WRITE)).rejects.toEqual(fail('PLATFORM_DOWN', { message: 'away' }));
    expect(session.mayHaveHappened).toBe(false);
  });

  it('lets the caller cancel while the token is renewed, since nothing happened', async () => {
    const setting = open([answer(401), OK], { meanwhile: () => setting.cancel.abort() });
    await expect(setting.session.send(WRITE)).rejects.toEqual(fail('CANCELLED'));
    expect(setting.sent).toHaveLength(1);
  });

  it('lets the time of the caller end while the token is renewed', async () => {
    let isOnItsWay: boolean | undefined;
    const setting = open([answer(401), OK], {
      meanwhile: () => {
        isOnItsWay = setting.deadline.close();
      },
    });
    await expect(setting.session.send(WRITE)).rejects.toEqual(fail('DEADLINE_TOO_SHORT'));
    expect(isOnItsWay).toBe(false);
    expect(setting.sent).toHaveLength(1);
  });
});

/** Limits of which all points but some are spent. */
async function leave(points: number): Promise<Limits> {
  const limits = makeLimits();
  const time = { leftMs: () => 0, race: <T>(work: Promise<T>) => work };
  const spent = POINTS.map((limit) => ({ ...limit, cost: 800 - points }));
  await limits.pay({ limits: spent, priority: 'NORMAL', time });
  return limits;
}

describe('what a request counts against', () => {
  it('is paid before every attempt, and the limits of the action with the first', async () => {
    const limits = makeLimits();
    const pay = vi.spyOn(limits, 'pay');
    const { session } = open([OK, answer(401), answer(429, {}, NOW), OK], { limits });
    await session.send(READ);
    await session.send(WRITE);
    expect(pay.mock.calls.map(([{ limits: paid }]) => paid)).toEqual([
      [...POINTS, ...OWN_LIMITS],
      POINTS,
      POINTS,
      POINTS,
    ]);
  });

  it('has its price once, and again when the action is sent again', async () => {
    const limitRequest = vi.spyOn(twitch, 'limitRequest');
    const { session } = open([OK, answer(429, {}, NOW), OK], { action: { cost: 50 } });
    await session.send(READ);
    await session.send(WRITE);
    expect(limitRequest.mock.calls.map(([, , price]) => price)).toEqual([50, 1, 50]);
  });

  it('is given back when nothing leaves', async () => {
    const limits = makeLimits();
    const giveBack = vi.spyOn(limits, 'giveBack');
    const failing = open([OK], {
      limits,
      begin: () => Promise.reject(new ActionFailure('IN_PROGRESS', 'key taken')),
    });
    await expect(failing.session.send(WRITE)).rejects.toEqual(fail('IN_PROGRESS'));
    await expect(open([OK], { limits, leftMs: 0 }).session.send(READ)).rejects.toEqual(
      fail('DEADLINE_TOO_SHORT'),
    );
    await open([UNSENT, OK], { limits }).session.send(WRITE);
    await vi.waitFor(() => expect(giveBack).toHaveBeenCalledTimes(3));
    expect(failing.sent).toEqual([]);
  });

  it('hears what answers say of it, and that a request left without one', async () => {
    const limits = makeLimits();
    const learn = vi.spyOn(limits, 'learn');
    const headers = {
      date: new Date().toUTCString(),
      'ratelimit-limit': '800',
      'ratelimit-remaining': '799',
      'ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 30),
    };
    const { session } = open([UNSENT, answer(200, {}, headers), UNANSWERED, OK], { limits });
    await session.send(READ);
    await session.send(READ);
    const kinds = learn.mock.calls.map(([, news]) => news.map(({ kind }) => kind));
    expect(kinds).toEqual([['standing'], [], ['silent']]);
  });

  it('is refused when no limit leaves time for it, and nothing is begun', async () => {
    const { session, sent, begin } = open([OK], { limits: await leave(0), leftMs: 5_000 });
    await expect(session.send(WRITE)).rejects.toEqual(fail('RATE_LIMITED'));
    expect(begin).not.toHaveBeenCalled();
    expect(sent).toEqual([]);
  });

  it('is waited for no longer than the caller waits', async () => {
    const limits = await leave(0);
    const giveBack = vi.spyOn(limits, 'giveBack');
    const { session, sent, begin, cancel } = open([OK], { limits, leftMs: 120_000 });
    const sending = session.send(WRITE);
    cancel.abort();
    await expect(sending).rejects.toEqual(fail('CANCELLED'));
    await vi.waitFor(() => expect(giveBack).toHaveBeenCalledTimes(1));
    expect(begin).not.toHaveBeenCalled();
    expect(sent).toEqual([]);
  });
});

describe('the beginning', () => {
  it('is committed once, right before the first request leaves', async () => {
    const setting = open([OK], {
      begin: async () => {
        expect(setting.sent).toEqual([]);
      },
    });
    await setting.session.send(READ);
    await setting.session.send(WRITE);
    expect(setting.begin).toHaveBeenCalledTimes(1);
  });

  it('that fails is not tried again by a script that goes on', async () => {
    const { session, sent, begin } = open([OK], {
      begin: () => Promise.reject(new ActionFailure('GATEWAY_UNAVAILABLE', 'away')),
    });
    await expect(session.send(READ)).rejects.toEqual(fail('GATEWAY_UNAVAILABLE'));
    await expect(session.send(WRITE)).rejects.toEqual(fail('GATEWAY_UNAVAILABLE'));
    expect(begin).toHaveBeenCalledTimes(1);
    expect(sent).toEqual([]);
  });
});

describe('a script', () => {
  it('is refused a further call that no limit leaves time for', async () => {
    const { session, sent } = open([OK], { limits: await leave(1), leftMs: 5_000 });
    await session.send(READ);
    await expect(session.send(READ)).rejects.toEqual(fail('RATE_LIMITED'));
    expect(sent).toHaveLength(1);
  });

  it('that has written is in doubt, and not refused, when it cannot pay for a later call', async () => {
    const { session, sent } = open([OK], { limits: await leave(1), leftMs: 5_000 });
    await session.send(WRITE);
    await expect(session.send(READ)).rejects.toEqual(fail('OUTCOME_UNKNOWN'));
    expect(sent).toHaveLength(1);
  });

  it('that has written is in doubt when its token cannot be renewed for a later call', async () => {
    const { session } = open([OK, answer(401)], {
      meanwhile: () => {
        throw new ActionFailure('PLATFORM_DOWN', 'away');
      },
    });
    await session.send(WRITE);
    await expect(session.send(READ)).rejects.toEqual(fail('OUTCOME_UNKNOWN'));
  });

  it('that may have written stays in doubt when the repeat cannot be paid for', async () => {
    const { session, sent } = open([UNANSWERED], {
      action: { repeatable: true },
      limits: await leave(1),
      leftMs: 5_000,
    });
    await expect(session.send(WRITE)).rejects.toEqual(fail('OUTCOME_UNKNOWN'));
    expect(sent).toHaveLength(1);
  });

  it('that has written leaves its outcome in doubt when a later call fails', async () => {
    const { session } = open([OK, answer(404)]);
    await session.send(WRITE);
    await expect(session.send(READ)).rejects.toEqual(fail('OUTCOME_UNKNOWN'));
  });

  it('waits as long as there is time, and knows at once when there is not', async () => {
    const { session } = open([OK], { leftMs: 5_000 });
    expect(await session.wait(1)).toBe(true);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    // On a clock that stands still, nothing that waits would ever answer.
    expect(await session.wait(5_000)).toBe(false);
    vi.useRealTimers();
  });
});

describe('a platform that is out of order', () => {
  const DOWN = { maxRetries: 0 };

  /** Sends until the breaker has seen enough. */
  async function breakIt(breakers: Breakers, delivery: Delivery): Promise<void> {
    for (let n = 0; n < 20; n += 1)
      await open([delivery], { ...DOWN, breakers })
        .session.send(WRITE)
        .catch(() => undefined);
  }

  it.each([
    ['that cannot be reached', UNSENT],
    ['that does not answer', UNANSWERED],
    ['that answers 500', answer(500)],
  ])('%s is left alone, and whoever comes is told when to try again', async (_name, delivery) => {
    const breakers = new Breakers();
    await breakIt(breakers, delivery);
    const { session, sent } = open([OK], { breakers });
    const refusal: unknown = await session.send(WRITE).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'PLATFORM_DOWN' });
    const { retryAfterMs } = (refusal as ActionFailure).details;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(5_000);
    expect(sent).toEqual([]);
    expect(session.mayHaveHappened).toBe(false);
  });

  it('is tried again after a while, and is back as soon as one request succeeds', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    try {
      const breakers = new Breakers();
      await breakIt(breakers, UNSENT);
      vi.advanceTimersByTime(5_001);
      expect(await open([OK], { breakers }).session.send(WRITE)).toEqual({ data: [] });
      expect(await open([OK], { breakers }).session.send(WRITE)).toEqual({ data: [] });
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not one that says no, however often', async () => {
    const breakers = new Breakers();
    await breakIt(breakers, answer(429, {}, NOW));
    await breakIt(breakers, answer(404));
    expect(await open([OK], { breakers }).session.send(WRITE)).toEqual({ data: [] });
  });

  it('holds nothing back that goes without an account, and begins nothing that it holds back', async () => {
    const breakers = new Breakers();
    await breakIt(breakers, answer(500));
    let begun = 0;
    const held = open([OK], { breakers, begin: async () => void (begun += 1) });
    await expect(held.session.send(WRITE)).rejects.toEqual(fail('PLATFORM_DOWN'));
    expect(begun).toBe(0);
    const free = { ...WRITE, withoutCredentials: true };
    expect(await open([OK], { breakers }).session.send(free)).toEqual({ data: [] });
  });
});

/** A file of so many bytes, in blocks of a mebibyte. */
function makeFile(bytes: number, size?: number): FileStream {
  let left = bytes;
  return {
    type: 'video/mp4',
    size,
    async read() {
      if (left === 0) return undefined;
      const block = new Uint8Array(Math.min(left, 1_048_576)).fill(7);
      left -= block.length;
      return block;
    },
    close: () => undefined,
  };
}

const ID = 'a-secret/that+gives=the&right';
const SESSION = `https://elsewhere.example/upload/it?upload_id=${encodeURIComponent(ID)}`;
const UPLOAD: Upload = {
  session: { method: 'POST', path: '/upload/it', query: { part: 'a' }, body: { b: 2 } },
  url: undefined,
  maxBytes: 50_000_000,
  types: /^video\//,
  typesMean: 'a video',
};
const OPENED = answer(200, undefined, { location: SESSION });
const PIECE = 8_388_608;
const held = (bytes: number): Delivery =>
  answer(308, undefined, bytes > 0 ? { range: `bytes=0-${bytes - 1}` } : {});
const ranges = (sent: readonly WireRequest[]): (string | undefined)[] =>
  sent.slice(1).map(({ headers }) => headers['content-range']);

describe('an upload', () => {
  it('goes to our own host, whatever host the platform names', async () => {
    const { session, sent } = open([OPENED, answer(201, { id: 'v' })], { file: makeFile(9, 9) });
    expect(await session.upload(UPLOAD)).toEqual({ id: 'v' });
    expect(sent).toMatchObject([
      {
        method: 'POST',
        url: 'https://api.example/helix/upload/it?part=a',
        headers: { 'x-upload-content-type': 'video/mp4', 'x-upload-content-length': '9' },
      },
      {
        method: 'PUT',
        url: `https://api.example/helix/upload/it?upload_id=${encodeURIComponent(ID)}`,
        headers: { authorization: 'Bearer old-token', 'content-type': 'video/mp4' },
      },
    ]);
    expect(Buffer.from(sent[1]?.body as Uint8Array)).toEqual(Buffer.alloc(9, 7));
    expect(session.mayHaveHappened).toBe(true);
    expect(session.attempts).toBe(2);
  });

  it('whose session is quoted back does not carry it on', async () => {
    const body = { message: `no such session ${ID} ${encodeURIComponent(ID)}` };
    const { session } = open([OPENED, answer(400, body)], { file: makeFile(9) });
    await expect(session.upload(UPLOAD)).rejects.toEqual(
      fail('REFUSED', { message: 'Twitch answered 400: no such session [redacted] [redacted]' }),
    );
    expect(session.mayHaveHappened).toBe(false);
  });

  it('is not begun without the lease of the replica', async () => {
    const { session, sent } = open([OPENED], { file: makeFile(9), isLeaseHeld: false });
    await expect(session.upload(UPLOAD)).rejects.toEqual(fail('GATEWAY_UNAVAILABLE'));
    expect(sent).toEqual([]);
  });

  it('of too long a file is given up before its last piece', async () => {
    const { session, sent } = open([OPENED, held(PIECE)], { file: makeFile(12_000_000) });
    await expect(session.upload({ ...UPLOAD, maxBytes: 10_000_000 })).rejects.toEqual(
      fail('INVALID_INPUT', { message: 'file: must have at most 10000000 bytes, and has more' }),
    );
    expect(ranges(sent)).toEqual([`bytes 0-${PIECE - 1}/*`]);
    expect(session.mayHaveHappened).toBe(false);
  });

  it('meets a token that ended once for each piece that got through', async () => {
    const no = answer(401);
    const twice = open([no, OPENED, no], { file: makeFile(9) });
    await expect(twice.session.upload(UPLOAD)).rejects.toEqual(fail('REFUSED'));
    expect(twice.countRefreshes()).toBe(1);
    const later = open([no, OPENED, held(PIECE), no, answer(200, { id: 'v' })], {
      file: makeFile(PIECE + 1),
    });
    expect(await later.session.upload(UPLOAD)).toEqual({ id: 'v' });
    expect(later.countRefreshes()).toBe(2);
  });

  it('is given up when the platform takes nothing more', async () => {
    const { session, sent } = open([OPENED, held(0)], { file: makeFile(9), maxRetries: 2 });
    await expect(session.upload(UPLOAD)).rejects.toEqual(fail('PLATFORM_DOWN'));
    expect(ranges(sent)).toEqual([
      'bytes 0-8/9',
      'bytes */9',
      'bytes 0-8/9',
      'bytes */9',
      'bytes 0-8/9',
    ]);
    expect(session.mayHaveHappened).toBe(false);
  });

  it('that is whole and never finished is in doubt, and sent once', async () => {
    const { session, sent } = open([OPENED, held(9)], { file: makeFile(9), maxRetries: 2 });
    await expect(session.upload(UPLOAD)).rejects.toEqual(fail('OUTCOME_UNKNOWN'));
    expect(ranges(sent).filter((range) => range === 'bytes 0-8/9')).toHaveLength(1);
    expect(session.mayHaveHappened).toBe(true);
  });

  it('can be cancelled until its last piece has left, and not after', async () => {
    const early = open([OPENED, () => (early.cancel.abort(), held(PIECE))], {
      file: makeFile(PIECE + 1),
    });
    await expect(early.session.upload(UPLOAD)).rejects.toEqual(fail('CANCELLED'));
    expect(early.session.mayHaveHappened).toBe(false);
    const late = open([OPENED, () => (late.cancel.abort(), answer(200, { id: 'v' }))], {
      file: makeFile(9),
    });
    expect(await late.session.upload(UPLOAD)).toEqual({ id: 'v' });
  });

  it('that is cancelled while in doubt is settled first', async () => {
    const setting = open([OPENED, () => (setting.cancel.abort(), UNANSWERED), held(3)], {
      file: makeFile(9),
    });
    await expect(setting.session.upload(UPLOAD)).rejects.toEqual(fail('CANCELLED'));
    expect(ranges(setting.sent)).toEqual(['bytes 0-8/9', 'bytes */9']);
    expect(setting.session.mayHaveHappened).toBe(false);
  });

  it.each([
    ['no address', answer(200)],
    ['an address that is none', answer(200, undefined, { location: 'http://[' })],
  ])('without a session has done nothing: %s', async (_name, begun) => {
    const { session } = open([begun], { file: makeFile(9) });
    await expect(session.upload(UPLOAD)).rejects.toEqual(fail('PLATFORM_DOWN'));
    expect(session.mayHaveHappened).toBe(false);
  });
});

describe('an action that tells of its parts', () => {
  it('goes on after a part in doubt, which says nothing about the next', async () => {
    const { session } = open([answer(500), answer(400, { message: 'no' }), OK]);
    session.beginPart({ done: 0 }, { tried: 0, total: 3 });
    await expect(session.send(WRITE)).rejects.toEqual(fail('OUTCOME_UNKNOWN'));
    session.beginPart({ done: 0 }, { tried: 0, total: 3 });
    await expect(session.send(WRITE)).rejects.toEqual(
      fail('OUTCOME_UNKNOWN', {
        details: expect.objectContaining({ refusedStep: fail('REFUSED') as object }) as object,
      }),
    );
    session.beginPart({ done: 0 }, { tried: 0, total: 3 });
    expect(await session.send(WRITE)).toEqual({ data: [] });
    expect(session.mayHaveHappened).toBe(true);
    expect(session.partialResult).toEqual({ done: 0 });
  });

  it('keeps a record, and does not claim that nothing happened where it cannot be kept', async () => {
    const asked: unknown[] = [];
    const records = {
      change: async (owner: unknown, name: string, change: (now?: string) => string) => {
        asked.push([owner, name]);
        if (asked.length > 1) throw new ActionFailure('GATEWAY_UNAVAILABLE', 'nothing was sent');
        return change('one');
      },
    } as unknown as AccountRecords;
    const { session } = open([OK], { records });
    expect(await session.changeRecord('name', (now) => `${now} two`)).toBe('one two');
    expect(asked).toEqual([[{ platform: 'twitch', accountId: '1001' }, 'name']]);
    await session.send(WRITE);
    await expect(session.changeRecord('name', (now) => now)).rejects.toEqual(
      fail('OUTCOME_UNKNOWN'),
    );
  });
});

describe('what is kept between actions', () => {
  it('belongs to the account on its platform', async () => {
    const asked: unknown[] = [];
    const note =
      (call: string) =>
      async (...given: unknown[]): Promise<string> => {
        asked.push([call, ...given]);
        return 'value';
      };
    const memory = {
      recall: note('recall'),
      remember: note('remember'),
      forget: note('forget'),
    } as unknown as AccountMemory;
    const { session } = open([], { memory });
    expect(await session.recall('name')).toBe('value');
    await session.remember('name', 'value', 5);
    await session.forget('name');
    const owner = { platform: 'twitch', accountId: '1001' };
    expect(asked).toEqual([
      ['recall', owner, 'name'],
      ['remember', owner, 'name', 'value', 5],
      ['forget', owner, 'name'],
    ]);
  });

  it('is not waited for longer than the caller waits', async () => {
    const memory = { recall: () => new Promise(() => undefined) } as unknown as AccountMemory;
    const { session } = open([], { memory, leftMs: 20 });
    await expect(session.recall('name')).rejects.toEqual(fail('DEADLINE_TOO_SHORT'));
  });
});
