// Real: the deadline. Fake: the clock, and the call it belongs to.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../src/callers/call.js';
import { Deadline } from '../../src/execution/deadline.js';
import { makeCaller } from '../support/callers.js';

const LONG = 60_000;
const CANCELLED = { code: 'CANCELLED', message: 'The caller cancelled before anything happened' };
const TOO_SHORT = { code: 'DEADLINE_TOO_SHORT' };

const opened: Deadline[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  for (const deadline of opened.splice(0)) deadline.end();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function open(leftMs: number, cancel = new AbortController(), worksMs = leftMs) {
  const call: Call = {
    caller: makeCaller(),
    door: 'grpc',
    traceId: '',
    deadline: Infinity,
    answerBy: performance.now() + leftMs,
    cancelled: cancel.signal,
  };
  const deadline = new Deadline(call, call.answerBy + (worksMs - leftMs));
  opened.push(deadline);
  return { deadline, cancel: () => cancel.abort() };
}

const never = (): Promise<never> => new Promise(() => undefined);
const refuse = (deadline: Deadline) => () => deadline.throwIfOver();

describe('Deadline', () => {
  it('hands on what the work gives and what it throws', async () => {
    const { deadline } = open(LONG);
    await expect(deadline.race(Promise.resolve(7))).resolves.toBe(7);
    await expect(deadline.race(Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(deadline.leftMs()).toBe(LONG);
    expect(refuse(deadline)).not.toThrow();
  });

  it('ends the waiting when the time is over', async () => {
    const { deadline } = open(20);
    const waiting = deadline.race(never()).catch((error: unknown) => error);
    await pass(19);
    expect(refuse(deadline)).not.toThrow();
    await pass(1);
    expect(await waiting).toMatchObject(TOO_SHORT);
    expect(deadline.leftMs()).toBe(0);
    expect(refuse(deadline)).toThrow(expect.objectContaining(TOO_SHORT));
  });

  it('refuses at once when there never was any time', async () => {
    const { deadline } = open(-1);
    expect(refuse(deadline)).toThrow(expect.objectContaining(TOO_SHORT));
    await expect(deadline.race(Promise.resolve(1))).rejects.toMatchObject(TOO_SHORT);
  });

  it('ends the waiting when the caller cancels', async () => {
    const { deadline, cancel } = open(LONG);
    const waiting = deadline.race(never());
    cancel();
    await expect(waiting).rejects.toMatchObject(CANCELLED);
    expect(refuse(deadline)).toThrow(expect.objectContaining(CANCELLED));
  });

  it('knows a caller who had cancelled before', () => {
    const cancel = new AbortController();
    cancel.abort();
    expect(refuse(open(LONG, cancel).deadline)).toThrow(expect.objectContaining(CANCELLED));
  });

  it('forgets work that fails too late, instead of ending the process for it', async () => {
    // vitest fails this run when any rejection stays unhandled.
    const { deadline, cancel } = open(LONG);
    cancel();
    const begun = Promise.reject(new Error('the database is away'));
    await expect(deadline.race(begun)).rejects.toMatchObject(CANCELLED);
    let fail!: (error: Error) => void;
    const late = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    await expect(deadline.race(late)).rejects.toMatchObject(CANCELLED);
    fail(new Error('the database is away'));
    await nextTurn();
  });

  it('stops nothing once something has left', async () => {
    const { deadline, cancel } = open(20);
    deadline.commit();
    cancel();
    await pass(40);
    expect(refuse(deadline)).not.toThrow();
    await expect(deadline.race(Promise.resolve('done'))).resolves.toBe('done');
    expect(deadline.close()).toBe(true);
  });

  it('counts a cancel again when what left surely had no effect', () => {
    const { deadline, cancel } = open(LONG);
    deadline.commit();
    cancel();
    deadline.resume();
    expect(refuse(deadline)).toThrow(expect.objectContaining(CANCELLED));
  });

  it('counts the end of time again when what left surely had no effect', async () => {
    const { deadline } = open(20);
    deadline.commit();
    await pass(40);
    deadline.resume();
    expect(refuse(deadline)).toThrow(expect.objectContaining(TOO_SHORT));
  });

  it('goes on after coming back in time', () => {
    const { deadline } = open(LONG);
    deadline.commit();
    deadline.resume();
    expect(refuse(deadline)).not.toThrow();
  });

  it('outlives the answer where the work may, until the work has to end', async () => {
    const { deadline } = open(20, undefined, LONG);
    deadline.detach();
    await pass(40);
    expect(refuse(deadline)).not.toThrow();
    expect(deadline.leftMs()).toBe(LONG - 40);
    expect(deadline.close()).toBe(true);
    const short = open(20, undefined, 40).deadline;
    short.detach();
    const waiting = short.race(never()).catch((error: unknown) => error);
    await pass(39);
    expect(short.signal.aborted).toBe(false);
    await pass(1);
    expect(await waiting).toMatchObject(TOO_SHORT);
    expect(short.signal.aborted).toBe(true);
  });

  it('that outlives the answer counts a cancel before it, and none after it', () => {
    const before = open(LONG, undefined, 2 * LONG);
    before.deadline.detach();
    before.cancel();
    expect(refuse(before.deadline)).toThrow(expect.objectContaining(CANCELLED));
    const after = open(LONG, undefined, 2 * LONG);
    after.deadline.detach();
    expect(after.deadline.close()).toBe(true);
    after.cancel();
    expect(refuse(after.deadline)).not.toThrow();
  });

  it('outlives nothing where the work has no longer than the caller', async () => {
    const { deadline } = open(20);
    deadline.detach();
    const waiting = deadline.race(never()).catch((error: unknown) => error);
    await pass(20);
    expect(await waiting).toMatchObject(TOO_SHORT);
    expect(deadline.close()).toBe(false);
  });

  it('is closed for good while nothing has left', async () => {
    const { deadline } = open(LONG);
    const waiting = deadline.race(never());
    expect(deadline.close()).toBe(false);
    await expect(waiting).rejects.toMatchObject(TOO_SHORT);
    expect(refuse(deadline)).toThrow(expect.objectContaining(TOO_SHORT));
  });
});
