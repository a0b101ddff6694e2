// Real: PostgreSQL, the migration, callers, tokens and keys. Fake: the names of actions, and the statements of
// the previous release, which are written here as it had them.
import { createHash, randomBytes } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ActionLog } from '../../src/journal/action-log.js';
import { ActionSearch } from '../../src/journal/action-search.js';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import { Caller, type CallerFields } from '../../src/callers/caller.js';
import { Callers } from '../../src/callers/callers.js';
import { CallerTokens } from '../../src/callers/caller-tokens.js';
import { TrustedCallers } from '../../src/callers/trusted-callers.js';
import { ChangeFeed } from '../../src/cluster/change-feed.js';
import type { Database } from '../../src/database/database.js';
import { CallerIdentities1700000080000 } from '../../src/database/migrations/1700000080000-caller-identities.js';
import { Vault } from '../../src/database/vault.js';
import { Idempotency } from '../../src/safeguards/idempotency.js';
import { makeCaller } from '../support/callers.js';
import {
  createSharedDatabase,
  describeEnding,
  describeEntry,
  type SharedDatabase,
} from '../support/replicas.js';

const SIGNING_KEY = 'k'.repeat(64);
const NAMES = { expandActions: (names: ReadonlySet<string>) => names };
const JWT = new JwtService({});
const vault = new Vault([{ id: 'k1', key: Buffer.alloc(32, 7) }]);

let shared: SharedDatabase;
let database: Database;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
});

afterAll(() => shared?.close());

beforeEach(async () => {
  await database.change(
    'TRUNCATE callers, actions, running_actions, idempotency_keys, callbacks, former_trusted_names',
  );
});

/** What a gateway of this release knows of callers. */
async function openRoom(trustedNames: readonly string[] = []) {
  const feed = new ChangeFeed(database);
  const callers = new Callers(database, feed);
  await callers.onModuleInit();
  const trusted = trustedNames.map((name) => ({
    name,
    bounds: { permissions: new Set(['execute_actions']), accounts: new Set(['1001']) },
    networks: [],
    serviceKeys: [],
    verifyKeys: [],
  }));
  const trust = new TrustedCallers(database, callers, NAMES, { trusted });
  await trust.onModuleInit();
  const tokens = new CallerTokens(JWT, callers, NAMES, {
    signingKeys: [SIGNING_KEY],
    JWT_EXPIRATION_SECONDS: 3_600,
  });
  const read = (claims: object): Caller =>
    tokens.read(`Bearer ${JWT.sign(claims, { secret: SIGNING_KEY, expiresIn: 3_600 })}`);
  const close = async (): Promise<void> => {
    await callers.onApplicationShutdown();
    await feed.onApplicationShutdown();
  };
  return { callers, tokens, read, trust: trusted.map((entry) => trust.findCaller(entry)), close };
}

/** The callers of the previous release: its id is its name. @returns its key */
async function createAsBefore(name: string, owner = ''): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await database.change(
    `INSERT INTO callers AS known (id, key_hash, created_by, permissions, platforms, accounts, actions,
       requests_per_minute, expires_at, owner)
     VALUES ($1, $2, 'tester', '{execute_actions,read_audit}', NULL, NULL, NULL, NULL, NULL, $3)
     ON CONFLICT (id) DO UPDATE SET key_hash = excluded.key_hash, created_by = excluded.created_by,
       permissions = excluded.permissions, platforms = excluded.platforms,
       accounts = excluded.accounts, actions = excluded.actions,
       requests_per_minute = excluded.requests_per_minute, expires_at = excluded.expires_at,
       former_key_hash = NULL, former_key_until = NULL, epoch = known.epoch + 1, removed_at = NULL,
       created_at = now(), updated_at = now(), last_used_at = NULL
     WHERE known.removed_at IS NOT NULL AND known.owner = excluded.owner
     RETURNING id, owner`,
    [name, createHash('sha256').update(secret).digest('base64url'), owner],
  );
  return `agk_${name}_${secret}`;
}

async function removeAsBefore(name: string): Promise<void> {
  await database.change(
    `UPDATE callers SET removed_at = now(), epoch = epoch + 1
     WHERE id = $1 AND removed_at IS NULL RETURNING id, owner`,
    [name],
  );
}

async function withLog<T>(work: (log: ActionLog) => Promise<T>): Promise<T> {
  const lease = new ReplicaLease(database);
  await lease.onApplicationBootstrap();
  try {
    return await work(new ActionLog(database, lease));
  } finally {
    await lease.onApplicationShutdown();
  }
}

/** An action in the log, as every release writes it. @returns its id */
async function act(caller_id: string, owner = '', received = new Date()): Promise<string> {
  const entry = describeEntry({ caller_id, owner, received_at: received.toISOString() });
  await withLog((log) => log.refuse(entry, describeEnding(entry)));
  return entry.id;
}

const reaches = (caller: Caller, id: string): Promise<boolean> =>
  withLog(async (log) => {
    const found = await log.read(id);
    return found !== undefined && caller.reaches(found, 'read');
  });

/** A caller without a right to the actions of others. */
const plain = (caller: Caller): Caller =>
  caller.narrow({ permissions: new Set(['execute_actions']) });

describe('the migration', () => {
  const migration = new CallerIdentities1700000080000();
  const run = async (way: 'up' | 'down'): Promise<void> => {
    const runner = database.dataSource.createQueryRunner();
    await migration[way](runner);
    await runner.release();
  };

  it('leaves to every caller of the release before what was its own', async () => {
    await run('down');
    const key = await createAsBefore('bot');
    const tenantKey = await createAsBefore('console', 'acme');
    const ids = {
      bot: await act('bot'),
      console: await act('console', 'acme'),
      service: await act('dashboard'),
      ofTenant: await act('worker', 'acme'),
      trusted: await act('router'),
    };
    await run('up');
    const room = await openRoom(['router']);
    const [router] = room.trust as [Caller];
    const holders: Record<keyof typeof ids, Caller> = {
      bot: room.tokens.read(`Bearer ${key}`),
      console: room.tokens.read(`Bearer ${tenantKey}`),
      service: room.read({ sub: 'dashboard', permissions: ['execute_actions'] }),
      ofTenant: room.read({ sub: 'worker', owner: 'acme', permissions: ['execute_actions'] }),
      trusted: router,
    };
    for (const [whose, caller] of Object.entries(holders))
      for (const [of, id] of Object.entries(ids))
        expect([whose, of, await reaches(plain(caller), id)]).toEqual([whose, of, whose === of]);
    // An old entry of PREDECESSOR_TRUST keeps its name, so that replicas of both releases share its keys.
    expect(router.identity).toBe('router');
    expect(room.read({ sub: 'router' }).identity).toBe('service:router');
    await room.close();
  });

  it('knows in time which trusted names are old: those of its first start', async () => {
    await run('down');
    await act('router');
    await run('up');
    const first = await openRoom(['router']);
    const later = await openRoom(['router', 'dashboard']);
    expect(later.trust.map(({ identity }) => identity)).toEqual(['router', 'trust:dashboard']);
    await first.close();
    await later.close();
  });

  it('gives a trusted entry of a new database an identity of its own', async () => {
    const room = await openRoom(['router']);
    expect(room.trust[0]?.identity).toBe('trust:router');
    expect(room.read({ sub: 'router' }).identity).toBe('router');
    await room.close();
  });

  it('reads no row of the log', async () => {
    await run('down');
    await act('bot');
    const count = async (): Promise<number> => {
      const [row] = await database.query<{ tuples: string }>(
        `SELECT sum(n_tup_upd + n_tup_del + n_tup_ins) AS tuples FROM pg_stat_xact_user_tables
         WHERE relname LIKE 'actions%'`,
      );
      return Number(row?.tuples ?? 0);
    };
    expect(await count()).toBe(0);
    await run('up');
    const [row] = await database.query<{ caller_id: string }>('SELECT caller_id FROM actions');
    expect(row?.caller_id).toBe('bot');
  });
});

describe('beside replicas of the release before', () => {
  it('takes the callers that these make, and they go on changing and removing theirs', async () => {
    const room = await openRoom();
    const key = await createAsBefore('bot');
    await room.callers.list();
    await room.close();
    const again = await openRoom();
    expect(again.tokens.read(`Bearer ${key}`)).toMatchObject({ id: 'bot', name: 'bot' });
    await removeAsBefore('bot');
    await createAsBefore('bot');
    const [found] = await again.callers.find('bot');
    expect(found).toMatchObject({ id: 'bot', identity: 'bot' });
    await again.close();
  });

  it('makes callers whose keys and tokens these read: the id of the row is in both', async () => {
    const room = await openRoom();
    const made = await room.callers.create('bot', BOUNDS, '', 'tester');
    const [, id, secret = ''] =
      /^agk_([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9_-]{43})$/.exec(made?.key ?? '') ?? [];
    // As the release before looks for a key.
    const [row] = await database.query<{ id: string; key_hash: string }>(
      'SELECT * FROM callers WHERE removed_at IS NULL AND id = $1',
      [id],
    );
    expect(row).toMatchObject({
      id: made?.identity,
      key_hash: createHash('sha256').update(secret).digest('base64url'),
    });
    await room.close();
  });

  it('replays to a tenant what a replica of that release did for its service', async () => {
    const room = await openRoom();
    const caller = room.read({ sub: 'bot', owner: 'acme', permissions: ['execute_actions'] });
    const other = room.read({ sub: 'bot', owner: 'globex', permissions: ['execute_actions'] });
    const idempotency = new Idempotency(database, vault);
    const claim = { key: 'k', fingerprint: 'f', joins: false };
    const entry = describeEntry({ caller_id: 'bot', owner: 'acme', idempotency_key: 'k' });
    const ending = describeEnding(entry);
    await withLog(async (log) => {
      await log.start(entry, { ...claim, lifeSeconds: 60 });
      await log.finish(entry, {
        ...ending,
        answer: idempotency.seal('bot', claim, ending.outcome),
      });
    });
    expect(await idempotency.find(caller, claim)).toMatchObject({ action_id: entry.id });
    expect(await idempotency.find(other, claim)).toBeUndefined();
    await room.close();
  });
});

const BOUNDS = {
  permissions: ['execute_actions', 'read_audit'],
  platforms: null,
  accounts: null,
  actions: null,
  requests_per_minute: null,
  policy: null,
  expires_at: null,
};

describe('identities', () => {
  it('of a removed caller and of its successor differ, and so do their actions', async () => {
    const room = await openRoom();
    const first = await room.callers.create('bot', BOUNDS, '', 'tester');
    const id = await act(first?.identity ?? '');
    await room.callers.remove(first?.identity ?? '', 'tester');
    const second = await room.callers.create('bot', BOUNDS, '', 'tester');
    expect(second?.identity).not.toBe(first?.identity);
    const successor = room.tokens.read(`Bearer ${second?.key ?? ''}`);
    expect(await reaches(plain(successor), id)).toBe(false);
    await room.close();
  });

  it('of a caller that the release before made again does not reach what is older than it', async () => {
    const old = await act('bot', '', new Date(Date.now() - 600_000));
    const key = await createAsBefore('bot');
    const room = await openRoom();
    const caller = room.tokens.read(`Bearer ${key}`);
    expect(await reaches(plain(caller), old)).toBe(false);
    expect(await reaches(plain(caller), await act('bot'))).toBe(true);
    await room.close();
  });

  it('keep a service apart from an older caller with a key that has its name', async () => {
    const key = await createAsBefore('dashboard');
    const room = await openRoom();
    const caller = room.tokens.read(`Bearer ${key}`);
    const service = room.read({ sub: 'dashboard', permissions: ['execute_actions'] });
    expect([caller.identity, service.identity]).toEqual(['dashboard', 'service:dashboard']);
    expect(service.name).toBe('dashboard');
    expect(await reaches(plain(caller), await act(service.id))).toBe(false);
    await room.close();
  });

  it('of two tenants stand behind one name, which each of them may use once', async () => {
    const room = await openRoom();
    const ofAcme = await room.callers.create('dashboard', BOUNDS, 'acme', 'tester');
    const ofGlobex = await room.callers.create('dashboard', BOUNDS, 'globex', 'tester');
    expect(await room.callers.create('dashboard', BOUNDS, 'acme', 'tester')).toBeUndefined();
    const acme = room.tokens.read(`Bearer ${ofAcme?.key ?? ''}`);
    const globex = room.tokens.read(`Bearer ${ofGlobex?.key ?? ''}`);
    expect([acme.name, acme.owner, globex.name, globex.owner]).toEqual([
      'dashboard',
      'acme',
      'dashboard',
      'globex',
    ]);
    await room.close();
  });

  it('are found in the log by the name of the caller, or each by itself', async () => {
    const room = await openRoom();
    const search = new ActionSearch(database, room.callers);
    const made = await room.callers.create('bot', BOUNDS, 'acme', 'tester');
    const identity = made?.identity ?? '';
    const service = await act('bot');
    const ofTenant = await act('bot', 'globex');
    const keyed = await act(identity, 'acme');
    const reader = makeCaller({ permissions: new Set(['read_audit']) });
    const find = async (caller_id: string) =>
      (await search.find(reader, { caller_id }, { limit: 10 })).map(
        ({ action_id, caller_id: name, caller_identity }) => [action_id, name, caller_identity],
      );
    expect(await find('bot')).toEqual([
      [keyed, 'bot', identity],
      [ofTenant, 'bot', 'tenant:globex:bot'],
      [service, 'bot', 'bot'],
    ]);
    expect(await find(identity)).toEqual([[keyed, 'bot', identity]]);
    expect(await find('tenant:globex:bot')).toEqual([[ofTenant, 'bot', 'tenant:globex:bot']]);
    await room.close();
  });
});

const set = (...names: string[]) =>
  fc.option(
    fc.subarray(names).map((chosen) => new Set(chosen)),
    { nil: undefined },
  );

describe('reach in SQL', () => {
  const times = [1, 2, 3].map((day) => Date.UTC(2026, 0, day));
  const callers = fc.record({
    kind: fc.constant('service' as const),
    id: fc.constantFrom('a', 'b'),
    owner: fc.option(fc.constantFrom('acme', 'globex'), { nil: undefined }),
    permissions: fc
      .subarray(['execute_actions', 'read_audit', 'manage_accounts'])
      .map((chosen) => new Set(chosen)),
    platforms: set('twitch', 'discord'),
    accounts: set('1', '2'),
    actions: set('twitch.ban', 'discord.ban', 'twitch.clip'),
    bornAt: fc.option(fc.constantFrom(...times), { nil: undefined }),
  });
  const rows = fc.record({
    caller_id: fc.constantFrom('a', 'b'),
    owner: fc.constantFrom('', 'acme', 'globex'),
    platform: fc.constantFrom('', 'twitch', 'discord'),
    action_type: fc.constantFrom('', 'ban', 'clip'),
    account_id: fc.constantFrom('', '1', '2'),
    actor_id: fc.constantFrom('', '1', '2'),
    received_at: fc.constantFrom(...times),
  });

  it('says the same as in memory, of every action and every caller', async () => {
    const sample = fc
      .sample(rows, 400)
      .map(({ received_at, ...row }) =>
        describeEntry({ ...row, received_at: new Date(received_at).toISOString() }),
      );
    await withLog((log) =>
      Promise.all(sample.map((entry) => log.refuse(entry, describeEnding(entry)))),
    );
    const logged = await withLog((log) => log.readAll(sample.map(({ id }) => id)));
    expect(logged).toHaveLength(400);
    const verbs = fc.constantFrom('read', 'control');
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(callers, verbs, async (fields, verb) => {
        const caller = new Caller(fields as CallerFields);
        const { condition, values } = caller.toSql('a', verb);
        const found = await database.query<{ id: string }>(
          `SELECT id FROM actions a WHERE ${condition} ORDER BY id`,
          values,
        );
        const expected = logged
          .filter((action) => caller.reaches(action, verb))
          .map(({ outcome }) => outcome.action_id)
          .sort();
        expect(found.map(({ id }) => id)).toEqual(expected);
        reached += expected.length;
      }),
      { numRuns: 300 },
    );
    expect(reached).toBeGreaterThan(0);
  });
});
