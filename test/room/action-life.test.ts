// Real: PostgreSQL, the action log, the queue, the keys and the reaper. Fake: leases, which last until they are
// ended. Random statements are carried out here and in the model of test/pure/action-life.test.ts, whose tables
// must stay the same.
import { constantFrom, nat, record, sample, array } from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ActionLog } from '../../src/journal/action-log.js';
import type { ActionEntry } from '../../src/journal/action-entry.js';
import { ActionQueue } from '../../src/queue/action-queue.js';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { Idempotency } from '../../src/safeguards/idempotency.js';
import { ActionTables, type KeyEnding, type RowStatus } from '../support/action-tables.js';
import { makeCaller } from '../support/callers.js';
import {
  createSharedDatabase,
  describeEnding,
  describeEntry,
  makeLease,
  type SharedDatabase,
} from '../support/replicas.js';

const isLong = process.env['CHAOS'] === 'long';
const SCHEDULES = isLong ? 2_000 : 60;
const HOLDER = makeCaller({ id: 'router' });
const vault = new Vault([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const HOUR = 3_600;

const KINDS = [
  'start',
  'enqueue',
  'take',
  'begin',
  'begin in doubt',
  'put back',
  'put back into doubt',
  'succeed',
  'fail unsent',
  'end in doubt',
  'release',
  'release done',
  'cancel',
  'end the lease',
  'reap',
  'look at the key',
] as const;
const STEP = record({ kind: constantFrom(...KINDS), by: nat({ max: 1 }), which: nat({ max: 2 }) });
const SCHEDULE = array(STEP, { minLength: 6, maxLength: 30, size: 'max' });
type Step = typeof STEP extends { generate(...given: never[]): { value: infer T } } ? T : never;

let shared: SharedDatabase;
let database: Database;
let idempotency: Idempotency;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  idempotency = new Idempotency(database, vault);
});

afterAll(() => shared?.close());

/** One schedule, in the tables of PostgreSQL and in those of the model. */
class Pair {
  readonly tables = new ActionTables();
  readonly #entries: ActionEntry[] = [];
  readonly #holds: { hold: string; by: number }[] = [];
  readonly #replicas: { lease: ReplicaLease; log: ActionLog; queue: ActionQueue }[] = [];

  constructor(private readonly name: string) {}

  async open(): Promise<void> {
    await database.change(
      'TRUNCATE replicas, queue_lines, queued_actions, running_actions, idempotency_keys',
    );
    for (const number of [0, 1]) {
      const lease = makeLease();
      await database.change(
        `INSERT INTO replicas (id, host, pid, lease_until)
         VALUES ($1, 'elsewhere', 1, now() + interval '1 hour')`,
        [lease.id],
      );
      this.tables.leases.set(number, HOUR);
      const queue = new ActionQueue(database, vault, lease);
      this.#replicas.push({ lease, log: new ActionLog(database, lease), queue });
    }
  }

  /** Carries out a step on both sides. @returns what each said */
  async carryOut({ kind, by, which }: Step): Promise<[real: unknown, model: unknown]> {
    const { lease, log, queue } = this.#replicas[by]!;
    const { tables } = this;
    const entry = this.#entries[which];
    const claim = { key: this.name, fingerprint: 'f', lifeSeconds: HOUR };
    const ownLeases = [by];
    switch (kind) {
      case 'start': {
        const [id, made] = this.#make();
        return [(await log.start(made, claim)) === 'started', tables.start(id, by)];
      }
      case 'enqueue': {
        const [id, made] = this.#make();
        const item = { entry: made, message: 'queued', claim, line: this.name };
        return [(await queue.add(item, WAITING)) === 'queued', tables.enqueue(id)];
      }
      case 'take': {
        const hold = this.#holds.length;
        const [found] = await queue.take(1);
        // The line of a dead replica whose actions were cancelled meanwhile: it is taken once more, and goes.
        const isEmpty = found?.actions.length === 0;
        if (found && isEmpty)
          await queue.release({ line: found.line, hold: found.hold, done: [], waitMs: 0 });
        const held = isEmpty ? undefined : found;
        const taken = tables.take(by, hold);
        if (held) this.#holds.push({ hold: held.hold, by });
        const real = held?.actions.map(({ id, status }) => ({ id: this.#numberOf(id), status }));
        return [real, taken];
      }
      case 'reap':
        tables.reap(0, -1);
        return [await new ReplicaLease(database).reap().then(() => 0), 0];
      case 'end the lease':
        await database.change('DELETE FROM replicas WHERE id = $1', [lease.id]);
        tables.leases.delete(by);
        return [0, 0];
      case 'look at the key': {
        const found = await idempotency.look(HOLDER, { ...claim, joins: false });
        return [found.state === 'answered' ? found.outcome.status : found.state, tables.find()];
      }
      case 'release':
      case 'release done': {
        const held = this.#holds[which];
        if (!held) return [0, 0];
        const done = kind === 'release' ? [] : [...tables.queued];
        const ids = done.map((id) => this.#entries[id]?.id ?? '');
        const left = this.#replicas[held.by]!;
        await left.queue.release({ line: this.name, hold: held.hold, done: ids, waitMs: 0 });
        tables.release(which, done);
        return [0, 0];
      }
      default:
    }
    if (!entry) return [0, 0];
    switch (kind) {
      case 'begin':
      case 'begin in doubt': {
        const isInDoubt = kind === 'begin in doubt';
        return [await queue.begin(entry.id, isInDoubt), tables.begin(which, by, isInDoubt)];
      }
      case 'put back':
      case 'put back into doubt': {
        const isInDoubt = kind === 'put back into doubt';
        await queue.putBack(entry.id, isInDoubt);
        return [0, tables.putBack(which, ownLeases, isInDoubt) ?? 0];
      }
      case 'cancel':
        return [await queue.cancel(entry.id, makeCaller()), tables.cancel(which)];
      case 'succeed':
        return [
          await this.#finish(log, entry, 'SUCCEEDED', 'SUCCEEDED'),
          tables.finish(which, 'SUCCEEDED', 'SUCCEEDED'),
        ];
      case 'end in doubt':
        return [
          await this.#finish(log, entry, 'UNKNOWN', 'UNKNOWN'),
          tables.finish(which, 'UNKNOWN', 'UNKNOWN'),
        ];
      case 'fail unsent':
        return [
          await this.#finish(log, entry, 'FAILED', null),
          tables.finish(which, 'FAILED', null, ownLeases),
        ];
    }
  }

  /** The tables of both sides in one form. */
  async compare(): Promise<[real: unknown, model: unknown]> {
    const ids = this.#entries.map(({ id }) => id);
    const rows = await database.query<{ id: string; status: string }>(
      'SELECT id, status FROM actions WHERE id = ANY($1::uuid[])',
      [ids],
    );
    const running = await database.query<{ id: string; replica_id: string }>(
      'SELECT id, replica_id FROM running_actions',
    );
    const [key] = await database.query<{ action_id: string; is_answered: boolean }>(
      'SELECT action_id, answer IS NOT NULL AS is_answered FROM idempotency_keys',
    );
    const [line] = await database.query<{ replica_id: string }>(
      'SELECT replica_id FROM queue_lines WHERE replica_id IS NOT NULL',
    );
    const queued = await database.query<{ id: string }>(
      'SELECT id FROM queued_actions ORDER BY due_at, id',
    );
    const { tables } = this;
    const real = {
      rows: sort(rows.map(({ id, status }) => [this.#numberOf(id), status])),
      running: sort(
        running.map(({ id, replica_id }) => [this.#numberOf(id), this.#leaseOf(replica_id)]),
      ),
      key: key && [this.#numberOf(key.action_id), key.is_answered],
      line: line && this.#leaseOf(line.replica_id),
      queued: queued.map(({ id }) => this.#numberOf(id)),
    };
    const model = {
      rows: sort([...tables.rows]),
      running: sort([...tables.running]),
      key: tables.key && [tables.key.action, tables.key.answer !== undefined],
      line: tables.line?.lease,
      queued: tables.queued,
    };
    return [real, model];
  }

  #make(): [number, ActionEntry] {
    const made = describeEntry({ idempotency_key: this.name, key_holder: HOLDER.identity });
    return [this.#entries.push(made) - 1, made];
  }

  #finish(
    log: ActionLog,
    entry: ActionEntry,
    status: RowStatus,
    answer: KeyEnding,
  ): Promise<boolean> {
    const ending = describeEnding(entry, { status, success: status === 'SUCCEEDED' });
    const claim = { key: this.name, fingerprint: 'f', joins: false };
    return log.finish(entry, {
      ...ending,
      answer: answer === null ? null : idempotency.seal(HOLDER.identity, claim, ending.outcome),
      isUnsent: answer === null,
    });
  }

  #numberOf(id: string): number {
    return this.#entries.findIndex((entry) => entry.id === id);
  }

  #leaseOf(id: string): number {
    return this.#replicas.findIndex(({ lease }) => lease.id === id);
  }
}

const WAITING = {
  raw: {},
  caller: { id: 'router', permissions: ['execute_actions'] },
  door: 'grpc',
  traceId: 'trace',
  receivedAt: new Date().toISOString(),
} as const;

const sort = <Value>(pairs: (readonly [number, Value])[]): (readonly [number, Value])[] =>
  pairs.toSorted(([a], [b]) => a - b);

it(`agrees with the model of the life of an action on ${SCHEDULES} schedules`, async () => {
  let taken = 0;
  for (const [number, schedule] of sample(SCHEDULE, SCHEDULES).entries()) {
    const pair = new Pair(`life ${number}`);
    await pair.open();
    const done: string[] = [];
    for (const step of schedule) {
      done.push(`${step.kind} of ${step.which} by ${step.by}`);
      const [said, expected] = await pair.carryOut(step);
      // One text, so that a difference is shown with all that led to it.
      const steps = done.join(', ');
      expect([said, steps]).toEqual([expected, steps]);
      const [real, model] = await pair.compare();
      expect([real, steps]).toEqual([model, steps]);
      if (step.kind === 'take' && said !== undefined) taken += 1;
    }
  }
  // The schedules reach what they are about.
  expect(taken).toBeGreaterThan(SCHEDULES / 20);
}, 900_000);
