// Real: the bounds. Nothing is faked.
import { describe, expect, it } from 'vitest';
import { ByteQueue } from '../../src/safeguards/byte-queue.js';
import { HeldBytes } from '../../src/safeguards/held-bytes.js';
import { OpenRequests } from '../../src/safeguards/process-bounds.js';

function open(maxBytes: number): { held: HeldBytes; dropped: string[] } {
  return { held: new HeldBytes('unfinished_messages', maxBytes), dropped: [] };
}

describe('bytes that are held for callers', () => {
  it('drops the oldest of the owner that holds most', () => {
    const { held, dropped } = open(100);
    held.hold('small', 20, () => dropped.push('small'));
    for (const name of ['a', 'b', 'c']) held.hold('large', 30, () => dropped.push(name));
    expect(dropped).toEqual(['a']);
    expect(held.used).toBe(80);
    held.hold('small', 25, () => dropped.push('small 2'));
    expect(dropped).toEqual(['a', 'b']);
  });

  it('never drops what is kept, and goes on counting it', () => {
    const { held, dropped } = open(100);
    const kept = held.hold('one', 90, () => dropped.push('kept'));
    held.keep(kept);
    held.hold('two', 20, () => dropped.push('two'));
    expect([dropped, held.used]).toEqual([['two'], 90]);
    held.release(kept);
    expect(held.used).toBe(0);
  });

  it('drops a holding that grows over the bound', () => {
    const { held, dropped } = open(100);
    const growing = held.hold('one', 10, () => dropped.push('growing'));
    held.resize(growing, 90);
    expect([dropped, held.used]).toEqual([[], 90]);
    held.resize(growing, 101);
    expect([dropped, held.used]).toEqual([['growing'], 0]);
    // What was dropped counts no more.
    held.resize(growing, 50);
    held.release(growing);
    expect(held.used).toBe(0);
  });
});

describe('bytes of files', () => {
  const never = new AbortController().signal;

  it('are waited for in the order of arrival', async () => {
    const queue = new ByteQueue(100, 10);
    const order: string[] = [];
    const first = await queue.reserve(80, never);
    const large = queue.reserve(60, never).then((got) => {
      order.push('large');
      return got;
    });
    const small = queue.reserve(10, never).then(() => order.push('small'));
    // The small one would fit, and must not pass the large one again and again.
    expect([queue.used, queue.waiting]).toEqual([80, 2]);
    first.shrinkTo(50);
    expect(queue.used).toBe(50);
    first.release();
    first.release();
    (await large).release();
    await small;
    expect(order).toEqual(['large', 'small']);
    expect([queue.used, queue.waiting]).toEqual([10, 0]);
  });

  it('that no request waits for any more leave the line to the next', async () => {
    const queue = new ByteQueue(100, 10);
    await queue.reserve(50, never);
    const over = new AbortController();
    const given = queue.reserve(60, over.signal);
    const next = queue.reserve(50, never);
    over.abort(new Error('too late'));
    await expect(given).rejects.toThrow('too late');
    await next;
    expect([queue.used, queue.waiting]).toEqual([100, 0]);
  });

  it('are refused where too many wait, or where they never fit', async () => {
    const queue = new ByteQueue(100, 1);
    await queue.reserve(100, never);
    const waiting = queue.reserve(1, new AbortController().signal);
    await expect(queue.reserve(1, never)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { retryAfterMs: expect.any(Number) as number },
    });
    await expect(queue.reserve(101, never)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(queue.waiting).toBe(1);
    void waiting;
  });
});

describe('requests under way', () => {
  it('have a bound, of which one owner has half', () => {
    const requests = new OpenRequests(4);
    expect(['a', 'a', 'a', 'b', 'b', 'c'].map((owner) => requests.enter(owner))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
    requests.leave('a');
    expect([requests.enter('c'), requests.open]).toEqual([true, 4]);
  });

  it('have none where 0 is set', () => {
    const requests = new OpenRequests(0);
    expect(Array.from({ length: 50 }, () => requests.enter('a'))).not.toContain(false);
  });
});
