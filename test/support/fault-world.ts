import { FaultLoad, EffectRecord, type Job, type LoadedReplica, type Told } from './fault-load.js';
import { eventually } from './eventually.js';
import { type GatewayProcess, startGateway } from './gateway.js';
import { GrpcClient } from './grpc-client.js';
import { OwnPostgres } from './own-postgres.js';
import { type PostgresProxy, startPostgresProxy } from './postgres-proxy.js';
import { startTestSandbox, type TestSandbox } from './sandbox.js';

const DATABASE = 'app';
const REPLICAS = 3;
/** Requests that are repeated at once when a fault is over. */
const REPEATS_AT_ONCE = 12;

/** A replica with a proxy of its own before the database. */
export interface FaultyReplica extends LoadedReplica {
  readonly gateway: GatewayProcess;
  readonly grpc: GrpcClient;
  readonly proxy: PostgresProxy;
}

/** What was found after a fault; every list should be empty. */
export interface Verdict {
  /** Texts of requests that were done more than once. */
  readonly twice: readonly string[];
  /** Requests whose acknowledged outcome is gone or has changed. */
  readonly changed: readonly string[];
  /** Requests that were told as not sent, and that were sent, or that a repeat did not carry out. */
  readonly notFree: readonly string[];
  /** Accounts that need to be connected again. */
  readonly deadAccounts: readonly string[];
}

/** Rows and lines that are under way, by kind. */
export type UnderWay = Readonly<Record<'rows' | 'keys' | 'lines' | 'waiting', number>>;

/** Three gateways, a PostgreSQL of their own that can be broken, and simulated platforms. */
export class FaultWorld {
  readonly replicas: FaultyReplica[] = [];
  #nextId = 70_000;

  private constructor(
    readonly sandbox: TestSandbox,
    /** Changes when a standby takes over. */
    public postgres: OwnPostgres,
    readonly effects: EffectRecord,
  ) {}

  /** @param root the tree of the gateways, where it is not this one */
  static async open({
    smallDisk,
    root,
  }: { smallDisk?: boolean; root?: string } = {}): Promise<FaultWorld> {
    const [sandbox, postgres] = await Promise.all([
      startTestSandbox(),
      OwnPostgres.open({ smallDisk }),
    ]);
    const world = new FaultWorld(sandbox, postgres, new EffectRecord(sandbox));
    await postgres.createTenant();
    for (const platform of ['twitch', 'discord'])
      await sandbox.control('POST', `/sandbox/${platform}/world`, { limits: false });
    // The first one migrates.
    await world.join({}, root);
    await Promise.all(Array.from({ length: REPLICAS - 1 }, () => world.join({}, root)));
    return world;
  }

  /** Starts one gateway more. */
  async join(env: Readonly<Record<string, string>> = {}, root?: string): Promise<FaultyReplica> {
    const proxy = await startPostgresProxy(this.postgres.tenantUrl);
    const gateway = await startGateway(
      {
        ...this.sandbox.env,
        DATABASE_URL: proxy.url,
        CALLER_REQUESTS_PER_MINUTE: '0',
        REQUEST_BUDGET: '6',
        ...env,
      },
      root,
    );
    const replica = { gateway, grpc: new GrpcClient(gateway.grpcAddress), proxy };
    this.replicas.push(replica);
    return replica;
  }

  async leave(replica: FaultyReplica, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    await replica.gateway.stop(signal);
    replica.grpc.close();
    await replica.proxy.close();
  }

  /** A load on all replicas, ready to start. */
  async makeLoad(name: string): Promise<FaultLoad> {
    const load = new FaultLoad(this.sandbox, name);
    await load.prepare(this.replicas, this.#nextId);
    this.#nextId += 100;
    return load;
  }

  query<Row = Record<string, unknown>>(sql: string): Promise<Row[]> {
    return this.postgres.run<Row>(sql, { database: DATABASE });
  }

  /** Ends every connection of the gateways at the server. */
  async endConnections(): Promise<void> {
    await this.postgres.run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${DATABASE}'`,
    );
  }

  /** What has begun and not ended; all of it must end when no caller is left. */
  async countUnderWay(): Promise<UnderWay> {
    const [found] = await this.query<UnderWay>(
      `SELECT
         (SELECT count(*) FROM actions WHERE status = 'RUNNING')::int
           + (SELECT count(*) FROM running_actions)::int AS rows,
         (SELECT count(*) FROM idempotency_keys k WHERE answer IS NULL AND NOT EXISTS
           (SELECT 1 FROM actions a WHERE a.id = k.action_id AND a.status = 'UNKNOWN'))::int AS keys,
         (SELECT count(*) FROM queue_lines WHERE replica_id IS NOT NULL OR pending > 0)::int AS lines,
         (SELECT count(*) FROM queued_actions)::int AS waiting`,
    );
    if (!found) throw new Error('no row');
    return found;
  }

  /** Resolves when nothing is under way; the callers must have ended. */
  async waitUntilSettled(withinMs: number): Promise<void> {
    await eventually(
      () => this.countUnderWay().catch((error: Error) => ({ error: error.message })),
      (found) => Object.values(found).every((count) => count === 0),
      { withinMs },
    );
  }

  /** Compares what each caller was told with what the platforms did, and repeats every request. */
  async judge(load: FaultLoad): Promise<Verdict> {
    const twice: string[] = [];
    const changed: string[] = [];
    const notFree: string[] = [];
    await this.effects.read();
    const before = new Map(load.jobs.map(({ text }) => [text, this.effects.count(text)]));
    const repeats = new Map<Job, Told>();
    const queue = [...load.jobs.entries()].values();
    const work = async (): Promise<void> => {
      for (const [index, job] of queue) repeats.set(job, await load.repeat(job, index));
    };
    await Promise.all(Array.from({ length: REPEATS_AT_ONCE }, work));
    await this.waitUntilSettled(60_000);
    await this.effects.read();
    const rows = await this.query<{ id: string; status: string }>('SELECT id, status FROM actions');
    const statuses = new Map(rows.map(({ id, status }) => [id, status]));
    const dead = await this.query<{ account_id: string; reconnect_reason: string }>(
      'SELECT account_id, reconnect_reason FROM accounts WHERE reconnect_reason IS NOT NULL',
    );
    const isDead = (id: unknown): boolean => dead.some(({ account_id }) => account_id === id);
    for (const [job, again] of repeats) {
      const acted = this.effects.count(job.text);
      const status = statuses.get(job.told.outcome?.action_id ?? '');
      const report = `${job.text}: told ${job.told.said}, acted ${before.get(job.text)}, row ${status}; repeated: ${again.said}, acted ${acted}`;
      if (acted > 1) twice.push(report);
      const facts = { acted, status, isDead: isDead(job.envelope['account_id']) };
      if (!keepsWhatWasTold(job, again, facts)) changed.push(report);
      if (job.told.kind === 'nothing sent' && !isFree(job, again, acted, before.get(job.text) ?? 0))
        notFree.push(report);
    }
    const deadAccounts = dead.map(({ account_id: id, reconnect_reason: why }) => `${id}: ${why}`);
    return { twice, changed, notFree, deadAccounts };
  }

  async close(): Promise<void> {
    for (const { grpc } of this.replicas) grpc.close();
    await Promise.all(this.replicas.map(({ gateway }) => gateway.stop('SIGKILL')));
    await Promise.all(this.replicas.map(({ proxy }) => proxy.close()));
    await this.sandbox.close();
    await this.postgres.close();
  }
}

interface Facts {
  readonly acted: number;
  /** Of the row of the first request. */
  readonly status: string | undefined;
  /** The account has to be connected again. */
  readonly isDead: boolean;
}

/** A success stays one; what was accepted was done or is in doubt. */
function keepsWhatWasTold({ told }: Job, again: Told, { acted, status, isDead }: Facts): boolean {
  if (told.kind === 'done')
    return (
      again.kind === 'done' && again.outcome?.action_id === told.outcome?.action_id && acted === 1
    );
  if (told.kind === 'accepted') {
    // Dead accounts are reported by themselves.
    if (status === 'REFUSED') return acted === 0 && isDead;
    return status === 'SUCCEEDED' ? acted === 1 : status === 'UNKNOWN';
  }
  return again.kind !== 'done' || acted === 1;
}

/** Nothing had been sent, and the same request with the same key was carried out, unless its time is over. */
function isFree({ envelope }: Job, again: Told, acted: number, actedBefore: number): boolean {
  if (actedBefore > 0) return false;
  const isLate = 'run_at' in envelope && again.outcome?.failure?.code === 'INVALID_INPUT';
  if (isLate) return acted === 0;
  return acted === 1 && (again.kind === 'done' || again.kind === 'accepted');
}
