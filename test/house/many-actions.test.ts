// Real: the built gateway as a process, PostgreSQL, HTTP over sockets. Fake: Twitch, at the wire.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestAnswer } from '../support/gateway.js';
import { House, tokenOf } from '../support/two-doors.js';

let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house?.close());

const rest = (method: string, path: string, body?: unknown, token?: string): Promise<RestAnswer> =>
  house.doors.rest(method, `/api/v1${path}`, body, token === undefined ? {} : { token });

interface Result {
  readonly action_id: string;
  readonly done: boolean;
  readonly status: string;
  readonly reason: string;
  readonly new_action_id?: string;
}

const change = async (
  what: 'cancel' | 'replay',
  action_ids: readonly string[],
  { token, ...more }: { token?: string; including_unknown?: boolean } = {},
): Promise<readonly Result[]> => {
  const { status, body } = await rest('POST', `/actions/${what}`, { action_ids, ...more }, token);
  expect([status, body]).toMatchObject([200, {}]);
  return body['results'] as unknown as Result[];
};

const say = (message: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message },
  ...more,
});

const execute = async (envelope: object, token?: string): Promise<string> =>
  (await house.doors.execute('rest', envelope, { token })).action_id;

const later = (): string => new Date(Date.now() + 3_600_000).toISOString();

const switchAction = async (enabled: boolean, action = 'chat_message'): Promise<void> => {
  const body = { enabled, reason: 'quiet' };
  expect((await rest('PUT', `/flags/twitch.${action}`, body)).status).toBe(200);
};

/** An action that failed before anything was sent. */
const fail = async (message: string, more: object = {}, token?: string): Promise<string> => {
  await switchAction(false);
  const id = await execute(say(message, more), token);
  await switchAction(true);
  return id;
};

const listChat = async (): Promise<string[]> =>
  (await house.channel('1001')).chat.map(({ text }) => String(text));

const countChat = async (text: string): Promise<number> =>
  (await listChat()).filter((message) => message === text).length;

const listEvents = async (kind: string): Promise<Record<string, unknown>[]> => {
  const { body } = await rest('GET', `/audit/events?kind=${kind}`);
  return body['entries'] as unknown as Record<string, unknown>[];
};

describe('cancelling many', () => {
  it('cancels what waits, and says of the rest why not', async () => {
    const [waiting, other] = [
      await execute(say('one', { run_at: later() })),
      await execute(say('two', { run_at: later() })),
    ];
    const done = await execute(say('done'));
    const unknown = randomUUID();
    const results = await change('cancel', [waiting, done, unknown, other]);
    expect(results).toEqual([
      { action_id: waiting, done: true, status: 'CANCELLED', reason: '' },
      {
        action_id: done,
        done: false,
        status: 'SUCCEEDED',
        reason: 'Only queued or scheduled actions can be cancelled; this one is SUCCEEDED',
      },
      {
        action_id: unknown,
        done: false,
        status: '',
        reason: expect.stringMatching(/^No action .* is known$/) as string,
      },
      { action_id: other, done: true, status: 'CANCELLED', reason: '' },
    ]);
    const again = await change('cancel', [waiting]);
    expect(again).toMatchObject([{ done: true, status: 'CANCELLED' }]);
    const events = await listEvents('action.cancelled');
    expect(events.filter(({ subject }) => subject === `action/${waiting}`)).toMatchObject([
      { caller_id: 'tester' },
    ]);
  });

  it.each([
    ['none', [], /action_ids must have at least 1 items/],
    ['too many', Array.from({ length: 501 }, () => randomUUID()), /at most 500 items/],
    ['what is no id', ['x'], /item 1 must be the id that an answer gave/],
  ])('refuses %s', async (_name, action_ids, says) => {
    const { status, body } = await rest('POST', '/actions/cancel', { action_ids });
    expect([status, body['error']]).toEqual([400, expect.stringMatching(says)]);
  });

  it('reaches no action of another tenant', async () => {
    const id = await execute(say('mine', { run_at: later() }));
    const token = tokenOf('stranger', { owner: 'globex' });
    expect(await change('cancel', [id], { token })).toMatchObject([
      { done: false, status: '', reason: expect.stringMatching(/^No action/) as string },
    ]);
    expect((await house.doors.readStatus('rest', id)).status).toBe('SCHEDULED');
  });

  it('takes the permission', async () => {
    const token = tokenOf('reader', { permissions: ['read_audit'] });
    const body = { action_ids: [randomUUID()] };
    for (const what of ['cancel', 'replay'])
      expect((await rest('POST', `/actions/${what}`, body, token)).status).toBe(403);
  });
});

describe('replaying', () => {
  it('carries out what failed as a new action, once however often it is asked', async () => {
    const id = await fail('after the flag');
    expect(await countChat('after the flag')).toBe(0);
    const [made] = await change('replay', [id]);
    expect(made).toEqual({
      action_id: id,
      done: true,
      status: 'SUCCEEDED',
      reason: '',
      new_action_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(made?.new_action_id).not.toBe(id);
    expect(await change('replay', [id])).toEqual([made]);
    expect(await countChat('after the flag')).toBe(1);
    expect(await change('replay', [id], { token: tokenOf('second') })).toMatchObject([
      { done: false, reason: expect.stringMatching(/^Another caller/) as string },
    ]);
    expect(await countChat('after the flag')).toBe(1);
    const events = await listEvents('action.replayed');
    expect(events.find(({ subject }) => subject === `action/${id}`)).toMatchObject({
      caller_id: 'tester',
    });
  });

  it('asked twice at once acts once', async () => {
    const id = await fail('at once');
    await Promise.all([change('replay', [id]), change('replay', [id]), change('replay', [id])]);
    expect(await countChat('at once')).toBe(1);
  });

  it('carries out what was cancelled, without its time', async () => {
    const id = await execute(say('cancelled before', { run_at: later() }));
    await change('cancel', [id]);
    expect(await change('replay', [id])).toMatchObject([{ done: true, status: 'SUCCEEDED' }]);
    expect(await countChat('cancelled before')).toBe(1);
  });

  it('keeps the order, and tells what fails again', async () => {
    const ids = [await fail('first'), await fail('second')];
    await switchAction(false);
    expect(await change('replay', ids)).toMatchObject([
      { done: false, status: 'REFUSED', reason: expect.stringMatching(/quiet/) as string },
      { done: false, status: 'REFUSED' },
    ]);
    await switchAction(true);
    expect(await change('replay', ids)).toMatchObject([{ done: true }, { done: true }]);
    expect((await listChat()).slice(-2)).toEqual(['first', 'second']);
  });

  it('sends nothing a second time that succeeded, nor what waits', async () => {
    const done = await execute(say('did it'));
    const waiting = await execute(say('waits', { run_at: later() }));
    expect(await change('replay', [done, waiting])).toMatchObject([
      { done: false, reason: expect.stringMatching(/^It succeeded/) as string },
      { done: false, reason: expect.stringMatching(/^It waits for its time/) as string },
    ]);
    expect(await countChat('did it')).toBe(1);
  });

  it('sends what is unknown only where that is said', async () => {
    const path = '/chat/messages';
    await house.addFault({ kind: 'reset', when: 'after' }, { method: 'POST', path });
    const id = await execute(say('perhaps'));
    expect((await house.doors.readStatus('rest', id)).status).toBe('UNKNOWN');
    const before = await countChat('perhaps');
    expect(await change('replay', [id])).toMatchObject([
      { done: false, reason: expect.stringMatching(/set including_unknown/) as string },
    ]);
    expect(await countChat('perhaps')).toBe(before);
    const [made] = await change('replay', [id], { including_unknown: true });
    expect(made).toMatchObject({ done: true, status: 'SUCCEEDED' });
    expect(await countChat('perhaps')).toBe(before + 1);
  });

  it('leaves alone what its caller repeated by itself', async () => {
    const key = { idempotency_key: 'own-repeat' };
    const id = await fail('repeated', key);
    const repeat = await execute(say('repeated', key));
    expect(await change('replay', [id])).toMatchObject([
      { done: false, reason: expect.stringContaining(repeat) as string },
    ]);
    expect(await countChat('repeated')).toBe(1);
  });

  it('goes by the bounds of who replays, not of who asked first', async () => {
    const id = await fail('bounds');
    const token = tokenOf('narrow', { accounts: ['1002'] });
    expect(await change('replay', [id], { token })).toMatchObject([{ done: false }]);
    const other = tokenOf('other', { owner: 'globex' });
    expect(await change('replay', [id], { token: other })).toMatchObject([
      { done: false, status: '', reason: expect.stringMatching(/^No action/) as string },
    ]);
    expect(await countChat('bounds')).toBe(0);
  });

  it('says so where nothing is kept', async () => {
    const another = await house.openAnother({ REPLAY_HOURS: '0' });
    await switchAction(false, 'raid');
    const raid = { ...say(''), action_type: 'raid', parameters: { to_broadcaster_id: '1003' } };
    const { action_id } = await another.execute('rest', raid);
    expect(await change('replay', [action_id])).toMatchObject([
      { done: false, status: 'REFUSED', reason: expect.stringMatching(/is not kept/) as string },
    ]);
  });
});
