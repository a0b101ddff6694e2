import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { StartFault } from '../config/start-fault.js';
import type { RevocationStore } from '../sandbox/revocations.js';
import { type MakeSimulation, type Sandbox, startSandbox } from '../sandbox/sandbox.js';

/** What a replica has of the sandbox that all replicas on one database share. */
export interface SharedSandbox {
  /** Where the sandbox is, for as long as this replica runs. */
  readonly url: string;
  /** Whether this replica serves it, and so has to connect the demo accounts. */
  readonly isServed: boolean;
  close(): Promise<void>;
}

interface Options {
  readonly databaseUrl: string;
  readonly simulations: readonly MakeSimulation[];
  readonly log: (line: string) => void;
  /** Called whenever this replica has taken over a sandbox that another one served: it has forgotten all. */
  readonly onTakenOver: () => Promise<void>;
  /** How long a sandbox that another replica serves may take to answer; 10 s when left out. */
  readonly reachedWithinMs?: number;
}

/** Held by the replica that serves the sandbox. Any constant will do that nothing else of ours takes. */
const SANDBOX_LOCK = 7_215_034_990;
const REACHED_WITHIN_MS = 10_000;
const RETRY_MS = 200;
/** How often a replica asks whether it is its turn to serve. */
const TURN_MS = 1_000;

/**
 * Serves the sandbox for all replicas on a database, or finds the replica that does. The address stays the
 * same for as long as replicas run: when the one that serves it has ended, another takes its port over.
 * @throws StartFault when another machine serves it, whose loopback cannot be reached from here
 */
export async function shareSandbox(options: Options): Promise<SharedSandbox> {
  const replica = new SandboxReplica(options);
  return replica.open();
}

class SandboxReplica {
  readonly #stopping = new AbortController();
  readonly #options: Options;
  #lock: Client | undefined;
  #served: Sandbox | undefined;
  #waiting: Promise<void> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  async open(): Promise<SharedSandbox> {
    this.#lock = await this.#connect();
    const deadline = performance.now() + (this.#options.reachedWithinMs ?? REACHED_WITHIN_MS);
    for (;;) {
      if (await this.#tryLock()) {
        const url = await this.#serve();
        this.#waiting = this.#keepServing();
        return { url, isServed: true, close: () => this.#close() };
      }
      const known = await this.#readAddress();
      if (known && (await isSandbox(known.url))) {
        this.#waiting = this.#keepServing();
        return { url: known.url, isServed: false, close: () => this.#close() };
      }
      if (performance.now() > deadline) {
        await this.#lock.end();
        throw new StartFault(
          `SANDBOX: the gateway on ${known?.host ?? 'another machine'} serves the sandbox of this database, and it cannot be reached from here: run the gateways of a sandbox on one machine, give this one another DATABASE_URL, or let TWITCH_API_URL name one sandbox for all`,
        );
      }
      await sleep(RETRY_MS);
    }
  }

  /** Waits for its turn to serve, and for the loss of the connection that holds the turn. */
  async #keepServing(): Promise<void> {
    const { signal } = this.#stopping;
    let said = '';
    while (!signal.aborted) {
      try {
        this.#lock ??= await this.#connect();
        while (!(await this.#tryLock())) await sleep(TURN_MS, undefined, { signal, ref: false });
        if (this.#served === undefined) {
          const known = await this.#readAddress();
          // The replica before may still run without its connection: then its port is not free.
          await this.#serve(known && Number(new URL(known.url).port));
          this.#options.log('this gateway serves the sandbox from now on, in its initial state');
          await this.#options.onTakenOver();
        }
        await lostOrStopped(this.#lock, signal);
      } catch (error) {
        const { message } = error as Error;
        if (!signal.aborted && message !== said) this.#options.log(`the sandbox: ${message}`);
        said = message;
      }
      const lock = this.#lock;
      this.#lock = undefined;
      await lock?.end().catch(() => undefined);
      await sleep(TURN_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /**
   * Starts the sandbox where it was before, so that those who know its address find it again.
   * @param onlyPort the port that it must be, where replicas use it
   */
  async #serve(onlyPort?: number): Promise<string> {
    const { simulations } = this.#options;
    const memory = {
      simulations,
      revoked: await this.#readRevoked(),
      revocations: this.#keepRevocations(),
    };
    if (onlyPort !== undefined) {
      this.#served = await startSandbox({ port: onlyPort, ...memory });
    } else {
      const known = await this.#readAddress();
      const port = known?.host === hostname() ? Number(new URL(known.url).port) : 0;
      this.#served = await startSandbox({ port, ...memory }).catch(() => startSandbox(memory));
    }
    const { url } = this.#served;
    await this.#lock?.query(
      `INSERT INTO shared_sandbox (url, host) VALUES ($1, $2)
       ON CONFLICT (id) DO UPDATE SET url = excluded.url, host = excluded.host`,
      [url, hostname()],
    );
    return url;
  }

  async #readRevoked(): Promise<string[]> {
    const answer = await this.#lock?.query<{ token_hash: string }>(
      'SELECT token_hash FROM sandbox_revocations',
    );
    return answer?.rows.map(({ token_hash }) => token_hash) ?? [];
  }

  /** Statements go one after the other, in the order of what happened. */
  #keepRevocations(): RevocationStore {
    const write = (text: string, values: readonly string[]): void => {
      this.#lock
        ?.query(text, [...values])
        .catch((error: Error) =>
          this.#options.log(`the sandbox: a revocation was not kept: ${error.message}`),
        );
    };
    return {
      add: (hash) =>
        write('INSERT INTO sandbox_revocations (token_hash) VALUES ($1) ON CONFLICT DO NOTHING', [
          hash,
        ]),
      clear: () => write('DELETE FROM sandbox_revocations', []),
    };
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.#options.databaseUrl,
      application_name: 'action-gateway sandbox',
      keepAlive: true,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async #tryLock(): Promise<boolean> {
    const answer = await this.#lock?.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS mine',
      [SANDBOX_LOCK],
    );
    return answer?.rows[0]?.mine === true;
  }

  async #readAddress(): Promise<{ url: string; host: string } | undefined> {
    const answer = await this.#lock?.query<{ url: string; host: string }>(
      'SELECT url, host FROM shared_sandbox',
    );
    return answer?.rows[0];
  }

  async #close(): Promise<void> {
    // First the port, then the turn: the replica that comes next finds the port free.
    await this.#served?.close();
    this.#stopping.abort();
    await this.#waiting;
  }
}

async function isSandbox(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/sandbox/requests?since=0`, {
      signal: AbortSignal.timeout(2_000),
    });
    return answer.ok && typeof ((await answer.json()) as { last?: unknown }).last === 'number';
  } catch {
    return false;
  }
}

/** Resolves when a connection has ended, or is no longer needed. */
function lostOrStopped(client: Client, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    client.once('end', () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
