// Real: PostgreSQL, the keys, the vault and the action log. Fake: the lease of the replica.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Envelope, parseEnvelope } from '../../src/actions/envelope.js';
import type { Outcome } from '../../src/actions/outcome.js';
import { ActionLog } from '../../src/journal/action-log.js';
import { Housekeeping } from '../../src/journal/housekeeping.js';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { Idempotency, type KeyClaim } from '../../src/safeguards/idempotency.js';
import {
  createSharedDatabase,
  describeEnding,
  describeEntry,
  makeLease,
  type SharedDatabase,
} from '../support/replicas.js';
import { makeCaller } from '../support/callers.js';

const CALLER = 'router';
const HOLDER = makeCaller({ id: CALLER });

let shared: SharedDatabase;
let database: Database;
let vault: Vault;
let idempotency: Idempotency;
let lease: ReplicaLease;
let log: ActionLog;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  vault = new Vault([{ id: 'k1', key: randomBytes(32) }]);
  idempotency = new Idempotency(database, vault);
  lease = makeLease();
  log = new ActionLog(database, lease);
});

afterAll(() => shared.close());

const wish = (more: Record<string, unknown> = {}): Envelope =>
  parseEnvelope({
    platform: 'twitch',
    action_type: 'chat_message',
    account_id: '1001',
    parameters: { message: 'hi' },
    ...more,
  });

/** What a key stands for; fails for an envelope without one. */
function describeKey(more: Record<string, unknown>): KeyClaim {
  const claim = idempotency.describe(wish(more), 0);
  if (!claim) throw new Error('The envelope has no key');
  return claim;
}

const fingerprint = (more: Record<string, unknown> = {}): string =>
  describeKey({ idempotency_key: 'k', ...more }).fingerprint;

/** Begins an action that holds a fresh key. */
async function begin(callerId = CALLER) {
  const claim = describeKey({ idempotency_key: randomUUID() });
  const entry = describeEntry({ idempotency_key: claim.key, caller_id: callerId });
  await log.start(entry, { ...claim, lifeSeconds: 3_600 });
  const finish = async (more: Partial<Outcome> = {}): Promise<Outcome> => {
    const { outcome } = describeEnding(entry, more);
    const answer = idempotency.seal(callerId, claim, outcome);
    await log.finish(entry, describeEnding(entry, more, { answer }));
    return outcome;
  };
  return { claim, entry, finish };
}

describe('the content of a key', () => {
  it('is nothing without a key', () => {
    expect(idempotency.describe(wish(), 0)).toBeUndefined();
    expect(idempotency.describe(wish({ idempotency_key: '' }), 0)).toBeUndefined();
  });

  it('stands in for a key where a repeat may join the request before it', () => {
    const claim = idempotency.describe(wish(), 1_000);
    expect(claim).toMatchObject({ joins: true, fingerprint: fingerprint() });
    expect(idempotency.describe(wish({ request_id: 'again' }), 1_000)).toEqual(claim);
    expect(idempotency.describe(wish({ idempotency_key: 'own' }), 1_000)).toMatchObject({
      key: 'own',
      joins: false,
    });
  });

  it('is the same in any order of names, however deep', () => {
    const one = { a: 1, b: { c: [{ d: 1, e: 2 }], f: null } };
    const other = { b: { f: null, c: [{ e: 2, d: 1 }] }, a: 1 };
    expect(fingerprint({ parameters: one })).toBe(fingerprint({ parameters: other }));
  });

  it.each([
    ['the order of a list', { parameters: { a: [1, 2] } }, { parameters: { a: [2, 1] } }],
    ['a value', { parameters: { a: 1 } }, { parameters: { a: '1' } }],
    ['a name', { parameters: { a: 1 } }, { parameters: { b: 1 } }],
    ['the depth', { parameters: { a: { b: 1 } } }, { parameters: { a: '{"b":1}' } }],
    ['the platform', {}, { platform: 'discord' }],
    ['the type', {}, { action_type: 'announcement' }],
    ['the account', {}, { account_id: '1003' }],
    ['the actor', {}, { actor_id: '1002' }],
    ['the time', {}, { run_at: '2026-11-20T10:00:00Z' }],
    [
      'what is the account and what the actor',
      { account_id: '1', actor_id: '2' },
      { account_id: '2', actor_id: '1' },
    ],
  ])('changes with %s', (_name, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });

  it.each([
    ['the key', { idempotency_key: 'other' }],
    ['the request id', { request_id: 'again' }],
    ['the priority', { priority: 'HIGH' }],
  ])('does not change with %s', (_name, more) => {
    expect(fingerprint(more)).toBe(fingerprint());
  });

  it('keeps nothing of the content itself', () => {
    expect(fingerprint({ parameters: { message: 'secret' } })).toMatch(/^[\w-]{43}$/);
  });
});

describe('find', () => {
  it('gives nothing for a free key', async () => {
    const claim = describeKey({ idempotency_key: 'free' });
    expect(await idempotency.find(HOLDER, claim)).toBeUndefined();
  });

  it('says so while the first request is running', async () => {
    const { claim } = await begin();
    await expect(idempotency.find(HOLDER, claim)).rejects.toMatchObject({
      code: 'IN_PROGRESS',
      details: { retryAfterMs: 1_000 },
    });
  });

  it('replays the whole answer, marked as replayed', async () => {
    const { claim, finish } = await begin();
    const outcome = await finish({ result_data: { message_id: 'm 𝄞', nested: [{ a: null }] } });
    expect(await idempotency.find(HOLDER, claim)).toEqual({ ...outcome, replayed: true });
    expect(await idempotency.find(HOLDER, claim)).toEqual({ ...outcome, replayed: true });
  });

  it('replays a refusal too', async () => {
    const { claim, finish } = await begin();
    const failure = { code: 'REFUSED', retryable: false, platform_status: 403 } as const;
    await finish({ success: false, status: 'REFUSED', error: 'no', failure, result_data: {} });
    expect(await idempotency.find(HOLDER, claim)).toMatchObject({
      error: 'no',
      failure,
      replayed: true,
    });
  });

  it('keeps answers so that they can be neither read nor moved', async () => {
    const { claim, finish } = await begin();
    await finish({ result_data: { secret: 'very-secret' } });
    const [row] = await database.query<{ answer: string }>(
      'SELECT answer FROM idempotency_keys WHERE key = $1',
      [claim.key],
    );
    expect(row?.answer).toMatch(/^v1\.k1\./);
    expect(row?.answer).not.toContain('very-secret');
    const other = await begin();
    await database.change('UPDATE idempotency_keys SET answer = $1 WHERE key = $2', [
      row?.answer,
      other.claim.key,
    ]);
    await expect(idempotency.find(HOLDER, other.claim)).rejects.toThrow(/authenticate/);
  });

  it('refuses a key that was used for another request, running or done', async () => {
    const { claim, finish } = await begin();
    const other = { ...claim, fingerprint: fingerprint({ parameters: { message: 'bye' } }) };
    await expect(idempotency.find(HOLDER, other)).rejects.toMatchObject({ code: 'KEY_REUSED' });
    await finish();
    await expect(idempotency.find(HOLDER, other)).rejects.toMatchObject({ code: 'KEY_REUSED' });
  });

  it("takes another caller's key for another key", async () => {
    const { claim, finish } = await begin();
    await finish();
    expect(await idempotency.find(makeCaller({ id: 'somebody else' }), claim)).toBeUndefined();
  });

  it('forgets a key that has expired, also for another request', async () => {
    const { claim, finish } = await begin();
    await finish();
    await database.change('UPDATE idempotency_keys SET expires_at = now() WHERE key = $1', [
      claim.key,
    ]);
    expect(await idempotency.find(HOLDER, claim)).toBeUndefined();
    const other = { ...claim, fingerprint: 'other', lifeSeconds: 60 };
    expect(await idempotency.find(HOLDER, other)).toBeUndefined();
    const entry = describeEntry({ idempotency_key: claim.key, caller_id: CALLER });
    expect(await log.start(entry, other)).toBe('started');
    await expect(idempotency.find(HOLDER, other)).rejects.toMatchObject({ code: 'IN_PROGRESS' });
  });

  it('answers for an action that was cut off what the log says, and the truth once it is known', async () => {
    const { claim, entry, finish } = await begin();
    // No replica has the id of this lease, so the reaper takes it for dead.
    await new ReplicaLease(database).reap();
    expect(await idempotency.find(HOLDER, claim)).toEqual({
      success: false,
      message: 'Outcome unknown',
      action_id: entry.id,
      result_data: {},
      error: expect.stringContaining('may or may not have happened') as string,
      status: 'UNKNOWN',
      failure: { code: 'OUTCOME_UNKNOWN', retryable: false },
      replayed: true,
      request_id: '',
      sandbox: true,
    });
    await finish();
    expect(await idempotency.find(HOLDER, claim)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is found by every replica', async () => {
    const { claim, finish } = await begin();
    await finish();
    const elsewhere = new Idempotency(await shared.join(), vault);
    expect(await elsewhere.find(HOLDER, claim)).toMatchObject({ replayed: true });
  });

  it('finds each by its primary key, also by a plan that was made while there was none', async () => {
    const other = await createSharedDatabase();
    try {
      const empty = await other.join();
      await new Idempotency(empty, vault).find(HOLDER, describeKey({ idempotency_key: 'k' }));
      const { rows } = await empty.dataSource.prepared.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN EXECUTE "find keys" ('{${CALLER}}', '{k}', '{NULL}')`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/idempotency_keys_pkey[^]*Index Cond: \(\(caller_id = .*\(key = /);
      expect(plan).not.toContain('Seq Scan');
    } finally {
      await other.close();
    }
  });
});

describe('housekeeping', () => {
  it('sweeps the keys past their time and no others', async () => {
    const [kept, swept] = [await begin(), await begin()];
    await database.change(
      `UPDATE idempotency_keys SET expires_at = now() - interval '1 second' WHERE key = $1`,
      [swept.claim.key],
    );
    await new Housekeeping(database, { AUDIT_RETENTION_DAYS: 0 }).keep();
    const keys = await database.query<{ key: string }>(
      'SELECT key FROM idempotency_keys WHERE key = ANY($1)',
      [[kept.claim.key, swept.claim.key]],
    );
    expect(keys).toEqual([{ key: kept.claim.key }]);
  });

  it('never throws, also without a database', async () => {
    const elsewhere = await shared.join();
    await elsewhere.dataSource.destroy();
    await expect(
      new Housekeeping(elsewhere, { AUDIT_RETENTION_DAYS: 0 }).keep(),
    ).resolves.toBeUndefined();
  });
});
