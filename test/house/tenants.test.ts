// Real: a gateway process, PostgreSQL, both doors. Fake: Twitch and Discord, at the wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import type { RestAnswer } from '../support/gateway.js';
import { DOORS, House, tokenOf } from '../support/two-doors.js';

const TENANTS = ['acme', 'globex'] as const;
type Tenant = (typeof TENANTS)[number];

let house: House;
/** What each tenant has: a caller who may do all that a tenant may, a channel, an action, a batch. */
const tenants = new Map<
  Tenant,
  {
    token: string;
    identity: string;
    channel: string;
    action: string;
    batch: string;
    waiting: string;
  }
>();

const of = (tenant: Tenant) => {
  const found = tenants.get(tenant);
  if (!found) throw new Error(`no tenant ${tenant}`);
  return found;
};

const ask = (
  method: string,
  path: string,
  body?: unknown,
  token?: string | null,
): Promise<RestAnswer> =>
  house.doors.rest(method, path, body, token === undefined ? {} : { token });

const say = (channel: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: channel,
  parameters: { message: 'hi' },
  ...more,
});

async function store(channel: string, token: string, more: object = {}): Promise<RestAnswer> {
  const { access_token, refresh_token, expires_in } = await house.grant(channel);
  const body = { access_token, refresh_token, expires_in, ...more };
  return ask('PUT', `/api/v1/accounts/twitch/${channel}`, body, token);
}

beforeAll(async () => {
  house = await House.open();
  for (const owner of TENANTS) {
    const made = await ask('POST', '/api/v1/callers', {
      id: `${owner}-console`,
      owner,
      permissions: ['execute_actions', 'manage_accounts', 'read_audit', 'manage_callers'],
    });
    const exchanged = await ask(
      'POST',
      '/api/v1/auth/token',
      { api_key: made.body['api_key'] },
      null,
    );
    const token = exchanged.body['token'] as unknown as string;
    const channel = await house.addUser();
    const stored = await store(channel, token);
    if (stored.status !== 200) throw new Error(JSON.stringify(stored.body));
    const done = await house.doors.execute('rest', say(channel), { token });
    const callback = { callback_url: `${house.sandbox.url}/sandbox/callbacks` };
    const later = await house.doors.execute(
      'rest',
      say(channel, { ...callback, run_at: new Date(Date.now() + 3_600_000).toISOString() }),
      { token },
    );
    const batch = await ask('POST', '/api/v1/actions/batch', { actions: [say(channel)] }, token);
    tenants.set(owner, {
      token,
      identity: (made.body['caller'] as unknown as { identity: string }).identity,
      channel,
      action: done.action_id,
      waiting: later.action_id,
      batch: batch.body['batch_id'] as unknown as string,
    });
  }
});

afterAll(() => house?.close());

describe.each([
  ['acme', 'globex'],
  ['globex', 'acme'],
] as const)('the tenant %s', (own, foreign) => {
  it('has its own', async () => {
    const { token, channel, action, batch } = of(own);
    const account = await ask('GET', `/api/v1/accounts/twitch/${channel}`, undefined, token);
    expect([account.status, account.body['owner']]).toEqual([200, own]);
    for (const path of [
      `/api/v1/accounts/twitch/${channel}/history`,
      `/api/v1/actions/${action}`,
      `/api/v1/batches/${batch}`,
      `/api/v1/callers/${own}-console`,
    ])
      expect([path, (await ask('GET', path, undefined, token)).status]).toEqual([path, 200]);
  });

  it.each(DOORS)('acts with no account of others (%s)', async (door) => {
    const { token } = of(own);
    const outcomes = [
      await house.doors.execute(door, say(of(foreign).channel), { token }),
      await house.doors.execute(door, say(of(foreign).channel, { dry_run: true }), { token }),
      // That of whoever runs the gateway.
      await house.doors.execute(door, say('1001'), { token }),
    ];
    // And the same as for one that nobody has.
    const unknown = await house.doors.execute(door, say('98989898'), { token });
    for (const outcome of [...outcomes, unknown])
      expect(outcome.failure?.code).toBe('ACCOUNT_NOT_CONNECTED');
    expect(outcomes[0]?.error.replaceAll(of(foreign).channel, '')).toBe(
      unknown.error.replaceAll('98989898', ''),
    );
    const acting = say(of(own).channel, { actor_id: of(foreign).channel });
    const outcome = await house.doors.execute(door, acting, { token });
    expect(outcome.failure?.code).toBe('ACCOUNT_NOT_CONNECTED');
    const bot = {
      platform: 'discord',
      action_type: 'send_message',
      parameters: { channel_id: '700000000000000001', content: 'x' },
    };
    expect((await house.doors.execute(door, bot, { token })).failure?.code).toBe(
      'ACCOUNT_NOT_CONNECTED',
    );
  });

  it('finds nothing of others by name', async () => {
    const { token } = of(own);
    const { channel, action, batch, waiting } = of(foreign);
    const tries: readonly [string, string, number, object?][] = [
      ['GET', `/api/v1/accounts/twitch/${channel}`, 404],
      ['GET', `/api/v1/accounts/twitch/${channel}/history`, 404],
      ['DELETE', `/api/v1/accounts/twitch/${channel}`, 404],
      ['GET', '/api/v1/accounts/twitch/1001', 404],
      ['DELETE', '/api/v1/accounts/twitch/1001', 404],
      ['GET', `/api/v1/actions/${action}`, 404],
      ['DELETE', `/api/v1/actions/${waiting}`, 404],
      ['GET', `/api/v1/batches/${batch}`, 404],
      ['POST', `/api/v1/callbacks/${action}/replay`, 404],
      ['POST', `/api/v1/callbacks/${waiting}/replay`, 404],
      ['GET', `/api/v1/callers/${foreign}-console`, 404],
      ['PUT', `/api/v1/callers/${foreign}-console`, 404, { permissions: [] }],
      ['DELETE', `/api/v1/callers/${foreign}-console`, 404],
      ['POST', `/api/v1/callers/${foreign}-console/rotate`, 404],
      ['POST', '/api/v1/tokens/revoke', 403, { broadcaster_id: channel }],
      ['POST', '/api/v1/oauth/twitch/authorize', 403, { account_id: channel }],
      ['POST', '/api/v1/oauth/discord/authorize', 403, {}],
      ['GET', '/api/v1/flags', 403],
      ['PUT', '/api/v1/flags/twitch', 403, { enabled: false, reason: 'x' }],
      ['GET', '/api/v1/stats', 403],
    ];
    for (const [method, path, status, body] of tries) {
      const answer = await ask(method, path, body, token);
      expect([method, path, answer.status]).toEqual([method, path, status]);
    }
    for (const call of ['GetActionStatus', 'CancelAction'])
      await expect(
        house.doors.grpc.call(call, { action_id: waiting }, { token }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await house.doors.readStatus('rest', waiting)).status).toBe('SCHEDULED');
    expect((await ask('GET', `/api/v1/accounts/twitch/${channel}`)).status).toBe(200);
  });

  it('lists nothing of others', async () => {
    const { token, channel, waiting } = of(own);
    const list = async (path: string): Promise<Record<string, never>> =>
      (await ask('GET', path, undefined, token)).body;
    expect((await list('/api/v1/accounts'))['accounts']).toMatchObject([{ account_id: channel }]);
    expect((await list('/api/v1/callbacks'))['callbacks']).toMatchObject([{ action_id: waiting }]);
    expect((await list('/api/v1/callers'))['callers']).toMatchObject([{ id: `${own}-console` }]);
    const limits = (await list('/api/v1/limits'))['limits'] as unknown as {
      bucket: string;
      account_id: string;
    }[];
    expect(limits.length).toBeGreaterThan(0);
    for (const { bucket, account_id } of limits)
      expect([
        channel,
        bucket === `gateway:caller:${of(own).identity}` ? account_id : channel,
      ]).toContain(account_id);
  });

  it('takes no account of others, and gives none of its own away', async () => {
    const { token } = of(own);
    const before = await house.sandbox.lastSeq();
    for (const channel of [of(foreign).channel, '1001']) {
      const { status } = await store(channel, token);
      expect(status).toBe(403);
    }
    // Nothing was asked of the platform, which might have used the tokens up.
    expect((await house.oauthSince(before)).filter((call) => call.startsWith('POST'))).toEqual([]);
    expect((await store(of(own).channel, token, { owner: foreign })).status).toBe(403);
    const legacy = await house.grant(of(foreign).channel);
    const answer = await ask(
      'POST',
      '/api/v1/tokens/store',
      { broadcaster_id: of(foreign).channel, ...legacy },
      token,
    );
    expect(answer.status).not.toBe(200);
    const { body } = await ask('GET', `/api/v1/accounts/twitch/${of(foreign).channel}`);
    expect(body['owner']).toBe(foreign);
  });

  it('makes callers of its own alone', async () => {
    const { token } = of(own);
    const wish = { id: `${own}-child`, permissions: ['execute_actions'] };
    expect((await ask('POST', '/api/v1/callers', { ...wish, owner: foreign }, token)).status).toBe(
      403,
    );
    const flags = { ...wish, permissions: ['manage_flags'] };
    expect((await ask('POST', '/api/v1/callers', flags, token)).status).toBe(403);
    const made = await ask('POST', '/api/v1/callers', wish, token);
    expect([made.status, made.body['caller']]).toMatchObject([201, { owner: own }]);
    await ask('DELETE', `/api/v1/callers/${own}-child`, undefined, token);
    // Another tenant may use the name: its caller is another one.
    const namesake = await ask('POST', '/api/v1/callers', wish, of(foreign).token);
    expect([namesake.status, namesake.body['caller']]).toMatchObject([201, { owner: foreign }]);
    await ask('DELETE', `/api/v1/callers/${own}-child`, undefined, of(foreign).token);
  });
});

describe('the operator of the gateway', () => {
  it('reaches all, and may say whose an account is', async () => {
    const channel = await house.addUser();
    const stored = await store(channel, tokenOf('operator'), { owner: 'acme' });
    expect([stored.status, stored.body['owner']]).toEqual([200, 'acme']);
    expect((await house.doors.execute('grpc', say(channel))).status).toBe('SUCCEEDED');
    const { token } = of('acme');
    expect((await house.doors.execute('grpc', say(channel), { token })).status).toBe('SUCCEEDED');
    // Stored again without a word of it, it stays whose it was.
    expect((await store(channel, tokenOf('operator'))).body['owner']).toBe('acme');
    await ask('DELETE', `/api/v1/accounts/twitch/${channel}`, undefined, token);
    // Connected by another tenant, its history begins anew.
    expect((await store(channel, of('globex').token)).body['owner']).toBe('globex');
    const history = async (as?: string): Promise<unknown[]> => {
      const path = `/api/v1/accounts/twitch/${channel}/history`;
      return (await ask('GET', path, undefined, as)).body['entries'] as unknown as unknown[];
    };
    expect(await history(of('globex').token)).toMatchObject([{ caller_id: 'globex-console' }]);
    expect((await history()).length).toBeGreaterThanOrEqual(4);
  });

  it('signs tokens for tenants, that reach no farther', async () => {
    const token = tokenOf('by hand', { owner: 'acme' });
    const { body } = await ask('GET', '/api/v1/accounts', undefined, token);
    const owners = (body['accounts'] as unknown as { owner: string }[]).map(({ owner }) => owner);
    expect([...new Set(owners)]).toEqual(['acme']);
    expect((await ask('GET', '/api/v1/flags', undefined, token)).status).toBe(403);
    for (const owner of ['', 7, null, ['acme']]) {
      const wrong = tokenOf('by hand', { owner });
      expect((await ask('GET', '/api/v1/accounts', undefined, wrong)).status).toBe(401);
    }
  });

  it('sees what a tenant queued carried out as that tenant', async () => {
    const { token, channel } = of('acme');
    const queued = await house.doors.execute('rest', say(channel, { run_async: true }), { token });
    const ended = await eventually(
      () => house.doors.readStatus('rest', queued.action_id),
      ({ status }) => status === 'SUCCEEDED' || status === 'REFUSED',
    );
    expect(ended.status).toBe('SUCCEEDED');
    // An account that changes hands meanwhile is no longer its own.
    const lost = await house.doors.execute(
      'rest',
      say(channel, { run_at: new Date(Date.now() + 1_500).toISOString() }),
      { token },
    );
    expect((await store(channel, tokenOf('operator'), { owner: 'globex' })).status).toBe(200);
    const refused = await eventually(
      () => house.doors.readStatus('rest', lost.action_id),
      ({ status }) => status !== 'SCHEDULED' && status !== 'RUNNING',
    );
    expect(refused.failure?.code).toBe('ACCOUNT_NOT_CONNECTED');
  });
});

describe('what is written down', () => {
  it('tells of tokens and of callbacks that were delivered again, to whom they concern', async () => {
    const { token, waiting } = of('acme');
    await ask('DELETE', `/api/v1/actions/${waiting}`, undefined, token);
    const replayed = await ask('POST', `/api/v1/callbacks/${waiting}/replay`, undefined, token);
    expect(replayed.status).toBe(202);
    const list = async (query: string, as?: string): Promise<unknown> =>
      (await ask('GET', `/api/v1/audit/events?${query}`, undefined, as)).body['entries'];
    const subject = `subject=action/${waiting}`;
    expect(await list(subject, token)).toMatchObject([
      { kind: 'callback.replayed', caller_id: 'acme-console', owner: 'acme' },
      { kind: 'action.cancelled', caller_id: 'acme-console', owner: 'acme' },
    ]);
    expect(await list(subject, of('globex').token)).toEqual([]);
    const issued = 'kind=token.issued&caller_id=acme-console';
    expect(await list(issued)).toMatchObject([
      { details: { by: 'own key', expires_in: 3_600 }, owner: 'acme' },
    ]);
    expect(await list(issued, of('globex').token)).toEqual([]);
    const wrong = await ask('POST', '/api/v1/auth/token', { api_key: 'guess' }, null);
    expect(wrong.status).toBe(401);
  });
});
