// Real: built gateways as processes, PostgreSQL, both doors. Fake: Twitch at the wire. The database is made
// read-only, clocks are set wrong, and callers come at the same moment.
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { callRest, makeToken } from '../support/gateway.js';
import { House } from '../support/two-doors.js';

let house: House;
let sql: Client;

beforeAll(async () => {
  house = await House.open();
  sql = new Client({ connectionString: house.database.url });
  await sql.connect();
});

afterAll(async () => {
  await sql?.end();
  await house?.close();
});

const run = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await sql.query<Record<string, unknown>>(text, values)).rows;

interface Outcome {
  readonly status: string;
  readonly action_id: string;
  readonly failure?: { readonly code: string };
}

async function execute(envelope: object, token?: string): Promise<Outcome> {
  const { body } = await house.doors.rest(
    'POST',
    '/api/v1/actions/execute',
    { platform: 'twitch', action_type: 'marker', account_id: '1001', parameters: {}, ...envelope },
    token === undefined ? {} : { token },
  );
  return body as unknown as Outcome;
}

/** Every connection of the gateway ends, and those that come next may write or not. */
async function setReadOnly(isReadOnly: boolean): Promise<void> {
  const name = new URL(house.database.url).pathname.slice(1);
  await run(`ALTER DATABASE ${name} SET default_transaction_read_only = ${isReadOnly}`);
  await run(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
}

describe('a database that became read-only', () => {
  it('loses no outcome: it is written when the database takes it again', async () => {
    await house.sandbox.control('POST', '/sandbox/faults', {
      match: { path: '/twitch/helix/streams/markers' },
      times: 1,
      fault: { kind: 'delay', ms: 1_500 },
    });
    const key = `read-only-${Date.now()}`;
    const calling = execute({ idempotency_key: key });
    const [begun] = await eventually(
      () => run(`SELECT id FROM actions WHERE idempotency_key = $1 AND status = 'RUNNING'`, [key]),
      (rows) => rows.length === 1,
    );
    await setReadOnly(true);
    await house.doors.gateway.waitForLine(
      new RegExp(`the outcome of ${String(begun?.['id'])} waits`),
    );
    try {
      // What has not begun is told so, as something that may be repeated as it is.
      const refused = await house.doors.rest('POST', '/api/v1/actions/execute', {
        platform: 'twitch',
        action_type: 'marker',
        account_id: '1001',
        parameters: {},
      });
      expect([refused.status, refused.headers.get('nothing-sent')]).toEqual([503, '1']);
    } finally {
      await setReadOnly(false);
    }
    await calling;
    const [row] = await eventually(
      () => run('SELECT status FROM actions WHERE id = $1', [begun?.['id']]),
      ([found]) => found?.['status'] === 'SUCCEEDED',
    );
    expect(row).toEqual({ status: 'SUCCEEDED' });
    expect(await execute({ idempotency_key: key })).toMatchObject({
      status: 'SUCCEEDED',
      replayed: true,
    });
  });
});

describe('a database that has lost what it acknowledged', () => {
  it('is noticed, and a repeat hears of the outcome instead of sending again', async () => {
    const key = `lost-${Date.now()}`;
    const done = await execute({ idempotency_key: key, parameters: { description: key } });
    expect(done).toMatchObject({ status: 'SUCCEEDED' });
    const id = done.action_id;
    // What a failover to a server that lagged behind leaves of it: nothing.
    await run('DELETE FROM actions WHERE id = $1', [id]);
    await run('DELETE FROM idempotency_keys WHERE action_id = $1', [id]);
    await house.doors.gateway.waitForLine(/has lost outcomes that it had acknowledged/);
    await eventually(
      () => run('SELECT answer FROM idempotency_keys WHERE action_id = $1', [id]),
      (rows) => rows.length === 1,
    );
    expect(await execute({ idempotency_key: key, parameters: { description: key } })).toMatchObject(
      {
        status: 'SUCCEEDED',
        action_id: id,
        replayed: true,
      },
    );
    const [row] = await run('SELECT status FROM actions WHERE id = $1', [id]);
    expect(row).toEqual({ status: 'SUCCEEDED' });
  });
});

describe('callers at the same moment', () => {
  it('hear of a key of another content while the first is under way', async () => {
    const rounds = await Promise.all(
      Array.from({ length: 20 }, async (_none, round) => {
        const idempotency_key = `contents-${round}-${Date.now()}`;
        const outcomes = await Promise.all(
          ['a', 'b', 'c'].map((description) =>
            execute({ idempotency_key, parameters: { description } }),
          ),
        );
        return outcomes.map(({ status, failure }) => failure?.code ?? status).toSorted();
      }),
    );
    expect(rounds).toEqual(rounds.map(() => ['KEY_REUSED', 'KEY_REUSED', 'SUCCEEDED']));
  });

  it('who cancel the same action hear the same', async () => {
    const run_at = new Date(Date.now() + 3_600_000).toISOString();
    for (let round = 0; round < 10; round += 1) {
      const { action_id } = await execute({ run_at });
      const answers = await Promise.all(
        [1, 2, 3].map(() => house.doors.rest('DELETE', `/api/v1/actions/${action_id}`)),
      );
      expect(answers.map(({ body }) => (body as unknown as Outcome).status)).toEqual([
        'CANCELLED',
        'CANCELLED',
        'CANCELLED',
      ]);
    }
  });
});

describe('the key of an action that waits', () => {
  it('lives as long as it waits, and then as long as any', async () => {
    const key = `waits-${Date.now()}`;
    const run_at = new Date(Date.now() + 30 * 86_400_000).toISOString();
    const { action_id } = await execute({ idempotency_key: key, run_at });
    const readLife = async (): Promise<number> => {
      const [found] = await run(
        `SELECT extract(epoch FROM expires_at - now())::float8 / 86400 AS days
         FROM idempotency_keys WHERE key = $1`,
        [key],
      );
      return Number(found?.['days']);
    };
    expect(await readLife()).toBeGreaterThan(30);
    await run(`UPDATE queued_actions SET due_at = now() WHERE id = $1`, [action_id]);
    await run(
      `UPDATE queue_lines SET due_at = now(), not_before = '-infinity'
       WHERE line = (SELECT line FROM queued_actions WHERE id = $1)`,
      [action_id],
    );
    await eventually(
      () => run('SELECT status FROM actions WHERE id = $1', [action_id]),
      ([row]) => row?.['status'] === 'SUCCEEDED',
    );
    expect(await readLife()).toBeLessThanOrEqual(1);
    expect(await readLife()).toBeGreaterThan(0.9);
  });
});

describe('a repeat of what was scheduled', () => {
  it('is answered with its outcome when its time is over', async () => {
    const run_at = new Date(Date.now() + 1_000).toISOString();
    const envelope = { idempotency_key: `scheduled-${run_at}`, run_at };
    const { action_id, status } = await execute(envelope);
    expect(status).toBe('SCHEDULED');
    await eventually(
      () => run('SELECT status FROM actions WHERE id = $1', [action_id]),
      ([row]) => row?.['status'] === 'SUCCEEDED',
    );
    expect(await execute(envelope)).toMatchObject({
      action_id,
      status: 'SUCCEEDED',
      replayed: true,
    });
    // Another one, whose key is free, comes too late.
    expect(await execute({ run_at })).toMatchObject({ failure: { code: 'INVALID_INPUT' } });
  });
});

describe.each([
  ['430 days ahead', 430 * 86_400_000],
  ['10 minutes ahead', 600_000],
  ['10 minutes behind', -600_000],
])('a replica whose clock is %s', (_name, skewMs) => {
  it('decides by the clock of the database, says so, and drops nothing', async () => {
    const preload = `--import ${join(import.meta.dirname, '../support/skewed-clock.mjs')}`;
    const skewed = await house.openAnother({
      CLOCK_SKEW_MS: String(skewMs),
      NODE_OPTIONS: preload,
      AUDIT_RETENTION_DAYS: '400',
    });
    const { gateway } = skewed;
    await gateway.waitForLine(/the clock of this machine is \d+ s (ahead of|behind) the database/);
    const ask = (method: string, path: string, body?: unknown, token?: string) =>
      callRest(gateway, method, path, body, token === undefined ? {} : { token });
    // A token of five minutes that the right clock made, and one that this replica makes.
    const now = Math.floor(Date.now() / 1_000);
    const short = makeToken({ iat: now, exp: now + 300 });
    expect((await ask('GET', '/api/v1/catalog', undefined, short)).status).toBe(200);
    const soon = new Date(Date.now() + 60_000).toISOString();
    const marker = {
      platform: 'twitch',
      action_type: 'marker',
      account_id: '1001',
      parameters: {},
    };
    const later = await ask('POST', '/api/v1/actions/execute', { ...marker, run_at: soon });
    expect(later.body).toMatchObject({ status: 'SCHEDULED' });
    const past = new Date(Date.now() - 60_000).toISOString();
    const refused = await ask('POST', '/api/v1/actions/execute', { ...marker, run_at: past });
    expect(refused.body).toMatchObject({ failure: { code: 'INVALID_INPUT' } });
    const done = await ask('POST', '/api/v1/actions/execute', marker);
    expect(done.body).toMatchObject({ status: 'SUCCEEDED' });
    const id = (done.body as unknown as Outcome).action_id;
    const [row] = await run(
      `SELECT abs(extract(epoch FROM now() - received_at)) < 300 AS is_now,
         tableoid::regclass::text = 'actions_' || to_char(now(), 'YYYY_MM') AS is_this_month
       FROM actions WHERE id = $1`,
      [id],
    );
    expect(row).toEqual({ is_now: true, is_this_month: true });
    const metrics = await ask('GET', '/metrics');
    const said = /gateway_clock_skew_seconds (-?[\d.]+)/.exec(
      String((metrics.body as unknown as { text: string }).text),
    )?.[1];
    expect(Math.abs(Number(said) - skewMs / 1_000)).toBeLessThan(30);
  });
});
