import { DEMO_CHANNEL } from '../../src/platforms/discord/simulation/seed.js';
import { callRest, type GatewayProcess } from './gateway.js';
import type { GrpcClient, GrpcOutcome, GrpcRefusal } from './grpc-client.js';
import type { SeenRequest, TestSandbox } from './sandbox.js';
import { thinkTime } from './think-time.js';

/** One gateway that the load goes to. */
export interface LoadedReplica {
  readonly gateway: GatewayProcess;
  readonly grpc: GrpcClient;
}

/** What a caller was told of one request; `outcome` is missing where there was none in the answer. */
export interface Told {
  readonly kind: 'done' | 'accepted' | 'unknown' | 'nothing sent';
  readonly outcome?: GrpcOutcome;
  /** The answer in short, for a report. */
  readonly said: string;
}

/** One request of the load. Its text is its idempotency key as well, and stands in what the platform gets. */
export interface Job {
  readonly text: string;
  readonly envelope: Readonly<Record<string, unknown>>;
  readonly told: Told;
  /** Number of the replica that answered. */
  readonly replica: number;
}

/** Calls at once for each replica and door. */
const WORKERS = 2;
const DOORS = ['grpc', 'rest'] as const;
const CALL_MS = 6_000;
/** Replicas that may join a load. */
const MOST_MORE = 4;
/** After so many successes of a channel its access token ends, so that the next call renews it. */
const CALLS_PER_TOKEN = 4;
const SCOPES = ['channel:manage:broadcast'];
/** How far ahead a scheduled action of the load is. */
const AHEAD_MS = 2_500;

/** Callers on both doors of several replicas, each with a channel of its own. */
export class FaultLoad {
  readonly jobs: Job[] = [];
  readonly #replicas: LoadedReplica[] = [];
  readonly #channels: string[] = [];
  /** Replicas that are called no more. */
  readonly #gone = new Set<LoadedReplica>();
  #isOn = false;
  #workers: Promise<void>[] = [];

  constructor(
    private readonly sandbox: TestSandbox,
    /** Begins every text, so that the texts of several loads differ. */
    private readonly name: string,
  ) {}

  /** Connects a channel for each caller of these replicas. */
  async prepare(replicas: readonly LoadedReplica[], firstId: number): Promise<void> {
    const [first] = replicas;
    if (!first) throw new Error('no replica');
    this.#replicas.push(...replicas);
    const count = (replicas.length + MOST_MORE) * DOORS.length * WORKERS;
    const ids = Array.from({ length: count }, (_none, n) => String(firstId + n));
    await this.sandbox.control('POST', '/sandbox/twitch/users', {
      users: ids.map((id) => ({ id, login: `load_${id}`, live: true })),
    });
    for (const id of ids) {
      const grant = await this.sandbox.control<Record<string, string>>(
        'POST',
        '/sandbox/twitch/grants',
        { user_id: id, scopes: SCOPES },
      );
      const { access_token, refresh_token } = grant;
      const path = `/api/v1/accounts/twitch/${id}`;
      const stored = await callRest(first.gateway, 'PUT', path, { access_token, refresh_token });
      if (stored.status !== 200) throw new Error(`PUT account: ${stored.status}`);
    }
    this.#channels.push(...ids);
  }

  /** Begins to call. */
  start(): void {
    this.#isOn = true;
    for (const index of this.#replicas.keys()) this.#enter(index);
  }

  /** Calls one replica more. */
  join(replica: LoadedReplica): void {
    this.#enter(this.#replicas.push(replica) - 1);
  }

  /** Calls a replica no more; calls that are under way go on. */
  leave(replica: LoadedReplica): void {
    this.#gone.add(replica);
  }

  /** Ends the load when every call under way is answered. */
  async stop(): Promise<void> {
    this.#isOn = false;
    await Promise.all(this.#workers.splice(0));
  }

  /** Calls that each replica has answered, those that are called no more left out. */
  count(fits: (job: Job) => boolean = () => true): number[] {
    return this.#replicas.flatMap((replica, index) =>
      this.#gone.has(replica)
        ? []
        : [this.jobs.filter((job) => job.replica === index && fits(job)).length],
    );
  }

  /** Sends one request again, with the same key, to a replica. */
  repeat({ envelope }: Job, to: number): Promise<Told> {
    const living = this.#replicas.filter((replica) => !this.#gone.has(replica));
    const target = living[to % living.length];
    if (!target) throw new Error('no replica');
    return tell(target, to % 2 === 0 ? 'grpc' : 'rest', envelope, 30_000);
  }

  #enter(index: number): void {
    for (const [place, door] of DOORS.entries())
      for (let worker = 0; worker < WORKERS; worker += 1) {
        const seat = (index * DOORS.length + place) * WORKERS + worker;
        this.#workers.push(this.#call(index, door, this.#channels[seat] ?? ''));
      }
  }

  async #call(index: number, door: (typeof DOORS)[number], channel: string): Promise<void> {
    const replica = this.#replicas[index];
    if (!replica) throw new Error('no replica');
    let successes = 0;
    for (let n = 0; this.#isOn && !this.#gone.has(replica); n += 1) {
      const text = `${this.name} ${channel} ${n}`;
      const envelope = describeJob(text, channel, n);
      if (successes === CALLS_PER_TOKEN) {
        await this.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: channel });
        successes = 0;
      }
      const told = await tell(replica, door, envelope, CALL_MS);
      if (told.kind === 'done') successes += 1;
      this.jobs.push({ text, envelope, told, replica: index });
      await thinkTime();
    }
  }
}

/** Direct, asynchronous and scheduled actions, and now and then one that is insured against a crash. */
function describeJob(text: string, channel: string, n: number): Record<string, unknown> {
  if (n % 11 === 10)
    return {
      platform: 'discord',
      action_type: 'send_message',
      parameters: { channel_id: DEMO_CHANNEL, content: text },
      idempotency_key: text,
    };
  return {
    platform: 'twitch',
    action_type: 'marker',
    account_id: channel,
    parameters: { description: text },
    idempotency_key: text,
    ...(n % 3 === 1 && { run_async: true }),
    ...(n % 6 === 5 && { run_at: new Date(Date.now() + AHEAD_MS).toISOString() }),
  };
}

async function tell(
  { gateway, grpc }: LoadedReplica,
  door: (typeof DOORS)[number],
  envelope: Readonly<Record<string, unknown>>,
  deadlineMs: number,
): Promise<Told> {
  if (door === 'grpc') {
    try {
      return readOutcome(await grpc.execute(toGrpc(envelope), { deadlineMs }));
    } catch (error) {
      const { code, details, nothingSent } = error as GrpcRefusal;
      return { kind: nothingSent ? 'nothing sent' : 'unknown', said: `${code}: ${details}` };
    }
  }
  try {
    const answer = await callRest(gateway, 'POST', '/api/v1/actions/execute', envelope);
    const outcome = answer.body as unknown as GrpcOutcome;
    if (typeof outcome.action_id === 'string') return readOutcome(outcome);
    const nothingSent = answer.headers.get('nothing-sent') === '1';
    const said = `${answer.status}: ${JSON.stringify(answer.body)}`;
    return { kind: nothingSent ? 'nothing sent' : 'unknown', said };
  } catch (error) {
    return { kind: 'unknown', said: (error as Error).message };
  }
}

/** gRPC has a message of its own for times. */
function toGrpc(envelope: Readonly<Record<string, unknown>>): object {
  const at = Date.parse(String(envelope['run_at']));
  if (Number.isNaN(at)) return envelope;
  const run_at = { seconds: Math.floor(at / 1_000), nanos: (at % 1_000) * 1_000_000 };
  return { ...envelope, run_at };
}

function readOutcome(outcome: GrpcOutcome): Told {
  const said = `${outcome.status} ${outcome.failure?.code ?? ''} ${outcome.error}`.trim();
  switch (outcome.status) {
    case 'SUCCEEDED':
      return { kind: 'done', outcome, said };
    case 'QUEUED':
    case 'SCHEDULED':
      return { kind: 'accepted', outcome, said };
    case 'UNKNOWN':
    case 'RUNNING':
      return { kind: 'unknown', outcome, said };
    default:
      // A request that is still under way says nothing of what was sent.
      return {
        kind: outcome.failure?.code === 'IN_PROGRESS' ? 'unknown' : 'nothing sent',
        outcome,
        said,
      };
  }
}

/** Counts what the platforms did, by the text of each request, from their own record at the wire. */
export class EffectRecord {
  readonly #effects = new Map<string, Set<string>>();
  #seq = 0;

  constructor(private readonly sandbox: TestSandbox) {}

  /** How often something was done; Discord takes two messages with one nonce for one. */
  count(text: string): number {
    return this.#effects.get(text)?.size ?? 0;
  }

  /** Reads what has been recorded since it was last read: the record of the sandbox is bounded. */
  async read(): Promise<void> {
    for (const seen of await this.sandbox.requestsSince(this.#seq)) {
      this.#seq = Math.max(this.#seq, seen.seq);
      const effect = readEffect(seen);
      if (!effect || (seen.status ?? 500) >= 400) continue;
      const ids = this.#effects.get(effect.text) ?? new Set();
      this.#effects.set(effect.text, ids.add(effect.id));
    }
  }
}

function readEffect(seen: SeenRequest): { text: string; id: string } | undefined {
  if (!seen.acted || seen.method !== 'POST') return undefined;
  const { description, content } = (seen.body ?? {}) as Record<string, string>;
  if (seen.path.endsWith('/streams/markers') && description !== undefined)
    return { text: description, id: String(seen.seq) };
  if (seen.path.endsWith('/messages') && content !== undefined)
    return { text: content, id: String((seen.answer as { id?: string } | null)?.id ?? seen.seq) };
  return undefined;
}
