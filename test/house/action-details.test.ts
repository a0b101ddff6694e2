// Real: the built gateway as a process with its sandbox, PostgreSQL with 100,000 rows, HTTP over sockets.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { callRest, type GatewayProcess, makeToken, startGateway } from '../support/gateway.js';

let database: Awaited<ReturnType<typeof createDatabase>>;
let gateway: GatewayProcess;
const MANY = 100_000;

beforeAll(async () => {
  database = await createDatabase();
  gateway = await startGateway({
    SANDBOX: 'true',
    DATABASE_URL: database.url,
    CALLER_REQUESTS_PER_MINUTE: '100000',
  });
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

const rest = (method: string, path: string, body?: unknown, token = makeToken()) =>
  callRest(gateway, method, `/api/v1${path}`, body, { token });

const execute = async (more: object = {}): Promise<string> => {
  const { body } = await rest('POST', '/actions/execute', {
    platform: 'twitch',
    action_type: 'chat_message',
    account_id: '1001',
    parameters: { message: 'a private text' },
    ...more,
  });
  return body['action_id'] as unknown as string;
};

describe('an action', () => {
  it('tells what it was, when it happened and how often it was sent', async () => {
    const id = await execute({ idempotency_key: 'k-1', request_id: 'r-1', priority: 'HIGH' });
    const { body } = await rest('GET', `/actions/${id}`);
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(body).toMatchObject({
      status: 'SUCCEEDED',
      request_id: 'r-1',
      action: {
        platform: 'twitch',
        action_type: 'chat_message',
        account_id: '1001',
        actor_id: '1001',
        effect: 'create',
        caller_id: 'tester',
        door: 'rest',
        priority: 'HIGH',
        idempotency_key: 'k-1',
        batch_id: null,
        attempts: 1,
        run_at: null,
        received_at: time,
        started_at: time,
        finished_at: time,
        cause: 'The platform confirmed the action.',
        what_to_do: 'Read result_data.',
      },
    });
    expect(JSON.stringify(body)).not.toContain('a private text');
  });

  it('that failed tells the cause and what to do', async () => {
    await rest('PUT', '/flags/twitch.raids', { enabled: false, reason: 'no raids today' });
    const id = await execute({ action_type: 'raid', parameters: { to_broadcaster_id: '1003' } });
    const { body } = await rest('GET', `/actions/${id}`);
    expect(body['action']).toMatchObject({
      cause: expect.stringMatching(/flag twitch\.raids: no raids today/) as string,
      what_to_do: expect.stringMatching(/flags .* switch it on again/) as string,
    });
  });

  it('that waits tells its time', async () => {
    const run_at = new Date(Date.now() + 3_600_000).toISOString();
    const id = await execute({ run_at });
    const { body } = await rest('GET', `/actions/${id}`);
    expect(body['action']).toMatchObject({ run_at, started_at: null, attempts: 0 });
  });
});

interface Count {
  readonly at: string;
  readonly platform: string;
  readonly status: string;
  readonly count: number;
}

const sum = (counts: readonly Count[]): number =>
  counts.reduce((total, { count: of }) => total + of, 0);

describe('a log of 100,000 rows', () => {
  const BEGIN = Date.UTC(2026, 0, 1);

  beforeAll(async () => {
    const sql = new Client({ connectionString: database.url });
    await sql.connect();
    // A row in each second, every tenth refused, every hundredth of another tenant.
    await sql.query(
      `INSERT INTO actions (id, platform, action_type, account_id, actor_id, effect, status, error, caller_id,
         owner, door, sandbox, received_at)
       SELECT (lpad(to_hex($1::bigint + n * 1000), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
         CASE WHEN n % 2 = 0 THEN 'twitch' ELSE 'discord' END, 'chat_message', (n % 50)::text, (n % 50)::text,
         'create', CASE WHEN n % 10 = 0 THEN 'REFUSED' ELSE 'SUCCEEDED' END,
         CASE WHEN n % 10 = 0 THEN 'no' ELSE '' END, 'tester',
         CASE WHEN n % 100 = 0 THEN 'acme' ELSE '' END, 'rest', true,
         to_timestamp(($1::bigint + n * 1000) / 1000.0)
       FROM generate_series(0, $2::int - 1) n`,
      [BEGIN, MANY],
    );
    await sql.query('ANALYZE actions');
    await sql.end();
  });

  const SPAN = `from=${new Date(BEGIN).toISOString()}&to=${new Date(BEGIN + MANY * 1_000).toISOString()}`;
  const count = async (query: string, token?: string): Promise<Count[]> => {
    const { status, body } = await rest('GET', `/audit/stats?${SPAN}&${query}`, undefined, token);
    expect(status).toBe(200);
    return body['counts'] as unknown as Count[];
  };

  it('is counted by hour, platform and status', async () => {
    const counts = await count('bucket=hour');
    expect(sum(counts)).toBe(MANY);
    expect(counts[0]).toEqual({
      at: '2026-01-01T00:00:00.000Z',
      platform: 'discord',
      status: 'SUCCEEDED',
      count: 1_800,
    });
    expect(sum(counts.filter(({ status }) => status === 'REFUSED'))).toBe(MANY / 10);
    expect(sum(await count('bucket=day&platform=twitch&status=REFUSED'))).toBe(MANY / 10);
    expect(sum(await count('bucket=day&account_id=7'))).toBe(MANY / 50);
  });

  it('is counted within the reach of the caller', async () => {
    expect(sum(await count('bucket=day', makeToken({ owner: 'acme' })))).toBe(MANY / 100);
    expect(sum(await count('bucket=day', makeToken({ accounts: ['7'] })))).toBe(MANY / 50);
    const blind = makeToken({ permissions: ['execute_actions'] });
    expect((await rest('GET', `/audit/stats?${SPAN}`, undefined, blind)).status).toBe(403);
  });

  it.each([
    ['too many spans', 'bucket=minute', /\d+ spans of a minute apart, and may be 1500/],
    ['an unknown span', 'bucket=year', /bucket must be one of minute, hour, day/],
  ])('refuses %s', async (_name, query, message) => {
    const { status, body } = await rest('GET', `/audit/stats?${SPAN}&${query}`);
    expect([status, body['error']]).toMatchObject([400, expect.stringMatching(message)]);
  });

  it('is read page by page from end to end', async () => {
    let [cursor, seen, pages] = ['', 0, 0];
    const ids = new Set<string>();
    do {
      const { body } = await rest(
        'GET',
        `/audit?${SPAN}&platform=twitch&status=REFUSED&limit=500${cursor && `&cursor=${cursor}`}`,
      );
      for (const { action_id } of body['entries'] as unknown as { action_id: string }[])
        ids.add(action_id);
      seen += (body['entries'] as unknown as unknown[]).length;
      cursor = (body['next_cursor'] as unknown as string | null) ?? '';
      pages += 1;
    } while (cursor !== '');
    expect([seen, ids.size, pages]).toEqual([MANY / 10, MANY / 10, 20]);
  });
});
