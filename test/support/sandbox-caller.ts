import { expect } from 'vitest';

import { checkAnswer } from './contract/answers.js';
import { AcceptedFaults, describeFaults } from './contract/exceptions.js';
import { startSimulatedPlatforms, type SimulatedPlatforms } from './simulated-platforms.js';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body decoded; undefined when it is no JSON. */
  json: Json;
}

/** A decoded body that a test walks without types: a missing step is undefined. */
export type Json = { readonly [name: string]: Json } & readonly Json[] & { toString(): string };

export interface HelixRequest {
  as?: string;
  method: string;
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  scopes?: readonly string[];
  headers?: Record<string, string>;
}

/** A sandbox with a clock that stands still until it is moved, and a client for each of its doors. */
export class SandboxCaller {
  #tokens = new Map<string, string>();

  private constructor(
    readonly sandbox: SimulatedPlatforms,
    private readonly time: { now: number },
  ) {}

  static async open(): Promise<SandboxCaller> {
    const time = { now: Date.UTC(2026, 10, 20, 12) };
    return new SandboxCaller(await startSimulatedPlatforms({ now: () => time.now }), time);
  }

  close(): Promise<void> {
    return this.sandbox.close();
  }

  advance(ms: number): void {
    this.time.now += ms;
  }

  /** Calls Helix as somebody with the scopes given, or with all there are. */
  async helix(request: HelixRequest): Promise<Answer> {
    const { as = '1001', method, path, query = {}, body, scopes, headers = {} } = request;
    const token = await this.token(as, scopes);
    const search = new URLSearchParams(query).toString();
    const url = `${this.sandbox.twitch.apiUrl}${path}${search === '' ? '' : `?${search}`}`;
    return callHttp(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'client-id': this.sandbox.twitch.clientId,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** What Helix says to a request: status and error body alone. */
  async askHelix(request: HelixRequest): Promise<{ status: number; json: Json }> {
    const { status, json } = await this.helix(request);
    return { status, json };
  }

  async token(userId: string, scopes?: readonly string[]): Promise<string> {
    const key = `${userId} ${scopes?.join(' ') ?? 'all'}`;
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    const granted = scopes ?? (await this.control('GET', '/twitch/scopes')).json['scopes'];
    const { json } = await this.control('POST', '/twitch/grants', {
      user_id: userId,
      scopes: granted,
      expires_in: 30 * 86_400,
    });
    const token = String(json['access_token']);
    this.#tokens.set(key, token);
    return token;
  }

  /** Posts a form to an OAuth endpoint, client id and secret included unless overridden. */
  async oauth(path: string, fields: Record<string, string>): Promise<Answer> {
    const { authUrl, clientId, clientSecret } = this.sandbox.twitch;
    return callHttp(`${authUrl}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...fields }),
    });
  }

  async control(method: string, path: string, body?: unknown): Promise<Answer> {
    return callHttp(`${this.sandbox.url}/sandbox${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  }

  /** Changes the world and insists that it worked. */
  async change(body: Record<string, unknown>): Promise<void> {
    const answer = await this.control('POST', '/twitch/world', body);
    if (answer.status !== 200) throw new Error(answer.text);
  }

  /** The channel of the demo broadcaster, or another, as the state shows it. */
  async channel(id = '1001'): Promise<Json> {
    const { json } = await this.control('GET', '/state');
    return json['twitch']!['channels']![id]!;
  }

  async requests(since = 0): Promise<readonly Json[]> {
    return (await this.control('GET', `/requests?since=${since}`)).json['requests']!;
  }
}

/** The refusal that `askHelix` should answer. */
export function no(status: number, says = /^/): unknown {
  return {
    status,
    json: { status, error: expect.any(String), message: expect.stringMatching(says) },
  };
}

export async function callHttp(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  holdAgainstContract({ method: init.method ?? 'GET', url, status: response.status, text, json });
  return { status: response.status, headers: response.headers, text, json: json as Json };
}

/** Where each simulated API begins; paths below it are those of the contract, which has no tokens. */
const API_PATHS: readonly (readonly [platform: string, path: RegExp])[] = [
  ['twitch', /^\/twitch\/helix(?=\/)/],
  ['discord', /^\/discord\/api\/v10(?=\/(?!oauth2\/token))/],
  ['youtube', /^(?=\/youtube\/v3\/)/],
];

/** Every yes of a simulated API has the form that the platform's contract gives it. */
function holdAgainstContract({
  method,
  url,
  status,
  text,
  json,
}: {
  method: string;
  url: string;
  status: number;
  text: string;
  json: unknown;
}): void {
  const { pathname } = new URL(url);
  for (const [platform, start] of API_PATHS) {
    if (!start.test(pathname)) continue;
    // A planted fault answers what nobody can read.
    if (text !== '' && json === undefined) continue;
    const body = text === '' ? undefined : json;
    const path = pathname.replace(start, '');
    const accepted = AcceptedFaults.load(platform, 'answers');
    const faults = accepted.reject(checkAnswer(platform, { method, path, status, body }));
    if (faults.length > 0) throw new Error(describeFaults(faults).join('\n'));
  }
}
