// Real: the count of wrong credentials, and the authentication. Fake: the tokens, of which one is right.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallerTokens } from '../../src/callers/caller-tokens.js';
import type { Sessions } from '../../src/callers/sessions.js';
import type { SessionCookies } from '../../src/doors/session-cookies.js';
import { CallerAuthentication } from '../../src/doors/caller-authentication.js';
import { type DoorRefusal, refuse, WrongKeyRefusal } from '../../src/actions/door-refusal.js';
import { type CredentialAttempt, WrongCredentials } from '../../src/doors/wrong-credentials.js';
import { makeCaller } from '../support/callers.js';
import type { Caller } from '../../src/callers/caller.js';

const CALLER = makeCaller({ id: 'router' });

function open({ most = 3, trustedProxies = [] as readonly string[] } = {}): {
  knock(attempt: Partial<CredentialAttempt>, refusal?: DoorRefusal): string;
  judge(attempt: Partial<CredentialAttempt>, refusal?: DoorRefusal): DoorRefusal;
} {
  const wrong = new WrongCredentials({ FAILED_LOGINS_PER_MINUTE: most, trustedProxies });
  const judge = (
    attempt: Partial<CredentialAttempt>,
    refusal: DoorRefusal = refuse.unauthenticated('Invalid or expired token'),
  ): DoorRefusal =>
    wrong.count(refusal, () => ({
      authorization: 'wrong',
      peer: '198.51.100.1',
      door: '/api/v1/catalog',
      ...attempt,
    }));
  return { judge, knock: (attempt, refusal) => judge(attempt, refusal).grpc };
}

const times = <T>(count: number, work: () => T): T[] => Array.from({ length: count }, work);
const [WRONG, WAIT] = ['UNAUTHENTICATED', 'RESOURCE_EXHAUSTED'];

beforeEach(() => vi.useFakeTimers({ now: 60_000_000 }));
afterEach(() => vi.useRealTimers());

describe('an address that fails too often', () => {
  it('is told to wait until the minute is over, and no other address is', () => {
    const { knock } = open();
    expect(times(5, () => knock({}))).toEqual([WRONG, WRONG, WRONG, WAIT, WAIT]);
    expect(knock({ peer: '198.51.100.2' })).toBe(WRONG);
    vi.advanceTimersByTime(60_000);
    expect(knock({})).toBe(WRONG);
  });

  it('counts at every door together, with keys that are answered with 403', () => {
    const { knock } = open();
    times(3, () => knock({ door: '/a' }));
    expect(knock({ door: '/b' }, new WrongKeyRefusal('Invalid internal API key'))).toBe(WAIT);
  });

  it('is refused for nothing else', () => {
    const { knock } = open();
    times(5, () => knock({}));
    expect(knock({}, refuse.forbidden('lacks a permission'))).toBe('PERMISSION_DENIED');
    expect(knock({}, refuse.malformed('no JSON'))).toBe('INVALID_ARGUMENT');
  });

  it('hears how long to wait', () => {
    const { judge } = open();
    times(3, () => judge({}));
    vi.advanceTimersByTime(20_000);
    expect(judge({})).toMatchObject({ http: 429, retryAfterMs: 40_000 });
  });

  it('is never told so where no limit is set', () => {
    const { knock } = open({ most: 0 });
    expect(new Set(times(50, () => knock({})))).toEqual(new Set([WRONG]));
  });

  it('cannot hide behind a name it gives itself', () => {
    const { knock } = open({ trustedProxies: ['10.0.0.0/8'] });
    let last = 0;
    const hide = (): string => knock({ forwardedFor: `203.0.113.${(last += 1)}` });
    expect(times(4, hide).at(-1)).toBe(WAIT);
  });

  it('is the one that a trusted proxy names, and not the proxy', () => {
    const { knock } = open({ trustedProxies: ['10.0.0.0/8'] });
    const from = (forwardedFor: string): string => knock({ peer: '10.1.2.3', forwardedFor });
    // What stands before the last address that is not ours was written by the client.
    expect(times(4, () => from('192.0.2.1, 203.0.113.7')).at(-1)).toBe(WAIT);
    expect(from('192.0.2.1, 203.0.113.8')).toBe(WRONG);
  });

  it('takes no memory without end', () => {
    const { knock } = open({ most: 2 });
    let last = 0;
    const another = (): string => {
      last += 1;
      return knock({ peer: `2001:db8::${last.toString(16)}`, door: `/${last}` });
    };
    expect(new Set(times(5_000, another))).toEqual(new Set([WRONG]));
    // From here on they are one.
    expect(times(3, another).at(-1)).toBe(WAIT);
  });
});

describe('what is tried from many addresses', () => {
  const token = `x.${Buffer.from('{"sub":"dashboard"}').toString('base64url')}.x`;
  let last = 0;
  const elsewhere = (): string => `198.51.100.${(last += 1)}`;

  it.each([
    ['a token of one caller', { authorization: `Bearer ${token}` }],
    ['a key of one caller', { body: { service: 'dashboard', api_key: 'guess' } }],
    ['a secret of one client', { body: { client_id: 'dashboard', client_secret: 'guess' } }],
    ['the secret of one channel', { body: { channel_id: 'UC1', secret: 'guess' } }],
  ])('is limited as well: %s', (_name, attempt) => {
    const { knock } = open();
    const answers = times(5, () => knock({ ...attempt, peer: elsewhere() }));
    expect(answers).toEqual([WRONG, WRONG, WRONG, WAIT, WAIT]);
    expect(knock({ body: { service: 'another' }, peer: elsewhere() })).toBe(WRONG);
  });

  it('is limited for a door as a whole', () => {
    const { knock } = open();
    const answers = times(31, () => knock({ peer: elsewhere() }));
    expect([answers[29], answers[30]]).toEqual([WRONG, WAIT]);
    expect(knock({ peer: elsewhere(), door: '/another' })).toBe(WRONG);
  });
});

it('a call that has come in is not read again', () => {
  const read = vi.fn<() => Caller>(() => CALLER);
  const authentication = new CallerAuthentication(
    { read } as unknown as CallerTokens,
    {} as Sessions,
    {} as SessionCookies,
  );
  const call = {};
  const enter = (): Caller => authentication.authenticate(call, () => ({ authorization: 'right' }));
  expect([enter(), enter()]).toEqual([CALLER, CALLER]);
  expect(read).toHaveBeenCalledTimes(1);
});
