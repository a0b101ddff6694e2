// Real: what is decided about windows that a platform tells of. Fake: the platform, which counts as it
// says, and the clock.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LearnedLimit, Limit, LimitNews, WindowLimit } from '../../src/actions/limit.js';
import {
  type BucketState,
  describeState,
  Ledger,
  type Ticket,
} from '../../src/safeguards/buckets/ledger.js';
import { TakenAhead } from '../../src/safeguards/taken-ahead.js';
import { MemoryRows } from '../support/limits.js';

const FOREVER = Number.MAX_SAFE_INTEGER;

const bucket = (more: Partial<LearnedLimit> = {}): LearnedLimit => ({
  kind: 'learned',
  bucket: 'helix',
  assumed: { tokens: 2, windowMs: 1_000, isTold: true },
  ...more,
});

/** A bucket of a route, for one of its resources. */
const channel = (id: string): LearnedLimit =>
  bucket({
    bucket: `discord:bot:${id}:send`,
    assumed: { tokens: 1, windowMs: 1_000 },
    route: { name: 'discord:route:send', of: `discord:bot:${id}` },
  });

const standing = (
  limit: Limit,
  tokens: number,
  remaining: number,
  resetAfterMs: number,
  name?: string,
): LimitNews => ({
  bucket: limit.bucket,
  kind: 'standing',
  tokens,
  remaining,
  resetAfterMs,
  ...(name && { name }),
});

class Book {
  readonly rows = new MemoryRows();

  at(now: number): Ledger {
    return new Ledger(this.rows, now);
  }

  /** Reserves and gives the wait with the tickets. */
  ask(
    limit: Limit | readonly Limit[],
    now: number,
    more: { held?: readonly Ticket[]; leftMs?: number } = {},
  ) {
    const limits = Array.isArray(limit) ? (limit as readonly Limit[]) : [limit as Limit];
    return this.at(now).reserve({ limits, priority: 'NORMAL', leftMs: FOREVER, ...more });
  }

  view(row: string, now: number) {
    return describeState(this.rows.get(row) as BucketState, now);
  }
}

describe('a learned window', () => {
  it('takes as many as are assumed until an answer tells', () => {
    const book = new Book();
    const waits = [1, 2, 3].map(() => book.ask(bucket(), 0).waitMs);
    expect(waits).toEqual([0, 0, 1_040]);
  });

  it('gives no places away while nothing is told of it: everybody asks again', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000 } });
    expect([1, 2, 3, 4].map(() => book.ask(limit, 0).waitMs)).toEqual([0, 1_040, 1_040, 1_040]);
  });

  it('takes as many as the answer says, and opens when it says', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(30).learn(tickets, [standing(bucket(), 5, 4, 800)], 0);
    expect([1, 2, 3, 4].map(() => book.ask(bucket(), 50).waitMs)).toEqual([0, 0, 0, 0]);
    expect(book.ask(bucket(), 50).waitMs).toBe(782);
    expect(book.view('helix', 50)).toEqual({ limit: 5, used: 5, left: 0, resetInMs: 782 });
  });

  it('counts what others sent as well', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(30).learn(tickets, [standing(bucket(), 5, 0, 800)], 0);
    expect(book.ask(bucket(), 50).waitMs).toBe(782);
  });

  it('takes the tightest of the ends that answers tell, from when they came', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 3, windowMs: 1_000, isTold: true } });
    const taken = [1, 2, 3].map(() => book.ask(limit, 0).tickets);
    book.at(300).learn(taken[0] ?? [], [standing(limit, 3, 2, 1_000)], 0);
    book.at(310).learn(taken[1] ?? [], [standing(limit, 3, 1, 900)], 100);
    book.at(320).learn(taken[2] ?? [], [standing(limit, 3, 0, 990)], 0);
    expect(book.ask(limit, 500).waitMs).toBe(612);
  });

  it('gives whoever does not fit a place in the next one, and the next', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    expect([1, 2, 3, 4].map(() => book.ask(limit, 0).waitMs)).toEqual([0, 1_040, 2_080, 3_120]);
  });

  it('keeps the place of whoever asks again, and lets nobody pass', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    const first = book.ask(limit, 0);
    const second = book.ask(limit, 0);
    const third = book.ask(limit, 0);
    book.at(100).learn(first.tickets, [standing(limit, 1, 0, 1_500)], 0);
    // Foretold was 1040, but the answer says 1602.
    const again = book.ask(limit, 1_040, { held: second.tickets });
    expect(again.waitMs).toBe(562);
    expect(book.ask(limit, 1_602).waitMs).toBeGreaterThan(0);
    expect(book.ask(limit, 1_602, { held: again.tickets }).waitMs).toBe(0);
    expect(book.ask(limit, 1_700, { held: third.tickets }).waitMs).toBeGreaterThan(0);
  });

  it('waits for an answer that is late, and takes the window for over when none comes', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    book.ask(limit, 0);
    const { tickets, waitMs } = book.ask(limit, 5_000);
    expect(waitMs).toBeGreaterThan(0);
    expect(book.ask(limit, 11_000, { held: tickets }).waitMs).toBe(0);
  });

  it('ends for an answer that says nothing as it was assumed to', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    const { tickets } = book.ask(limit, 0);
    book.at(20).learn(tickets, [{ bucket: 'helix', kind: 'silent' }], 0);
    expect(book.ask(limit, 1_020).waitMs).toBe(0);
  });

  it('is closed for everybody when the platform says so', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(10).learn(tickets, [{ bucket: 'helix', kind: 'closed', forMs: 5_000 }], 0);
    expect(book.ask(bucket(), 1_500).waitMs).toBe(3_512);
    expect(book.ask(bucket(), 5_012).waitMs).toBe(0);
  });

  it('ignores an answer about a window that is over', () => {
    const book = new Book();
    const early = book.ask(bucket(), 0);
    book.at(10).learn(early.tickets, [standing(bucket(), 2, 1, 100)], 0);
    book.ask(bucket(), 200);
    book.at(210).learn(early.tickets, [standing(bucket(), 2, 0, 0)], 0);
    expect(book.ask(bucket(), 220).waitMs).toBe(0);
    expect(book.ask(bucket(), 220).waitMs).toBeGreaterThan(0);
  });

  it('has not begun when what was taken of it is given back', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    const { tickets } = book.ask(limit, 0);
    book.at(5).giveBack(tickets);
    expect(book.ask(limit, 10).waitMs).toBe(0);
  });

  it('loses places that nobody comes for', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    const { tickets } = book.ask(limit, 0);
    book.ask(limit, 0);
    book.at(10).learn(tickets, [standing(limit, 1, 0, 990)], 0);
    const waiting = book.ask(limit, 1_100);
    expect(waiting.waitMs).toBeGreaterThan(0);
    expect(book.ask(limit, 6_100, { held: waiting.tickets }).waitMs).toBe(0);
  });

  it('counts who leaves in its last moments in the next one as well', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(10).learn(tickets, [standing(bucket(), 2, 1, 990)], 0);
    expect(book.ask(bucket(), 950).waitMs).toBe(0);
    expect(book.ask(bucket(), 1_010).waitMs).toBe(0);
    expect(book.ask(bucket(), 1_010).waitMs).toBeGreaterThan(0);
  });

  it('refuses who cannot wait, with the time that is foretold', () => {
    const book = new Book();
    book.ask(bucket({ cost: 2 }), 0);
    expect(() => book.ask(bucket(), 0, { leftMs: 1_000 })).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfterMs: 1_040 } }),
    );
  });
});

describe('tokens that are taken ahead', () => {
  const limit = bucket({ assumed: { tokens: 100, windowMs: 60_000 } });
  /** A window of a hundred, of which one request went and told so. */
  const begin = (): Book => {
    const book = new Book();
    const { tickets } = book.ask(limit, 0);
    book.at(50).learn(tickets, [standing(limit, 100, 99, 60_000)], 0);
    return book;
  };

  it('count as if they had gone, and are a part of what is left', () => {
    const book = begin();
    expect(book.at(100).takeAhead(limit, 7)).toMatchObject({ mark: { cost: 7, at: 100 } });
    expect(book.view('helix', 100)).toMatchObject({ used: 8 });
    expect(book.at(100).takeAhead(limit, 90)?.mark.cost).toBe(11);
  });

  it('go back as others do', () => {
    const book = begin();
    const lease = book.at(100).takeAhead(limit, 7);
    if (!lease) throw new Error('nothing was taken');
    book.at(900).giveBack([{ ...lease, mark: { ...lease.mark, cost: 5 } }]);
    expect(book.view('helix', 900)).toMatchObject({ used: 3 });
  });

  it('are of a window that surely goes on while they are used', () => {
    const book = begin();
    expect(book.at(59_000).takeAhead(limit, 1)?.lastsMs).toBe(60_000 - 2 - 250 - 59_000);
    expect(book.at(59_800).takeAhead(limit, 1)).toBeUndefined();
    expect(new Book().at(0).takeAhead(limit, 1)).toBeUndefined();
  });

  it('are none where nothing is left for others, and nothing changes then', () => {
    const book = begin();
    while (book.ask(limit, 200).waitMs === 0);
    const before = book.rows.get('helix');
    expect(book.at(300).takeAhead(limit, 5)?.mark.cost).toBe(0);
    expect(book.rows.get('helix')).toBe(before);
  });

  it('are as many as were asked for lately, and none for whoever comes alone', () => {
    let now = 0;
    const ahead = new TakenAhead(
      () => undefined,
      () => now,
    );
    expect(ahead.spend([limit])).toEqual([]);
    expect(ahead.countWanted('helix')).toBeUndefined();
    for (let n = 0; n < 9; n += 1) ahead.spend([limit]);
    expect(ahead.countWanted('helix')).toBe(10);
    now = 1_500;
    ahead.spend([limit]);
    expect(ahead.countWanted('helix')).toBe(10);
    now = 5_000;
    expect(ahead.countWanted('helix')).toBeUndefined();
  });

  it('are used up, for no longer than a second, and then go back', () => {
    let now = 0;
    const ahead = new TakenAhead(
      () => undefined,
      () => now,
    );
    const book = begin();
    for (let n = 0; n < 3; n += 1) ahead.spend([limit]);
    const take = (): void => {
      const lease = book.at(now).takeAhead(limit, ahead.countWanted('helix') ?? 0);
      if (lease) ahead.hold(lease, now);
    };
    take();
    const spent = [1, 2, 3, 4].map(() => ahead.spend([limit]).length);
    expect(spent).toEqual([1, 1, 1, 0]);
    take();
    now = 1_001;
    expect(ahead.spend([limit])).toEqual([]);
    take();
    expect(ahead.spend([limit])).toHaveLength(1);
    ahead.drop('helix');
    expect(ahead.spend([limit])).toEqual([]);
  });
});

describe('a route', () => {
  const HASH = 'a1b2';

  it('tells what holds for resources that nobody has met', () => {
    const book = new Book();
    const { tickets } = book.ask(channel('7'), 0);
    expect(book.ask(channel('8'), 0).waitMs).toBe(0);
    expect(book.ask(channel('8'), 0).waitMs).toBe(1_040);
    book.at(20).learn(tickets, [standing(channel('7'), 5, 4, 5_000, HASH)], 0);
    expect([1, 2, 3, 4, 5, 6].map(() => book.ask(channel('9'), 30).waitMs)).toEqual([
      0, 0, 0, 0, 0, 5_040,
    ]);
  });

  it('has a bucket by the name of the platform, and what was counted goes there', () => {
    const book = new Book();
    const { tickets } = book.ask(channel('7'), 0);
    book.at(20).learn(tickets, [standing(channel('7'), 2, 1, 1_000, HASH)], 0);
    expect(book.view(`discord:bot:7:${HASH}`, 30)).toMatchObject({ limit: 2, used: 1 });
    expect(book.ask(channel('7'), 40).waitMs).toBe(0);
    expect(book.ask(channel('7'), 40).waitMs).toBe(982);
  });

  it('that shares the name of another shares its bucket', () => {
    const book = new Book();
    const other: LearnedLimit = {
      ...channel('7'),
      bucket: 'discord:bot:7:edit',
      route: { name: 'discord:route:edit', of: 'discord:bot:7' },
    };
    for (const limit of [channel('7'), other]) {
      const { tickets } = book.ask(limit, 0);
      book.at(20).learn(tickets, [standing(limit, 2, 1, 1_000, HASH)], 0);
    }
    expect(book.ask(channel('7'), 40).waitMs).toBeGreaterThan(0);
  });

  it('follows a name that changes', () => {
    const book = new Book();
    const { tickets } = book.ask(channel('7'), 0);
    book.at(20).learn(tickets, [standing(channel('7'), 1, 0, 1_000, HASH)], 0);
    const next = book.ask(channel('7'), 1_100);
    book.at(1_120).learn(next.tickets, [standing(channel('7'), 3, 2, 1_000, 'other')], 0);
    expect(book.view('discord:bot:7:other', 1_130)).toMatchObject({ limit: 3, used: 1 });
    expect(book.ask(channel('7'), 1_140).waitMs).toBe(0);
  });
});

/** The platform: a window begins with the first request after the last one is over. */
class Server {
  #endsAt = 0;
  #used = 0;
  refused = 0;

  constructor(
    private readonly tokens: number,
    private readonly windowMs: number,
  ) {}

  take(now: number): { remaining: number; resetAfterMs: number } {
    if (now >= this.#endsAt) {
      this.#endsAt = now + this.windowMs;
      this.#used = 0;
    }
    if (this.#used === this.tokens) this.refused += 1;
    else this.#used += 1;
    return { remaining: this.tokens - this.#used, resetAfterMs: this.#endsAt - now };
  }
}

interface Event {
  readonly at: number;
  run(): void;
}

/** Runs events in the order of their times, and those that they add. */
function runAll(events: Event[]): void {
  for (let steps = 0; events.length > 0; steps += 1) {
    if (steps > 20_000) throw new Error('It does not come to an end');
    events.sort((a, b) => a.at - b.at);
    events.shift()?.run();
  }
}

describe('against a platform that counts', () => {
  it('never sends into a window that is full, however long answers take, and lets everybody through', () => {
    const sizes = fc.record({
      tokens: fc.integer({ min: 1, max: 5 }),
      windowMs: fc.constantFrom(250, 1_000, 5_000),
    });
    const requests = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 10_000 }),
        there: fc.integer({ min: 0, max: 240 }),
        back: fc.integer({ min: 0, max: 900 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(sizes, requests, ({ tokens, windowMs }, script) => {
        const book = new Book();
        const server = new Server(tokens, windowMs);
        const limit = channel('7');
        let answered = 0;
        const events: Event[] = [];
        const go = (at: number, way: (typeof script)[number], held: readonly Ticket[]): void => {
          events.push({
            at,
            run() {
              const { tickets, waitMs } = book.ask(limit, at, { held });
              if (waitMs > 0) return go(Math.ceil(at + waitMs), way, tickets);
              events.push({
                at: at + way.there,
                run() {
                  const { remaining, resetAfterMs } = server.take(at + way.there);
                  const back = at + way.there + way.back;
                  events.push({
                    at: back,
                    run() {
                      answered += 1;
                      const news = standing(limit, tokens, remaining, resetAfterMs, 'hash');
                      book.at(back).learn(tickets, [news], 0);
                    },
                  });
                },
              });
            },
          });
        };
        for (const way of script) go(way.at, way, []);
        runAll(events);
        expect(server.refused).toBe(0);
        expect(answered).toBe(script.length);
      }),
      { numRuns: 300 },
    );
  });

  it(
    'never sends too much of what several replicas have taken ahead, and lets everybody through',
    { timeout: 60_000 },
    () => {
      const requests = fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: 6_000 }),
          replica: fc.nat({ max: 2 }),
          /** How long a round takes to answer, and a request to get there and back. */
          round: fc.integer({ min: 0, max: 40 }),
          there: fc.integer({ min: 0, max: 200 }),
          back: fc.integer({ min: 0, max: 400 }),
        }),
        { minLength: 150, maxLength: 300 },
      );
      const sizes = fc.record({
        tokens: fc.integer({ min: 20, max: 60 }),
        windowMs: fc.constantFrom(1_500, 3_000),
      });
      let spentAhead = 0;
      fc.assert(
        fc.property(sizes, requests, ({ tokens, windowMs }, script) => {
          let now = 0;
          const book = new Book();
          const server = new Server(tokens, windowMs);
          const limit = bucket({ assumed: { tokens: 1, windowMs } });
          const replicas = [1, 2, 3].map(
            () =>
              new TakenAhead(
                (tickets) => book.at(now).giveBack(tickets),
                () => now,
              ),
          );
          let answered = 0;
          const events: Event[] = [];
          const at = (moment: number, run: () => void): void => {
            events.push({ at: moment, run: () => ((now = Math.max(now, moment)), run()) });
          };
          const send = (way: (typeof script)[number], tickets: readonly Ticket[]): void => {
            const arrives = now + way.there;
            at(arrives, () => {
              const { remaining, resetAfterMs } = server.take(arrives);
              at(arrives + way.back, () => {
                answered += 1;
                book.at(now).learn(tickets, [standing(limit, tokens, remaining, resetAfterMs)], 0);
              });
            });
          };
          const ask = (way: (typeof script)[number], held: readonly Ticket[]): void => {
            const replica = replicas[way.replica] as TakenAhead;
            const atHand = held.length > 0 ? [] : replica.spend([limit]);
            spentAhead += atHand.length;
            if (atHand.length > 0) return send(way, atHand);
            const { tickets, waitMs } = book.ask(limit, now, { held });
            const wanted = replica.countWanted(limit.bucket);
            const lease = wanted === undefined ? undefined : book.at(now).takeAhead(limit, wanted);
            const askedAt = now;
            at(now + way.round, () => {
              if (lease) replica.hold(lease, askedAt);
              if (waitMs === 0) send(way, tickets);
              else at(now + Math.ceil(waitMs), () => ask(way, tickets));
            });
          };
          for (const way of script) at(way.at, () => ask(way, []));
          runAll(events);
          for (const replica of replicas) replica.clear();
          expect(server.refused).toBe(0);
          expect(answered).toBe(script.length);
        }),
        { numRuns: 60 },
      );
      expect(spentAhead).toBeGreaterThan(1_000);
    },
  );

  it(
    'keeps a window of all channels together, and starves nobody who is late to ask again',
    { timeout: 60_000 },
    () => {
      const all: WindowLimit = { kind: 'window', bucket: 'all', tokens: 10, windowMs: 1_000 };
      const requests = fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: 500 }),
          channel: fc.integer({ min: 1, max: 8 }),
          /** How late each of its timers is. */
          lag: fc.integer({ min: 0, max: 150 }),
          way: fc.integer({ min: 0, max: 240 }),
        }),
        { minLength: 40, maxLength: 120 },
      );
      fc.assert(
        fc.property(requests, (script) => {
          const book = new Book();
          const servers = new Map<number, Server>();
          const arrived: number[] = [];
          const events: Event[] = [];
          const go = (at: number, one: (typeof script)[number], held: readonly Ticket[]): void => {
            const limit = channel(String(one.channel));
            const ask = (): void => {
              const { tickets, waitMs } = book.ask([limit, all], at, { held });
              const wait = Math.ceil(Math.min(waitMs, 1_000));
              if (waitMs > 0) return go(at + wait + one.lag, one, tickets);
              const there = at + one.way;
              const arrive = (): void => {
                arrived.push(there);
                const server = servers.get(one.channel) ?? new Server(3, 1_000);
                servers.set(one.channel, server);
                const { remaining, resetAfterMs } = server.take(there);
                const news = standing(limit, 3, remaining, resetAfterMs, 'hash');
                const answer = (): void => book.at(there + one.way).learn(tickets, [news], 0);
                events.push({ at: there + one.way, run: answer });
              };
              events.push({ at: there, run: arrive });
            };
            events.push({ at, run: ask });
          };
          for (const one of script) go(one.at, one, []);
          runAll(events);
          expect(arrived).toHaveLength(script.length);
          expect([...servers.values()].map(({ refused }) => refused)).not.toContain(1);
          const sorted = arrived.toSorted((a, b) => a - b);
          const tooNear = sorted.filter((at, n) => (sorted[n + 10] ?? Infinity) < at + 1_000);
          expect(tooNear).toEqual([]);
          // Ten in about 1.5 s, or three in about 1.5 s for each channel, whichever holds more back.
          const fullest = Math.max(
            ...[1, 2, 3, 4, 5, 6, 7, 8].map(
              (id) => script.filter((one) => one.channel === id).length,
            ),
          );
          const ideal = Math.max((script.length / 10) * 1_500, (fullest / 3) * 1_500);
          expect(sorted.at(-1)).toBeLessThan(ideal * 1.5 + 4_000);
        }),
        { numRuns: 50 },
      );
    },
  );
});
