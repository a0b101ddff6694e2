// Real: the built gateway as a process with its sandbox, PostgreSQL, HTTP over sockets.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import {
  callRest,
  type GatewayProcess,
  makeToken,
  type RestAnswer,
  startGateway,
} from '../support/gateway.js';

let database: Awaited<ReturnType<typeof createDatabase>>;
let gateway: GatewayProcess;

beforeAll(async () => {
  database = await createDatabase();
  gateway = await startGateway({ SANDBOX: 'true', DATABASE_URL: database.url });
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

const rest = (method: string, path: string, body?: unknown, token?: string): Promise<RestAnswer> =>
  callRest(gateway, method, `/api/v1/sandbox${path}`, body, token === undefined ? {} : { token });

const say = (): Promise<RestAnswer> =>
  callRest(gateway, 'POST', '/api/v1/actions/execute', {
    platform: 'twitch',
    action_type: 'chat_message',
    account_id: '1001',
    parameters: { message: 'hello' },
  });

describe('the sandbox at the door', () => {
  it('tells its state and what arrived', async () => {
    const before = await rest('GET', '/requests');
    await say();
    const { status, body } = await rest('GET', `/requests?since=${String(before.body['last'])}`);
    expect(status).toBe(200);
    expect(body['requests']).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ method: 'POST', path: '/twitch/helix/chat/messages' }),
      ]) as never,
    );
    const state = await rest('GET', '/state');
    expect(Object.keys(state.body)).toEqual(
      expect.arrayContaining(['now', 'twitch', 'youtube', 'discord']),
    );
  });

  it('arms faults, lists and clears them, and says who did', async () => {
    const rule = { match: { path: '/twitch' }, times: 3, fault: { kind: 'status', status: 503 } };
    expect((await rest('POST', '/faults', rule)).status).toBe(200);
    expect((await rest('GET', '/faults')).body['faults']).toHaveLength(1);
    expect((await rest('DELETE', '/faults')).body).toEqual({ faults: [] });
    const wrong = await rest('POST', '/faults', { fault: { kind: 'flood' } });
    expect(wrong.status).toBe(400);
    const { body } = await callRest(gateway, 'GET', '/api/v1/audit/events?kind=sandbox.changed');
    expect(body['entries']).toMatchObject([
      { subject: 'sandbox/faults', details: { method: 'DELETE' } },
      { subject: 'sandbox/faults', details: { method: 'POST', times: 3 }, caller_id: 'tester' },
    ]);
  });

  it('moves the clock, and resets', async () => {
    const before = Date.parse(String((await rest('GET', '/state')).body['now']));
    const moved = await rest('POST', '/clock', { advance_ms: 3_600_000 });
    expect(Date.parse(String(moved.body['now']))).toBeGreaterThanOrEqual(before + 3_600_000);
    expect((await rest('POST', '/clock', { advance_ms: -1 })).status).toBe(400);
    const reset = await rest('POST', '/reset', { keep_grants: true });
    expect([reset.status, reset.body]).toEqual([200, { reset: true }]);
    const after = Date.parse(String((await rest('GET', '/state')).body['now']));
    expect(after).toBeLessThan(before + 3_600_000);
    expect((await say()).body['status']).toBe('SUCCEEDED');
  });

  it('is for who manages accounts of the whole gateway', async () => {
    for (const claims of [
      { owner: 'acme' },
      { accounts: ['1001'] },
      { permissions: ['read_audit'] },
    ])
      for (const [method, path] of [
        ['GET', '/state'],
        ['DELETE', '/faults'],
        ['POST', '/reset'],
      ] as const) {
        const { status } = await rest(method, path, undefined, makeToken(claims));
        expect([claims, path, status]).toEqual([claims, path, 403]);
      }
  });

  it('is not there without a sandbox of the gateway’s own', async () => {
    const other = await createDatabase();
    const outside = await startGateway({
      SANDBOX: 'false',
      TWITCH_CLIENT_ID: 'client',
      TWITCH_CLIENT_SECRET: 'secret',
      DATABASE_URL: other.url,
    });
    const { status, body } = await callRest(outside, 'GET', '/api/v1/sandbox/state');
    await outside.stop();
    await other.drop();
    expect([status, body['error']]).toEqual([404, expect.stringMatching(/no sandbox of its own/)]);
  });
});
