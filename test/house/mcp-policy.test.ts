// Real: the built gateway, PostgreSQL, all three doors, the published clients. Fake: the platforms, at the wire.
import { array, assert, asyncProperty, constantFrom, tuple } from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { POLICIES, type Policy } from '../../src/actions/caller.js';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { callRest, type RestAnswer } from '../support/gateway.js';
import { connectMcp, type McpClient } from '../support/mcp-clients.js';

const CHANNEL = '700000000000000001';

interface Made {
  readonly id: string;
  readonly key: string;
  readonly mcp: McpClient;
}

let cluster: Cluster;
let before = 0;
let made = 0;
const clients: McpClient[] = [];

beforeAll(async () => {
  cluster = await Cluster.open(1);
  await cluster.sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
});

beforeEach(async () => {
  before = await cluster.sandbox.lastSeq();
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await cluster?.close();
});

const ask = (method: string, path: string, body?: object, token?: string): Promise<RestAnswer> =>
  callRest(
    cluster.pick(0).gateway,
    method,
    `/api/v1${path}`,
    body,
    token === undefined ? {} : { token },
  );

async function make(policy: Policy | null, more: object = {}): Promise<Made> {
  const id = `agent-${(made += 1)}`;
  const bounds = { id, permissions: ['execute_actions', 'read_audit'], ...more };
  const { status, body } = await ask('POST', '/callers', { ...bounds, ...(policy && { policy }) });
  if (status !== 201) throw new Error(JSON.stringify(body));
  const key = String(body['api_key']);
  const mcp = await connectMcp('2026-07-28', `${cluster.pick(0).gateway.restUrl}/mcp`, {
    authorization: `Bearer ${key}`,
  });
  clients.push(mcp);
  return { id, key, mcp };
}

interface Wanted {
  readonly platform: string;
  readonly action_type: string;
  readonly account_id?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const SAY: Wanted = {
  platform: 'discord',
  action_type: 'send_message',
  parameters: { channel_id: CHANNEL, content: 'only adds' },
};
const twitch = (action_type: string, parameters: object): Wanted => ({
  platform: 'twitch',
  action_type,
  account_id: '1001',
  parameters: { ...parameters },
});
const DESTRUCTIVE: readonly Wanted[] = [
  twitch('ban', { user_id: '1003' }),
  twitch('timeout', { user_id: '1003', duration: 60 }),
  twitch('clear_chat', {}),
  twitch('update_title', { title: 'Defaced' }),
  twitch('warn_user', { user_id: '1003', reason: 'no' }),
  { ...SAY, action_type: 'delete_channel', parameters: { channel_id: CHANNEL } },
];

const toTool = ({ platform, action_type, ...rest }: Wanted): object => ({
  action: `${platform}.${action_type}`,
  ...rest,
});

/** What reached a platform and was no read, since the test began. */
async function listWrites(): Promise<string[]> {
  const seen = await cluster.sandbox.requestsSince(before);
  return seen
    .filter(({ method, path }) => method !== 'GET' && !path.includes('/oauth2/'))
    .map(({ method, path }) => `${method} ${path}`);
}

/** The ways in which a caller may try to have an effect. */
const WAYS = {
  rest: (wanted: Wanted, { key }: Made) => ask('POST', '/actions/execute', wanted, key),
  grpc: (wanted: Wanted, { key }: Made) =>
    cluster.pick(0).grpc.execute({ ...wanted }, { token: key }),
  mcp: (wanted: Wanted, { mcp }: Made) => mcp.call('execute_action', toTool(wanted)),
  'mcp, later': (wanted: Wanted, { mcp }: Made) =>
    mcp.call('execute_action', { ...toTool(wanted), run_async: true }),
  'mcp, after a dry run': async (wanted: Wanted, { mcp }: Made) => {
    await mcp.call('execute_action', { ...toTool(wanted), dry_run: true });
    return mcp.call('execute_action', { ...toTool(wanted), dry_run: false });
  },
  'mcp, a tool of its own': async (wanted: Wanted, { key }: Made) => {
    const url = `${cluster.pick(0).gateway.restUrl}/mcp?toolsets=all`;
    const client = await connectMcp('2025-11-25', url, { authorization: `Bearer ${key}` });
    clients.push(client);
    const { platform, action_type, ...rest } = wanted;
    return client.call(`${platform}_${action_type}`, rest).catch(() => undefined);
  },
  batch: (wanted: Wanted, { key }: Made) =>
    ask('POST', '/actions/batch', { actions: [wanted, wanted] }, key),
  scheduled: (wanted: Wanted, { key }: Made) =>
    ask(
      'POST',
      '/actions/execute',
      { ...wanted, run_at: new Date(Date.now() + 1_000).toISOString() },
      key,
    ),
  replayed: async (wanted: Wanted, { key }: Made) => {
    const { body } = await ask('POST', '/actions/execute', wanted, key);
    return ask('POST', '/actions/replay', { action_ids: [body['action_id']] }, key);
  },
  'by a token': async (wanted: Wanted, { key }: Made) => {
    const { body } = await ask('POST', '/auth/token', { api_key: key });
    return ask('POST', '/actions/execute', wanted, String(body['token']));
  },
  'by a caller that it makes': async (wanted: Wanted, { key }: Made) => {
    const id = `child-${(made += 1)}`;
    const bounds = { id, permissions: ['execute_actions'] };
    const { body } = await ask('POST', '/callers', bounds, key);
    return ask('POST', '/actions/execute', wanted, String(body['api_key'] ?? 'none'));
  },
  'after a change of its own policy': async (wanted: Wanted, { id, key }: Made) => {
    await ask('PATCH', `/callers/${id}`, { policy: null }, key);
    return ask('POST', '/actions/execute', wanted, key);
  },
} satisfies Record<string, (wanted: Wanted, caller: Made) => Promise<unknown>>;

const ways = Object.keys(WAYS) as (keyof typeof WAYS)[];

describe.each(POLICIES)('a caller with the policy %s', (policy) => {
  it('causes no destructive effect by any sequence of requests at any door', async () => {
    const caller = await make(policy, {
      permissions: ['execute_actions', 'read_audit', 'manage_callers'],
    });
    await assert(
      asyncProperty(
        array(tuple(constantFrom(...ways), constantFrom(...DESTRUCTIVE)), {
          minLength: 1,
          maxLength: 6,
        }),
        async (steps) => {
          for (const [way, wanted] of steps) await WAYS[way](wanted, caller);
          expect(await listWrites()).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
    // Each way once, so that none is left to chance.
    for (const way of ways) await WAYS[way](DESTRUCTIVE[0] as Wanted, caller);
    expect(await listWrites()).toEqual([]);
    const waiting = await cluster.query('SELECT 1 FROM queued_actions');
    expect(waiting).toEqual([]);
  });

  it('reads, and rehearses', async () => {
    const { mcp } = await make(policy);
    const read = await mcp.call('execute_action', {
      action: 'twitch.search_categories',
      parameters: { query: 'chat' },
    });
    expect(read.values['status']).toBe('SUCCEEDED');
    const dry = await mcp.call('execute_action', {
      ...toTool(DESTRUCTIVE[0] as Wanted),
      dry_run: true,
    });
    expect(dry.values['status']).toBe('PREPARED');
  });
});

describe('a caller without a policy', () => {
  it.each(ways)('causes the effect: %s', async (way) => {
    const caller = await make(null, {
      permissions: ['execute_actions', 'read_audit', 'manage_callers'],
    });
    await WAYS[way](twitch('update_title', { title: `Changed: ${way}` }), caller);
    const writes = await eventually(listWrites, ({ length }) => length > 0);
    expect(writes).not.toEqual([]);
  });
});

describe('a policy', () => {
  it('leaves what only adds to no_destructive_effects, and offers no other write', async () => {
    const { mcp } = await make('no_destructive_effects');
    const said = await mcp.call('execute_action', toTool(SAY));
    expect(said.values['status']).toBe('SUCCEEDED');
    const found = await mcp.call('search_actions', { query: 'ban', kind: 'write' });
    const names = (found.values['actions'] as { action: string }[]).map(({ action }) => action);
    expect(names).not.toContain('twitch.ban');
  });

  it('holds for what waited before it was set', async () => {
    const { id, key } = await make(null);
    const wanted = twitch('update_title', { title: 'Later' });
    const late = new Date(Date.now() + 86_400_000).toISOString();
    const { body } = await ask('POST', '/actions/execute', { ...wanted, run_at: late }, key);
    expect(body['status']).toBe('SCHEDULED');
    const changed = await ask('PATCH', `/callers/${id}`, { policy: 'read_only' });
    expect(changed.body['policy']).toBe('read_only');
    const soon = new Date(Date.now() + 500).toISOString();
    await ask('PATCH', `/actions/${String(body['action_id'])}`, { run_at: soon });
    const ended = await eventually(
      () => ask('GET', `/actions/${String(body['action_id'])}`),
      ({ body: told }) => told['status'] !== 'SCHEDULED' && told['status'] !== 'RUNNING',
    );
    expect(ended.body).toMatchObject({ status: 'REFUSED', failure: { code: 'NOT_ALLOWED' } });
    expect(await listWrites()).toEqual([]);
  });

  it('is not ended by a change that does not name it', async () => {
    const { id } = await make('read_only');
    const put = await ask('PUT', `/callers/${id}`, { permissions: ['execute_actions'] });
    expect(put.body['policy']).toBe('read_only');
    const wrong = await ask('PATCH', `/callers/${id}`, { policy: 'be_nice' });
    expect(wrong.status).toBe(400);
  });
});

describe('approval_first', () => {
  it('carries out once what another caller has approved, and tells the caller so', async () => {
    const { mcp, key } = await make('approval_first');
    const wanted = twitch('update_title', { title: 'Approved title' });
    const asked = await mcp.call('execute_action', toTool(wanted));
    expect(asked).toMatchObject({
      isError: true,
      values: { status: 'REFUSED', failure: { code: 'APPROVAL_REQUIRED' } },
    });
    expect(asked.text).toMatch(/Ask a person to approve it/);
    const approval = { action_ids: [asked.values['action_id']] };
    const own = await ask('POST', '/actions/replay', approval, key);
    expect(own.status).toBe(403);
    const other = await make('approval_first');
    expect((await ask('POST', '/actions/replay', approval, other.key)).status).toBe(403);
    expect(await listWrites()).toEqual([]);
    const first = await ask('POST', '/actions/replay', approval);
    expect(first.body['results']).toMatchObject([{ done: true, status: 'SUCCEEDED' }]);
    const second = await ask('POST', '/actions/replay', approval);
    expect(second.body['results']).toMatchObject([{ done: true, status: 'SUCCEEDED' }]);
    expect(await listWrites()).toHaveLength(1);
    const { values } = await mcp.call('get_status', { action_id: asked.values['action_id'] });
    expect(values['status']).toBe('SUCCEEDED');
  });
});
