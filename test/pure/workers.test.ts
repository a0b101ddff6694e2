// Real: the places and their line. Nothing is fake.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Workers } from '../../src/execution/workers.js';

describe('Workers', () => {
  it('gives places at once while there are any, then in order of arrival', async () => {
    const workers = new Workers(2, 10);
    const came: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) void workers.take().then(() => came.push(name));
    await nextTurn();
    expect(came).toEqual(['a', 'b']);
    expect(workers).toMatchObject({ busy: 2, waiting: 2 });
    workers.free();
    await nextTurn();
    expect(came).toEqual(['a', 'b', 'c']);
    expect(workers).toMatchObject({ busy: 2, waiting: 1 });
    workers.free();
    workers.free();
    workers.free();
    await nextTurn();
    expect(came).toEqual(['a', 'b', 'c', 'd']);
    expect(workers).toMatchObject({ busy: 0, waiting: 0 });
  });

  it('hands a place on, so that no newcomer takes it from those who wait', async () => {
    const workers = new Workers(1, 10);
    const came: string[] = [];
    await workers.take();
    void workers.take().then(() => came.push('first in line'));
    workers.free();
    void workers.take().then(() => came.push('newcomer'));
    await nextTurn();
    expect(came).toEqual(['first in line']);
  });

  it('turns newcomers away when the line is too long, and says when to come again', async () => {
    const workers = new Workers(1, 1);
    await workers.take();
    void workers.take();
    await expect(workers.take()).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      message: 'The gateway is over capacity; nothing was sent',
      details: { retryAfterMs: 1_000 },
    });
    expect(workers).toMatchObject({ busy: 1, waiting: 1 });
  });
});
