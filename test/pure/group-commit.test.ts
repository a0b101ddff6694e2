// Real: the group commit. Fake: the database behind it, a function that notes what it was given.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GroupCommit } from '../../src/database/group-commit.js';

/** Resolves when the test says so. */
function holdUp(): { wait: Promise<void>; go(): void } {
  let go!: () => void;
  const wait = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { wait, go };
}

const fault = (code: string): Error => Object.assign(new Error(`fault ${code}`), { code });

/** Doubles numbers, one note per statement. */
function open(fail: (items: readonly number[]) => Error | undefined = () => undefined) {
  const statements: (readonly number[])[] = [];
  const commit = new GroupCommit<number, number>(async (items) => {
    statements.push(items);
    await nextTurn();
    const error = fail(items);
    if (error) throw error;
    return items.map((item) => item * 2);
  });
  return { commit, statements };
}

const range = (length: number): number[] => Array.from({ length }, (_, n) => n);

describe('GroupCommit', () => {
  it('writes what arrives together in one statement, and gives everybody their own result', async () => {
    const { commit, statements } = open();
    const results = await Promise.all(range(100).map((n) => commit.add(n)));
    expect(statements).toEqual([range(100)]);
    expect(results).toEqual(range(100).map((n) => n * 2));
  });

  it('lets those who come meanwhile share the next statement', async () => {
    const held = holdUp();
    const statements: (readonly string[])[] = [];
    const commit = new GroupCommit<string, string>(async (items) => {
      statements.push(items);
      await held.wait;
      return items;
    });
    const work = [commit.add('a')];
    await nextTurn();
    work.push(commit.add('b'));
    await nextTurn();
    work.push(commit.add('c'));
    await nextTurn();
    work.push(commit.add('d'));
    await nextTurn();
    expect(statements).toEqual([['a'], ['b']]);
    held.go();
    expect(await Promise.all(work)).toEqual(['a', 'b', 'c', 'd']);
    expect(statements).toEqual([['a'], ['b'], ['c', 'd']]);
  });

  it('takes those along who come in the turn in which others were answered', async () => {
    const statements: (readonly string[])[] = [];
    const commit = new GroupCommit<string, string>(async (items) => {
      statements.push(items);
      await nextTurn();
      return items;
    }, Infinity);
    const work = [commit.add('a')];
    await nextTurn();
    const later = work[0]?.then(async () => {
      await new Promise<void>((resolve) => process.nextTick(resolve));
      return commit.add('c');
    });
    expect(await Promise.all([commit.add('b'), later])).toEqual(['b', 'c']);
    expect(statements).toEqual([['a'], ['b', 'c']]);
  });

  it('lets a crowd leave beside a statement under way, and fewer wait for its end', async () => {
    const held = [holdUp(), holdUp(), holdUp()];
    const statements: (readonly number[])[] = [];
    const commit = new GroupCommit<number, number>(async (items) => {
      statements.push(items);
      await held[statements.length - 1]?.wait;
      return items;
    }, 3);
    const add = async (...items: readonly number[]): Promise<void> => {
      work.push(...items.map((item) => commit.add(item)));
      await nextTurn();
    };
    const work: Promise<number>[] = [];
    await add(1);
    await add(2, 3);
    expect(statements).toEqual([[1]]);
    await add(4);
    expect(statements).toEqual([[1], [2, 3, 4]]);
    // Two are the most, however many wait.
    await add(5, 6, 7);
    expect(statements).toEqual([[1], [2, 3, 4]]);
    held[0]?.go();
    await work[0];
    // The next one leaves at the end of the turn after it.
    await nextTurn();
    await nextTurn();
    expect(statements).toEqual([[1], [2, 3, 4], [5, 6, 7]]);
    await add(8, 9);
    held[1]?.go();
    await work[3];
    await nextTurn();
    await nextTurn();
    expect(statements).toHaveLength(3);
    held[2]?.go();
    expect(await Promise.all(work)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(statements.at(-1)).toEqual([8, 9]);
  });

  it('never puts more than 500 into a statement, and forgets none', async () => {
    const { commit, statements } = open();
    const results = await Promise.all(range(1_234).map((n) => commit.add(n)));
    expect(results).toEqual(range(1_234).map((n) => n * 2));
    expect(statements.map((items) => items.length)).toEqual([500, 500, 234]);
  });

  it('splits a poisoned batch, so that bad items fail alone', async () => {
    const bad = new Set([3, 77]);
    const poison = fault('22P05');
    const { commit, statements } = open((items) =>
      items.some((item) => bad.has(item)) ? poison : undefined,
    );
    const results = await Promise.allSettled(range(100).map((n) => commit.add(n)));
    for (const [n, result] of results.entries()) {
      expect(result).toEqual(
        bad.has(n) ? { status: 'rejected', reason: poison } : { status: 'fulfilled', value: n * 2 },
      );
    }
    // Each bad item costs about two statements per halving, not one per item.
    expect(statements.length).toBeLessThan(35);
  });

  it.each(['40P01', '40001'])('repeats the statement as it is after %s', async (code) => {
    let faults = 2;
    const { commit, statements } = open(() => (faults-- > 0 ? fault(code) : undefined));
    expect(await Promise.all([commit.add(1), commit.add(2)])).toEqual([2, 4]);
    expect(statements).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it('does not repeat a deadlock for ever', async () => {
    const { commit, statements } = open(() => fault('40P01'));
    await expect(commit.add(1)).rejects.toThrow('fault 40P01');
    expect(statements.length).toBeLessThan(20);
  });

  it.each(['ECONNREFUSED', '57P01', '08006'])(
    'rejects all at once when the database is away (%s), without splitting',
    async (code) => {
      const { commit, statements } = open(() => fault(code));
      const results = await Promise.allSettled([1, 2, 3].map((n) => commit.add(n)));
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(statements).toEqual([[1, 2, 3]]);
    },
  );

  it('goes on after a failure', async () => {
    let faults = 1;
    const { commit } = open(() => (faults-- > 0 ? fault('57P01') : undefined));
    await expect(commit.add(1)).rejects.toThrow('fault 57P01');
    await expect(commit.add(2)).resolves.toBe(4);
  });
});
