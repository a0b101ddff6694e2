// Real: the entrance. Fake: the tokens, of which one is right.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallerTokens } from '../../src/callers/caller-tokens.js';
import { Entrance, type Visitor } from '../../src/gateway/entrance.js';
import { DoorRefusal, refuse } from '../../src/actions/door-refusal.js';
import { makeCaller } from '../support/callers.js';

const CALLER = makeCaller({ id: 'router' });

function open(more: { most?: number; trustedProxies?: readonly string[] } = {}): {
  knock(visitor: Partial<Visitor>): string;
  entrance: Entrance;
  read: ReturnType<typeof vi.fn>;
} {
  const read = vi.fn<(authorization: unknown) => typeof CALLER>((authorization) => {
    if (authorization === 'right') return CALLER;
    throw refuse.unauthenticated('Invalid or expired token');
  });
  const { most = 3, trustedProxies = [] } = more;
  const entrance = new Entrance({ read } as unknown as CallerTokens, {
    FAILED_LOGINS_PER_MINUTE: most,
    trustedProxies,
  });
  const knock = (visitor: Partial<Visitor>): string => {
    try {
      return entrance.enter({}, () => ({
        authorization: 'wrong',
        peer: '198.51.100.1',
        ...visitor,
      })).id;
    } catch (error) {
      return (error as DoorRefusal).grpc;
    }
  };
  return { knock, entrance, read };
}

const welcome = (): Visitor => ({ authorization: 'right', peer: '198.51.100.1' });
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

  it('is let in by a right token all the same', () => {
    const { knock } = open();
    times(5, () => knock({}));
    expect(knock({ authorization: 'right' })).toBe('router');
  });

  it('hears how long to wait', () => {
    const { knock, entrance } = open();
    times(3, () => knock({}));
    vi.advanceTimersByTime(20_000);
    const refused = (): unknown =>
      entrance.enter({}, () => ({ authorization: '', peer: '198.51.100.1' }));
    expect(refused).toThrow(expect.objectContaining({ http: 429, retryAfterMs: 40_000 }) as Error);
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
      return knock({ peer: `2001:db8::${last.toString(16)}` });
    };
    times(10_000, another);
    // From here on they are one.
    expect(times(3, another)).toEqual([WRONG, WRONG, WAIT]);
  });
});

it('a call that has come in is not read again', () => {
  const { entrance, read } = open();
  const call = {};
  expect([entrance.enter(call, welcome), entrance.enter(call, welcome)]).toEqual([CALLER, CALLER]);
  expect(read).toHaveBeenCalledTimes(1);
});
