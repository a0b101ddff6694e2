import { Client } from 'pg';
import { createDatabase } from './database.js';
import { callRest, type GatewayProcess, startGateway } from './gateway.js';
import { GrpcClient, type GrpcOutcome } from './grpc-client.js';
import { type SeenRequest, startTestSandbox, type TestSandbox } from './sandbox.js';

/** One of several gateways on one database. */
export interface Replica {
  readonly gateway: GatewayProcess;
  readonly grpc: GrpcClient;
}

/** Several gateway processes on one PostgreSQL and one sandbox. */
export class Cluster {
  readonly replicas: Replica[] = [];

  private constructor(
    readonly sandbox: TestSandbox,
    private readonly database: { url: string; drop(): Promise<void> },
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async open(count: number, env: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    const [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
    const cluster = new Cluster(sandbox, database, env);
    await Promise.all(Array.from({ length: count }, () => cluster.join()));
    return cluster;
  }

  /** Starts one more, with settings of its own where it shall differ. */
  async join(more: Readonly<Record<string, string>> = {}): Promise<Replica> {
    const { env } = this.sandbox;
    const gateway = await startGateway({
      ...env,
      DATABASE_URL: this.database.url,
      ...this.env,
      ...more,
    });
    const replica = { gateway, grpc: new GrpcClient(gateway.grpcAddress) };
    this.replicas.push(replica);
    return replica;
  }

  /** One goes, after what it has begun is done. */
  async leave(replica: Replica): Promise<void> {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    await replica.gateway.stop('SIGTERM');
    replica.grpc.close();
  }

  /** The replica whose turn it is, when each takes its turn. */
  pick(turn: number): Replica {
    const replica = this.replicas[turn % this.replicas.length];
    if (!replica) throw new Error('no replica');
    return replica;
  }

  rest(method: string, path: string, body?: unknown): ReturnType<typeof callRest> {
    return callRest(this.pick(0).gateway, method, path, body);
  }

  async query<Row = Record<string, unknown>>(sql: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.database.url });
    await client.connect();
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    for (const { grpc } of this.replicas) grpc.close();
    await Promise.all(this.replicas.map(({ gateway }) => gateway.stop('SIGKILL')));
    await this.sandbox.close();
    await this.database.drop();
  }
}

/** Messages that go to Discord from one replica into one channel, numbered, some of them at a time. */
export interface Line {
  readonly grpc: GrpcClient;
  /** Stands in the text, for whoever counts. */
  readonly sender: string;
  readonly channel: string;
  readonly from: number;
  readonly to: number;
  readonly atATime: number;
}

/** Sends a line of messages. @returns the outcomes, in order */
export async function sendLine({
  grpc,
  sender,
  channel,
  from,
  to,
  atATime,
}: Line): Promise<GrpcOutcome[]> {
  const outcomes: Promise<GrpcOutcome>[] = [];
  for (let n = from; n < to; n += 1) {
    // The one so many before is done: this many are on their way.
    await outcomes[n - from - atATime];
    const content = `${sender} ${n}`;
    const outcome = grpc.execute(
      {
        platform: 'discord',
        action_type: 'send_message',
        parameters: { channel_id: channel, content },
      },
      { deadlineMs: 120_000 },
    );
    // Of a replica that is killed many fail at once, and one failure is enough to tell.
    outcome.catch(() => undefined);
    outcomes.push(outcome);
  }
  return Promise.all(outcomes);
}

/** What Discord saw of the lines. */
export interface LineReport {
  readonly sent: number;
  /** 429 that were for what we did, and what they were about. */
  readonly refused: readonly string[];
  /** Senders of whom some message came after a later one of the same channel. */
  readonly outOfOrder: readonly string[];
  /** Milliseconds from the first message to the last. */
  readonly tookMs: number;
}

/** Reads requests to the simulated Discord. */
export function reportLines(seen: readonly SeenRequest[]): LineReport {
  const sends = seen.filter(({ path }) => path.endsWith('/messages'));
  const last = new Map<string, number>();
  const outOfOrder = new Set<string>();
  for (const { path, body, status } of sends) {
    if (status !== 200) continue;
    const [sender = '', n = ''] = String((body as { content?: string }).content).split(' ');
    const line = `${sender} ${path}`;
    if (Number(n) < (last.get(line) ?? -1)) outOfOrder.add(line);
    last.set(line, Number(n));
  }
  const times = sends.map(({ at }) => Date.parse(at));
  return {
    sent: sends.filter(({ status }) => status === 200).length,
    refused: seen.flatMap(({ status, answer, path, at }) =>
      status === 429 ? [`${at} ${path} ${JSON.stringify(answer)}`] : [],
    ),
    outOfOrder: [...outOfOrder],
    tookMs: Math.max(...times) - Math.min(...times),
  };
}
