import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';

import type { Markup } from './html.js';

/** The sandbox's only source of time, so that a test can move it. */
export type Clock = () => number;

/** A request before its body, the path below the prefix of its simulation. */
export interface SandboxHead {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** Takes a body as it comes; one that breaks off is never finished. */
export interface BodySink {
  take(bytes: Buffer): void;
  finish(): SandboxAnswer;
}

/** One request as a simulation sees it, the body as text. */
export interface SandboxRequest extends SandboxHead {
  readonly body: string;
  /** The body as it came, for forms with files. */
  readonly raw: Buffer;
}

/** One answer, ready to send. */
export interface SandboxAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whose credential asked, in words for the request log. */
  readonly who?: string;
}

/** A call of the control API, and what it does. */
export type HelpLine = readonly [call: string, what: string];

/** A platform simulated with state, mounted below its own prefix. */
export interface PlatformSimulation {
  /** First segment of every path of this platform, such as `twitch`. */
  readonly name: string;
  /** Further first segments that are its own. */
  readonly mounts?: readonly string[];
  /** Its calls of the control API. */
  readonly help: readonly HelpLine[];
  /** Longest body it takes, in bytes; one mebibyte when left out. */
  readonly bodyMax?: number;
  /** Answers a call of the platform's own API. */
  answer(request: SandboxRequest): SandboxAnswer;
  /** Takes a body that is too long to be kept; undefined where it is one for `answer`. */
  takeBody?(head: SandboxHead): BodySink | undefined;
  /** Answers a call of the control API below `/sandbox/<name>`; undefined when there is no such call. */
  control(request: SandboxRequest): SandboxAnswer | undefined;
  /** The world as JSON, for `/sandbox/state`. */
  describe(): Record<string, unknown>;
  /** The world as a piece of the sandbox's page. */
  render(): Markup;
  /** Puts the seeded world back; grants survive only if asked. */
  reset(options: { keepGrants: boolean }): void;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export function answerJson(
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): SandboxAnswer {
  return {
    status,
    headers: headers ? { ...JSON_TYPE, ...headers } : JSON_TYPE,
    body: JSON.stringify(value),
  };
}

export function answerNothing(headers: Readonly<Record<string, string>> = {}): SandboxAnswer {
  return { status: 204, headers, body: '' };
}

/** The error body of Helix, which the sandbox's own control API shares. */
export function answerError(
  status: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): SandboxAnswer {
  return answerJson(status, { error: STATUS_CODES[status] ?? 'Error', status, message }, headers);
}

/** The message for a call that no simulation has: the caller is not at fault, the sandbox lacks it. */
export function describeUnsimulated(method: string, path: string): string {
  return `the sandbox does not simulate ${method} ${path}`;
}

/** What became of a grant that was to be restored; 'known' when it was there. */
export type Restoration = 'restored' | 'known' | 'revoked';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The tokens of a grant that is to be restored; what is wrong with them instead, if something is. */
export function readTokens({
  scopes,
  access_token,
  refresh_token,
  expires_in,
}: Record<string, unknown>):
  | string
  | {
      readonly scopes: readonly string[];
      readonly access_token: string;
      readonly refresh_token: string | undefined;
      readonly expires_in: number;
    } {
  if (!Array.isArray(scopes)) return 'scopes must be a list';
  if (typeof access_token !== 'string' || access_token === '') return 'access_token must be text';
  if (refresh_token !== undefined && typeof refresh_token !== 'string')
    return 'refresh_token must be text';
  if (typeof expires_in !== 'number') return 'expires_in must be a number of seconds';
  return { scopes: scopes.map(String), access_token, refresh_token, expires_in };
}

/** What a new grant is asked to be; what is wrong with that instead, if something is. */
export function readNewGrant(
  { scopes, expires_in }: Record<string, unknown>,
  known: readonly string[],
): string | { readonly scopes: readonly string[]; readonly expires_in?: number } {
  if (!Array.isArray(scopes)) return 'scopes must be a list';
  const unknown: unknown = scopes.find((scope) => !known.includes(scope as string));
  if (unknown !== undefined) return `unknown scope: ${String(unknown)}`;
  if (expires_in === undefined) return { scopes: scopes as string[] };
  if (typeof expires_in !== 'number' || !(expires_in >= 0))
    return 'expires_in must be a number of seconds';
  return { scopes: scopes as string[], expires_in };
}

/** True when the request says its body is JSON. */
export function saysJson(headers: IncomingHttpHeaders): boolean {
  return (headers['content-type'] ?? '').toLowerCase().startsWith('application/json');
}

/** Times as Twitch writes them, in whole seconds. */
export function writeTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** The fields of a query and, over them, of a urlencoded form. */
export function readFields({ query, headers, body }: SandboxRequest): URLSearchParams {
  const fields = new URLSearchParams(query);
  const type = (headers['content-type'] ?? '').toLowerCase();
  if (!type.startsWith('application/x-www-form-urlencoded')) return fields;
  for (const [name, value] of new URLSearchParams(body)) fields.set(name, value);
  return fields;
}

/** A JSON object; undefined for any other text. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
