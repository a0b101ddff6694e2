// Real: the places and their line. Nothing is fake.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Workers } from '../../src/execution/workers.js';

const makeWorkers = (places: number, longestLine: number, perAccount = places): Workers =>
  new Workers({ places, perAccount, longestLine });

describe('Workers', () => {
  it('gives places at once while there are any, then in order of arrival', async () => {
    const workers = makeWorkers(2, 10);
    const came: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) void workers.take('one').then(() => came.push(name));
    await nextTurn();
    expect(came).toEqual(['a', 'b']);
    expect(workers).toMatchObject({ busy: 2, waiting: 2 });
    workers.free('one');
    await nextTurn();
    expect(came).toEqual(['a', 'b', 'c']);
    expect(workers).toMatchObject({ busy: 2, waiting: 1 });
    workers.free('one');
    workers.free('one');
    workers.free('one');
    await nextTurn();
    expect(came).toEqual(['a', 'b', 'c', 'd']);
    expect(workers).toMatchObject({ busy: 0, waiting: 0 });
  });

  it('hands a place on, so that no newcomer takes it from those who wait', async () => {
    const workers = makeWorkers(1, 10);
    const came: string[] = [];
    await workers.take('one');
    void workers.take('one').then(() => came.push('first in line'));
    workers.free('one');
    void workers.take('one').then(() => came.push('newcomer'));
    await nextTurn();
    expect(came).toEqual(['first in line']);
  });

  it('turns newcomers away when the line is too long, and says when to come again', async () => {
    const workers = makeWorkers(1, 1);
    await workers.take('one');
    void workers.take('one');
    await expect(workers.take('one')).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      message: 'The gateway is over capacity; nothing was sent',
      details: { retryAfterMs: 1_000 },
    });
    expect(workers).toMatchObject({ busy: 1, waiting: 1 });
  });

  it('leave room for others than the busiest account, and keep the order within each', async () => {
    const workers = makeWorkers(3, 10, 2);
    const came: string[] = [];
    const arrive = (account: string, name: string): void =>
      void workers.take(account).then(() => came.push(name));
    for (const name of ['a1', 'a2', 'a3', 'a4']) arrive('a', name);
    arrive('b', 'b1');
    arrive('b', 'b2');
    await nextTurn();
    expect(came).toEqual(['a1', 'a2', 'b1']);
    workers.free('b');
    await nextTurn();
    expect(came).toEqual(['a1', 'a2', 'b1', 'b2']);
    workers.free('a');
    workers.free('b');
    await nextTurn();
    expect(came).toEqual(['a1', 'a2', 'b1', 'b2', 'a3']);
    workers.free('a');
    await nextTurn();
    expect(came).toEqual(['a1', 'a2', 'b1', 'b2', 'a3', 'a4']);
    expect(workers).toMatchObject({ busy: 2, waiting: 0 });
  });
});
