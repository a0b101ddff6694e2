import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE_FLAGS } from '#gateway/config/node-flags.js';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '#gateway/database/embedded-postgres.js';
import { RestLoad } from './clients.js';
import { saturate } from './load.js';
import { sumMetric } from './sum-metric.js';

/** The built gateway, seen from build/bench. */
const BUILT = join(import.meta.dirname, '../../dist');
const STORES_AT_A_TIME = 16;

/** A program of the bench in a process of its own. */
export interface BenchedProgram {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  readonly pid: number;
  /** How many calls it has answered with a yes so far. */
  countDone(): Promise<number>;
}

/** A gateway as its operators know it: a process of its own, with two doors. */
export interface BenchedGateway {
  readonly pid: number;
  readonly restUrl: string;
  readonly grpcAddress: string;
  /** For everything, of the token door. */
  readonly token: string;
  /** How many actions had such an outcome so far, by its metrics. */
  countActions(labels: { outcome: string; replayed: 'true' | 'false' }): Promise<number>;
  /** Connects the accounts of some numbers, each with a token of its own. */
  connectAccounts(from: number, to: number): Promise<void>;
  stop(): Promise<void>;
}

/** Everything that is measured, and what it needs: PostgreSQL, the platform, the baselines. */
export class Stand {
  readonly #secrets = {
    MODULE_SECRET_KEY: randomBytes(48).toString('hex'),
    TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
  readonly #children: ChildProcess[] = [];
  #coldStartMs = Number.NaN;
  #upstream: BenchedProgram | undefined;

  private constructor(
    private readonly folder: string,
    readonly postgres: EmbeddedPostgres,
    private readonly log: (line: string) => void,
    /** Flags of Node.js for the gateways, beside their own. */
    private readonly flags: readonly string[],
  ) {}

  /** Opens the stand in a folder of its own, that is gone at the end. */
  static async open(log: (line: string) => void, flags: readonly string[] = []): Promise<Stand> {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-bench-'));
    log('starting PostgreSQL');
    const postgres = await startEmbeddedPostgres({ dataDir: folder });
    const stand = new Stand(folder, postgres, log, flags);
    stand.#upstream = await stand.start('upstream');
    return stand;
  }

  /** The platform. */
  get upstream(): BenchedProgram {
    if (!this.#upstream) throw new Error('The stand is not open');
    return this.#upstream;
  }

  /** What was started here. */
  get pids(): number[] {
    return this.#children.flatMap(({ pid }) => pid ?? []);
  }

  /** Milliseconds from the spawn of the latest gateway until it was ready. */
  get coldStartMs(): number {
    return this.#coldStartMs;
  }

  /** A program of this folder. */
  async start(program: string, ...args: string[]): Promise<BenchedProgram> {
    const child = fork(join(import.meta.dirname, `${program}.js`), args, { silent: true });
    this.#children.push(child);
    const { port } = JSON.parse(await firstLine(child, /"port"/)) as { port: number };
    return {
      address: `127.0.0.1:${port}`,
      pid: child.pid ?? 0,
      async countDone() {
        const told = once(child, 'message') as Promise<[{ done: number }]>;
        child.send('count');
        return (await told)[0].done;
      },
    };
  }

  /** A gateway of the built code, on the database of the stand unless another is named. */
  async startGateway(database = this.postgres.url): Promise<BenchedGateway> {
    const upstream = this.upstream.address;
    const since = performance.now();
    const child = spawn(process.execPath, [...NODE_FLAGS, ...this.flags, 'main.js'], {
      cwd: BUILT,
      env: {
        ...this.#secrets,
        HOST: '127.0.0.1',
        REST_PORT: '0',
        GRPC_PORT: '0',
        DATABASE_URL: database,
        TWITCH_API_URL: `http://${upstream}/helix`,
        TWITCH_AUTH_URL: `http://${upstream}/oauth2`,
        TWITCH_CLIENT_ID: 'bench',
        TWITCH_CLIENT_SECRET: 'bench',
        // Counted like anybody's, and more than can be asked for.
        CALLER_REQUESTS_PER_MINUTE: '10000000',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const line = await firstLine(child, /"msg":"ready"/);
    const { rest_port, grpc_port } = JSON.parse(line) as { rest_port: number; grpc_port: number };
    // Of a later one, since the first makes the tables.
    this.#coldStartMs = performance.now() - since;
    const restUrl = `http://127.0.0.1:${rest_port}`;
    const token = await this.#askToken(restUrl);
    return {
      pid: child.pid ?? 0,
      restUrl,
      grpcAddress: `127.0.0.1:${grpc_port}`,
      token,
      async countActions(labels) {
        const metrics = await fetch(`${restUrl}/metrics`);
        return sumMetric(await metrics.text(), 'gateway_actions_total', labels);
      },
      connectAccounts: (from, to) => this.#connectAccounts({ restUrl, token }, from, to),
      stop: () => stop(child),
    };
  }

  async #askToken(restUrl: string): Promise<string> {
    const answer = await fetch(`${restUrl}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        api_key: this.#secrets.MODULE_SECRET_KEY,
        service: 'bench',
        permissions: ['execute_actions', 'manage_accounts', 'read_audit'],
        expires_in: 86_400,
      }),
    });
    const { token } = (await answer.json()) as { token?: string };
    if (token === undefined) throw new Error(`The token door answered ${answer.status}`);
    return token;
  }

  async #connectAccounts(
    { restUrl, token }: Pick<BenchedGateway, 'restUrl' | 'token'>,
    from: number,
    to: number,
  ): Promise<void> {
    this.log(`connecting ${to - from} accounts`);
    let next = from;
    const work = async (): Promise<void> => {
      while (next < to) {
        const id = String((next += 1) - 1);
        const answer = await fetch(`${restUrl}/api/v1/accounts/twitch/${id}`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ access_token: `token-${id}` }),
        });
        if (!answer.ok) throw new Error(`Account ${id}: ${answer.status} ${await answer.text()}`);
        await answer.arrayBuffer();
      }
    };
    await Promise.all(Array.from({ length: STORES_AT_A_TIME }, work));
  }

  /** How long one request to the platform takes when nobody else asks: milliseconds, the median. */
  async timeUpstream(): Promise<number> {
    const client = new RestLoad(`http://${this.upstream.address}`, 'token-1');
    const post = async (): Promise<number> => {
      await client.post('/helix/chat/messages', '{"message":"Hello"}');
      return 1;
    };
    await saturate(post, 1, 200);
    const { p50 } = await saturate(post, 1, 500);
    await client.close();
    return p50;
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map(stop));
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  const { stdout } = child;
  if (!stdout) throw new Error('The process has no output');
  const lines = createInterface({ input: stdout });
  const seen: string[] = [];
  const ended = once(child, 'exit').then(() => {
    throw new Error(`A process of the bench has ended:\n${seen.join('\n')}`);
  });
  const found = (async () => {
    for await (const line of lines) {
      seen.push(line);
      if (pattern.test(line)) return line;
    }
    return ended;
  })();
  const line = await Promise.race([found, ended]);
  ended.catch(() => undefined);
  // What it writes from here on is read and forgotten.
  lines.close();
  stdout.resume();
  return line;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
