import { Client } from 'pg';
import { FAILURES, type FailureCode } from '../../src/actions/failures.js';
import { joinScopes } from '../../src/actions/action.js';
import { twitchActions } from '../../src/platforms/twitch/actions/index.js';
import { createDatabase } from './database.js';
import { callRest, type GatewayProcess, makeToken, startGateway } from './gateway.js';
import { GrpcClient, type GrpcOutcome } from './grpc-client.js';
import { startTestSandbox, type TestSandbox } from './sandbox.js';

/** Both ways into the gateway; what is decided about an action must not depend on which is taken. */
export const DOORS = ['grpc', 'rest'] as const;
export type DoorName = (typeof DOORS)[number];

/** Every scope that any of our Twitch actions needs. */
export const ALL_SCOPES: readonly string[] = joinScopes(twitchActions);

/** One Helix request in the words of the platform's documentation. */
export interface HelixRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Empty when there was none. */
  readonly body: unknown;
}

/** A Helix request as the sandbox saw it. */
export interface SeenHelixRequest extends HelixRequest {
  readonly status: number | null;
  /** Login of whose token it came with. */
  readonly who: unknown;
  /** The kind of the fault it met, if any. */
  readonly fault: unknown;
}

/** What the sandbox shows of a channel, as far as the tests look. */
export interface ChannelState {
  readonly title: string;
  readonly game_id: string;
  readonly moderators: readonly string[];
  readonly vips: readonly string[];
  readonly bans: readonly Record<string, unknown>[];
  readonly chat: readonly Record<string, unknown>[];
  readonly polls: readonly Record<string, unknown>[];
  readonly predictions: readonly Record<string, unknown>[];
  readonly markers: readonly Record<string, unknown>[];
  readonly raids: readonly Record<string, unknown>[];
}

export interface TwitchState {
  readonly channels: Readonly<Record<string, ChannelState>>;
  readonly whispers: readonly Record<string, unknown>[];
  readonly clips: readonly Record<string, unknown>[];
}

export interface AskOptions {
  readonly token?: string | null;
  /** gRPC alone: REST has the budget of the gateway. */
  readonly deadlineMs?: number;
}

/** One gateway with a client at each of its doors. */
export class TwoDoors {
  readonly grpc: GrpcClient;

  private constructor(readonly gateway: GatewayProcess) {
    this.grpc = new GrpcClient(gateway.grpcAddress);
  }

  static async open(env: Readonly<Record<string, string>>): Promise<TwoDoors> {
    return new TwoDoors(await startGateway(env));
  }

  /**
   * Carries out one envelope. REST answers are brought into the form of gRPC, and must have come with
   * the HTTP status of the failure table.
   */
  async execute(
    door: DoorName,
    envelope: object,
    { token, deadlineMs }: AskOptions = {},
  ): Promise<GrpcOutcome> {
    if (door === 'grpc') return this.grpc.execute(envelope, { token, deadlineMs });
    const answer = await callRest(this.gateway, 'POST', '/api/v1/actions/execute', envelope, {
      token,
    });
    const outcome = answer.body as unknown as GrpcOutcome;
    if (typeof outcome.action_id !== 'string') {
      throw new Error(`no outcome, but ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    const code = outcome.failure?.code as FailureCode | undefined;
    const isLater = outcome.status === 'QUEUED' || outcome.status === 'SCHEDULED';
    const isFine = isLater ? 202 : 200;
    requireStatus(answer.status, code === undefined ? isFine : FAILURES[code].http);
    return completeOutcome(outcome);
  }

  async batch(
    door: DoorName,
    envelopes: readonly object[],
    { token }: AskOptions = {},
  ): Promise<Awaited<ReturnType<GrpcClient['batch']>>> {
    if (door === 'grpc') return this.grpc.batch(envelopes, { token });
    const path = '/api/v1/actions/batch';
    const { status, body } = await callRest(
      this.gateway,
      'POST',
      path,
      { actions: envelopes },
      { token },
    );
    requireStatus(status, 200);
    const answer = body as unknown as Awaited<ReturnType<GrpcClient['batch']>>;
    return { ...answer, responses: answer.responses.map(completeOutcome) };
  }

  rest(
    method: string,
    path: string,
    body?: unknown,
    options?: Parameters<typeof callRest>[4],
  ): ReturnType<typeof callRest> {
    return callRest(this.gateway, method, path, body, options);
  }

  /** What the log says of an action, asked at a door. */
  async readStatus(door: DoorName, actionId: string, options?: AskOptions): Promise<GrpcOutcome> {
    if (door === 'grpc') return this.grpc.readStatus(actionId, options);
    const { status, body } = await this.rest('GET', `/api/v1/actions/${actionId}`, undefined, {
      token: options?.token,
    });
    requireStatus(status, 200);
    return completeOutcome(body as unknown as GrpcOutcome);
  }

  async close(): Promise<void> {
    this.grpc.close();
    await this.gateway.stop();
  }
}

function requireStatus(status: number, expected: number): void {
  if (status !== expected) throw new Error(`HTTP ${status}, and ${expected} was expected`);
}

/** What proto3 fills in and JSON leaves out. */
function completeOutcome(outcome: Partial<GrpcOutcome>): GrpcOutcome {
  const { failure, prepared } = outcome;
  return {
    ...(outcome as GrpcOutcome),
    failure: failure
      ? {
          ...failure,
          retry_after_ms: failure.retry_after_ms ?? 0,
          platform_status: failure.platform_status ?? 0,
          platform_code: failure.platform_code ?? '',
          violations: failure.violations ?? [],
        }
      : null,
    prepared: prepared ? { ...prepared, body: prepared.body ?? {} } : null,
  };
}

/** A whole house for one file of tests: sandbox, database, gateway, a client at each door. */
export class House {
  readonly #others: TwoDoors[] = [];
  #nextId = 50_000;

  private constructor(
    readonly sandbox: TestSandbox,
    readonly database: { url: string; drop(): Promise<void> },
    readonly doors: TwoDoors,
  ) {}

  static async open(env: Readonly<Record<string, string>> = {}): Promise<House> {
    const [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
    const doors = await TwoDoors.open({ ...sandbox.env, DATABASE_URL: database.url, ...env });
    const house = new House(sandbox, database, doors);
    // The limits of the gateway are what is tested; those of the sandbox would only blur them.
    await house.setWorld({ limits: false, clip_delay_ms: 0 });
    return house;
  }

  /** A second gateway on the same sandbox and database, closed with the house. */
  async openAnother(env: Readonly<Record<string, string>>): Promise<TwoDoors> {
    const doors = await TwoDoors.open({
      ...this.sandbox.env,
      DATABASE_URL: this.database.url,
      ...env,
    });
    this.#others.push(doors);
    return doors;
  }

  async close(): Promise<void> {
    await Promise.all([this.doors, ...this.#others].map((doors) => doors.close()));
    await this.sandbox.close();
    await this.database.drop();
  }

  /** As if nothing had been sent so far, and no platform had said anything about its limits. */
  async forgetLimits(): Promise<void> {
    const client = new Client({ connectionString: this.database.url });
    await client.connect();
    await client.query('TRUNCATE limit_states').finally(() => client.end());
  }

  /** Changes the simulated world. */
  async setWorld(changes: Record<string, unknown>): Promise<void> {
    await this.sandbox.control('POST', '/sandbox/twitch/world', changes);
  }

  async addFault(
    fault: Record<string, unknown>,
    match: { method?: string; path?: string } = {},
    times = 1,
  ): Promise<void> {
    const path = match.path && `/twitch/helix${match.path}`;
    await this.sandbox.control('POST', '/sandbox/faults', {
      fault,
      match: { ...match, ...(path && { path }) },
      times,
    });
  }

  async state(): Promise<TwitchState> {
    return (await this.sandbox.control<{ twitch: TwitchState }>('GET', '/sandbox/state')).twitch;
  }

  async channel(id: string): Promise<ChannelState> {
    const channel = (await this.state()).channels[id];
    if (!channel) throw new Error(`the sandbox has no channel ${id}`);
    return channel;
  }

  /** Helix requests since a sequence number, OAuth left out. */
  async helixSince(seq: number): Promise<SeenHelixRequest[]> {
    const prefix = '/twitch/helix';
    return (await this.sandbox.requestsSince(seq))
      .filter(({ path }) => path.startsWith(prefix))
      .map((seen) => ({
        method: seen.method,
        path: seen.path.slice(prefix.length),
        query: seen.query,
        body: seen.body ?? {},
        status: seen.status,
        who: seen.who,
        fault: (seen as { fault?: unknown }).fault,
      }));
  }

  /** Requests to the simulated OAuth server since a sequence number, as `METHOD path`. */
  async oauthSince(seq: number): Promise<string[]> {
    return (await this.sandbox.requestsSince(seq))
      .filter(({ path }) => path.startsWith('/twitch/oauth2'))
      .map(({ method, path }) => `${method} ${path.slice('/twitch/oauth2'.length)}`);
  }

  /** A person nobody has seen before. */
  async addUser({ live = true }: { live?: boolean } = {}): Promise<string> {
    const id = String((this.#nextId += 1));
    const users = [{ id, login: `user_${id}`, live }];
    await this.sandbox.control('POST', '/sandbox/twitch/users', { users });
    return id;
  }

  /** A fresh grant of a person, as if they had just consented. */
  grant(
    userId: string,
    scopes: readonly string[] = ALL_SCOPES,
    expiresIn?: number,
  ): Promise<{ access_token: string; refresh_token: string; expires_in: number }> {
    return this.sandbox.control('POST', '/sandbox/twitch/grants', {
      user_id: userId,
      scopes,
      ...(expiresIn !== undefined && { expires_in: expiresIn }),
    });
  }

  /** Grants and stores an account, as an admin would. @returns its access token */
  async connect(
    userId: string,
    scopes: readonly string[] = ALL_SCOPES,
    expiresIn?: number,
  ): Promise<string> {
    const grant = await this.grant(userId, scopes, expiresIn);
    const { status, body } = await this.doors.rest('PUT', `/api/v1/accounts/twitch/${userId}`, {
      access_token: grant.access_token,
      refresh_token: grant.refresh_token,
      expires_in: grant.expires_in,
    });
    if (status !== 200) throw new Error(`PUT account: ${status} ${JSON.stringify(body)}`);
    return grant.access_token;
  }

  /** A new channel whose owner is connected. */
  async addChannel(options?: { live?: boolean }): Promise<{ id: string; token: string }> {
    const id = await this.addUser(options);
    return { id, token: await this.connect(id) };
  }

  /** Speaks to the simulated Twitch directly, to set a scene; anything but a yes is an error. */
  async askTwitch<Answer = unknown>(
    token: string,
    method: string,
    path: string,
    { query = {}, body }: { query?: Record<string, string>; body?: object } = {},
  ): Promise<Answer> {
    const url = `${this.sandbox.env['TWITCH_API_URL']}${path}?${new URLSearchParams(query)}`;
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'client-id': this.sandbox.env['TWITCH_CLIENT_ID'] ?? '',
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
}

/** A token of another caller than the usual one, or with fewer rights. */
export function tokenOf(sub: string, claims: Record<string, unknown> = {}): string {
  return makeToken({ sub, ...claims });
}
