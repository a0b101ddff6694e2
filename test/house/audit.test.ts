// Real: a gateway process, PostgreSQL, its REST door. Fake: Twitch, at the wire; many rows, made by SQL.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { makeToken, type RestAnswer } from '../support/gateway.js';
import { House, tokenOf } from '../support/two-doors.js';

interface Entry {
  readonly action_id: string;
  readonly [name: string]: unknown;
}

const MANY = 50_000;
vi.setConfig({ testTimeout: 120_000 });

let house: House;

const ask = (query: string, token?: string): Promise<RestAnswer> =>
  house.doors.rest('GET', `/api/v1/audit${query}`, undefined, token === undefined ? {} : { token });
const entriesOf = ({ body }: RestAnswer): Entry[] => body['entries'] as unknown as Entry[];
const idsOf = (answer: RestAnswer): string[] => entriesOf(answer).map(({ action_id }) => action_id);

async function runSql(text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(text).finally(() => client.end());
  return rows;
}

const say = (more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'a secret word' },
  ...more,
});

const execute = (envelope: object, token?: string): ReturnType<House['doors']['execute']> =>
  house.doors.execute('rest', envelope, token === undefined ? {} : { token });

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house?.close());

describe('the search', () => {
  it('finds by every field, the newest first, and shows no secret', async () => {
    const token = tokenOf('finder');
    const done = await execute(say({ request_id: 'wanted', idempotency_key: 'k' }), token);
    const failed = await execute(say({ account_id: '4242', request_id: 'wanted' }), token);
    const [later, earlier, ...none] = entriesOf(await ask('?caller_id=finder'));
    expect(none).toEqual([]);
    expect(later).toMatchObject({
      action_id: failed.action_id,
      status: 'REFUSED',
      failure: { code: 'ACCOUNT_NOT_CONNECTED' },
    });
    expect(earlier).toEqual({
      action_id: done.action_id,
      received_at: expect.any(String) as string,
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: '1001',
      actor_id: '1001',
      effect: 'create',
      status: 'SUCCEEDED',
      message: 'Action chat_message executed successfully',
      error: '',
      failure: null,
      parameters: { message: '[redacted, 13 characters]' },
      result: done.result_data,
      caller_id: 'finder',
      caller_identity: 'finder',
      owner: '',
      door: 'rest',
      request_id: 'wanted',
      trace_id: expect.any(String) as string,
      idempotency_key: 'k',
      batch_id: null,
      priority: 'NORMAL',
      attempts: 1,
      sandbox: true,
      run_at: null,
      started_at: expect.any(String) as string,
      finished_at: expect.any(String) as string,
    });
    const both = [failed.action_id, done.action_id];
    const at = String(earlier?.['received_at']);
    const tries: readonly [string, readonly string[]][] = [
      ['platform=twitch', both],
      ['platform=discord', []],
      ['action_type=chat_message', both],
      ['action_type=ban', []],
      ['account_id=4242', [failed.action_id]],
      ['actor_id=1001', [done.action_id]],
      ['status=SUCCEEDED', [done.action_id]],
      ['failure_code=ACCOUNT_NOT_CONNECTED', [failed.action_id]],
      ['failure_code=KEY_REUSED', []],
      ['request_id=wanted', both],
      ['request_id=wante', []],
      ['effect=create', both],
      ['effect=delete', []],
      ['text=IS%20NOT%20CONNECTED', [failed.action_id]],
      ['text=%25', []],
      [`to=${at}`, [done.action_id]],
      [`from=${at}`, both],
      ['from=2999-01-01T00:00:00Z', []],
      ['to=2020-01-01T00:00:00%2B02:00', []],
    ];
    for (const [query, expected] of tries)
      expect([query, idsOf(await ask(`?caller_id=finder&${query}`))]).toEqual([query, expected]);
  });

  it('finds an actor in its own channel and in others', async () => {
    const token = tokenOf('acting');
    const own = await execute(say({ account_id: '1002' }), token);
    const elsewhere = await execute(say({ actor_id: '1002' }), token);
    await execute(say(), token);
    const last = await execute(say({ account_id: '1002', actor_id: '1002' }), token);
    const all = [last, elsewhere, own].map(({ action_id }) => action_id);
    expect(idsOf(await ask('?caller_id=acting&actor_id=1002'))).toEqual(all);
    expect(idsOf(await ask('?caller_id=acting&actor_id=1002&account_id=1001'))).toEqual([
      elsewhere.action_id,
    ]);
    const part = await ask('?caller_id=acting&actor_id=1002&limit=2');
    expect(idsOf(part)).toEqual(all.slice(0, 2));
    const rest = await ask(
      `?caller_id=acting&actor_id=1002&limit=2&cursor=${String(part.body['next_cursor'])}`,
    );
    expect(idsOf(rest)).toEqual(all.slice(2));
  });

  it('goes on where a part ended, while others write, and never twice', async () => {
    const token = tokenOf('pager');
    const made: string[] = [];
    for (let time = 0; time < 7; time += 1) made.unshift((await execute(say(), token)).action_id);
    const seen: string[] = [];
    let cursor = '';
    for (let part = 0; part < 10; part += 1) {
      const answer = await ask(`?caller_id=pager&limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsOf(answer));
      const next = answer.body['next_cursor'] as unknown as string | null;
      if (next === null) break;
      cursor = next;
      await execute(say(), token);
    }
    expect(seen).toEqual(made);
  });

  it('takes no cursor but its own', async () => {
    for (let time = 0; time < 3; time += 1) await execute(say(), tokenOf('forger'));
    const { body } = await ask('?caller_id=forger&limit=1');
    const cursor = body['next_cursor'] as unknown as string;
    expect((await ask(`?caller_id=forger&limit=2&cursor=${cursor}`)).status).toBe(200);
    const bytes = Buffer.from(cursor, 'base64url');
    const flipped = [0, 15, 16, 31].map((place) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(place) ^ 1, place);
      return copy.toString('base64url');
    });
    const forged = [
      ...flipped,
      'x',
      bytes.subarray(0, 16).toString('base64url'),
      Buffer.alloc(32).toString('base64url'),
      // The id of a row as it stands.
      idsOf(await ask('?caller_id=forger&limit=1'))[0] ?? '',
    ];
    for (const wrong of forged) {
      const answer = await ask(`?caller_id=forger&limit=1&cursor=${wrong}`);
      expect([wrong, answer.status]).toEqual([wrong, 400]);
    }
    // Of another question.
    expect((await ask(`?caller_id=other&cursor=${cursor}`)).status).toBe(400);
    expect((await ask(`/events?cursor=${cursor}`)).status).toBe(400);
  });

  it.each([
    ['from=2027-02-01T00:00:00Z&to=2027-01-01T00:00:00Z', /from \(2027-02-01.*to \(2027-01-01/],
    ['from=yesterday', /from must be a time such as/],
    ['from=2027-99-01T00:00:00Z', /from \(2027-99-01T00:00:00Z\) is in no calendar/],
    ['limit=0', /limit must be at least 1/],
    ['limit=501', /limit must be at most 500/],
    ['status=DONE', /status must be one of/],
    ['failure_code=NOPE', /failure_code must be one of/],
    ['statuss=SUCCEEDED', /Did you mean "status"/],
    ['caller_id=a&caller_id=b', /caller_id must be text/],
  ])('%s is refused in words', async (query, message) => {
    for (const path of [`?${query}`, `/export?${query}`]) {
      if (path.startsWith('/export') && query.startsWith('limit')) continue;
      const { status, body } = await ask(path);
      expect([status, body['detail']]).toEqual([400, expect.stringMatching(message)]);
    }
  });

  it('shows no more than the token reaches', async () => {
    await execute(say(), tokenOf('somebody'));
    await execute(say({ account_id: '1002' }), tokenOf('somebody'));
    const none = tokenOf('somebody', { permissions: ['execute_actions'] });
    for (const path of ['', '/events', '/export']) expect((await ask(path, none)).status).toBe(403);
    const permissions = ['read_audit'];
    const reads = async (claims: object): Promise<unknown[]> => {
      const token = makeToken({ sub: 'auditor', permissions, ...claims });
      const entries = entriesOf(await ask('?caller_id=somebody', token));
      const rows = (await exportAs('ndjson', '?caller_id=somebody', token))
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Entry);
      expect(rows).toEqual(entries);
      return entries.map(({ account_id }) => account_id);
    };
    expect(await reads({})).toEqual(['1002', '1001']);
    expect(await reads({ accounts: ['1002'] })).toEqual(['1002']);
    expect(await reads({ platforms: ['discord'] })).toEqual([]);
    expect(await reads({ actions: ['twitch.polls'] })).toEqual([]);
    expect(await reads({ actions: ['twitch.chat'] })).toEqual(['1002', '1001']);
    expect(await reads({ owner: 'acme' })).toEqual([]);
  });
});

async function exportAs(format: string, query = '', token = makeToken()): Promise<string> {
  const url = `${house.doors.gateway.restUrl}/api/v1/audit/export${query}${query ? '&' : '?'}format=${format}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return answer.text();
}

/** How much memory the gateway holds now, in MiB. */
async function readMemory(): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${house.doors.gateway.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}

/** Mebibytes that the gateway has read so far, from the database above all. */
async function countRead(): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const figures = await readFile(`/proc/${house.doors.gateway.process.pid}/io`, 'utf8');
  return Number(/rchar: (\d+)/.exec(figures)?.[1]) / 1_048_576;
}

/** Waits until the gateway reads nothing more than its beats. @returns how much it had read by then */
async function waitForStand(): Promise<number> {
  let last = -1;
  return eventually(
    countRead,
    (count) => {
      const stands = count - last < 0.5;
      last = count;
      return stands;
    },
    { everyMs: 1_500 },
  );
}

describe('the export', () => {
  beforeAll(async () => {
    await runSql(`INSERT INTO actions (id, platform, action_type, account_id, actor_id, effect, status, error,
        caller_id, door, sandbox, received_at, parameters)
      SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000a000' ||
          lpad(to_hex(n), 12, '0'))::uuid, 'twitch', 'chat_message', 'many', 'many', 'create', 'REFUSED',
        repeat('x', 1000), 'bulk', 'grpc', true, now(), '{}' FROM generate_series(1, ${MANY}) n`);
  });

  it('gives every row once, as CSV and as lines of JSON', async () => {
    const csv = (await exportAs('csv', '?account_id=many')).trimEnd().split('\r\n');
    expect(csv).toHaveLength(MANY + 1);
    expect(csv[0]).toMatch(/^action_id,received_at,platform,/);
    const ids = csv.slice(1).map((line) => line.slice(0, 36));
    expect(new Set(ids).size).toBe(MANY);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const lines = (await exportAs('ndjson', '?account_id=many')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Entry).action_id)).toEqual(ids);
  });

  it('waits for who reads slowly, and ends with who goes away', async () => {
    const before = await readMemory();
    const start = await waitForStand();
    const leaving = new AbortController();
    const url = `${house.doors.gateway.restUrl}/api/v1/audit/export?account_id=many`;
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${makeToken()}` },
      signal: leaving.signal,
    });
    const reader = answer.body?.getReader();
    await reader?.read();
    // 55 MB are to be sent, and nobody takes them: the reading comes to a stand.
    const read = (await waitForStand()) - start;
    // Something was read, and far from all of it.
    expect(read).toBeGreaterThan(1);
    expect(read).toBeLessThan(30);
    expect((await readMemory()) - before).toBeLessThan(60);
    leaving.abort();
    await reader?.read().catch(() => undefined);
    // Nobody reads on for who is gone.
    expect((await waitForStand()) - start - read).toBeLessThan(5);
    expect((await ask('?limit=1')).status).toBe(200);
  });

  it('runs no formula in a spreadsheet', async () => {
    const nasty = [
      '=1+1',
      '+1',
      '-1',
      '@x',
      '\t=1',
      'a "quoted", one',
      'two\nlines',
      "'=1",
      'a;=1',
      '\n=1',
      '＝1',
    ];
    for (const request_id of nasty) await execute(say({ request_id }), tokenOf('nasty'));
    const csv = await exportAs('csv', '?caller_id=nasty');
    for (const cell of [
      ",'=1+1,",
      ",'+1,",
      ",'-1,",
      ",'@x,",
      ',"\'\t\'=1",',
      ',"a ""quoted"", one",',
      ',"two\nlines",',
      ",'=1,",
      ',"a;\'=1",',
      ',"\'\n\'=1",',
      ",'＝1,",
    ])
      expect(csv).toContain(cell);
    expect(csv).not.toMatch(/(^|[,;\t])"?[=+@＝]/m);
  });
});

describe('what admins did', () => {
  it('is listed with accounts, flags and callers, in parts', async () => {
    const admin = tokenOf('the admin');
    await house.doors.rest(
      'PUT',
      '/api/v1/flags/twitch.raids',
      { enabled: false, reason: 'noise' },
      { token: admin },
    );
    await house.doors.rest(
      'POST',
      '/api/v1/callers',
      { id: 'listed', permissions: ['execute_actions'] },
      { token: admin },
    );
    await house.doors.rest('DELETE', '/api/v1/callers/listed', undefined, { token: admin });
    const { id } = await house.addChannel();
    const first = await ask('/events?caller_id=the%20admin&limit=2');
    expect(entriesOf(first)).toMatchObject([
      { kind: 'caller.removed', subject: 'caller/listed' },
      { kind: 'caller.created', subject: 'caller/listed', caller_id: 'the admin' },
    ]);
    const cursor = String(first.body['next_cursor']);
    const second = await ask(`/events?caller_id=the%20admin&limit=2&cursor=${cursor}`);
    expect(second.body).toMatchObject({
      entries: [{ kind: 'flag.changed', subject: 'twitch.raids', reason: 'noise' }],
      next_cursor: null,
    });
    expect(entriesOf(await ask(`/events?account_id=${id}`))).toMatchObject([
      { kind: 'account.stored', platform: 'twitch', account_id: id },
    ]);
    expect(entriesOf(await ask('/events?kind=flag.changed&from=2999-01-01T00:00:00Z'))).toEqual([]);
    const narrow = makeToken({ permissions: ['read_audit'], accounts: [id] });
    expect(entriesOf(await ask('/events', narrow))).toMatchObject([{ account_id: id }]);
    const tenant = makeToken({ permissions: ['read_audit'], owner: 'acme' });
    expect(entriesOf(await ask('/events', tenant))).toEqual([]);
    await house.doors.rest('DELETE', '/api/v1/flags/twitch.raids');
  });
});
