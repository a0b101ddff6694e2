import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE_FLAGS } from '../../src/config/node-flags.js';

const ROOT = join(import.meta.dirname, '../..');
/** One key for all gateways of the tests, so that a token is good at each of them. */
export const SIGNING_KEY = randomBytes(48).toString('hex');
const ENCRYPTION_KEYS = `k1:${randomBytes(32).toString('base64')}`;
const PATIENCE_MS = 60_000;

/** A gateway as its operators know it: a process of its own, with two doors. */
export interface GatewayProcess {
  readonly restUrl: string;
  readonly grpcAddress: string;
  readonly process: ChildProcess;
  /** Everything it wrote so far. */
  output(): string;
  /** Resolves with a line of the log that fits. */
  waitForLine(pattern: RegExp): Promise<string>;
  /** Sends a signal and waits for the end; gives the exit code, null after SIGKILL. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts the built gateway on free ports and waits until it is ready. Rejects with its output when it ends.
 * @param root the tree whose `dist` is started: this one, or that of an earlier release
 */
export async function startGateway(
  env: Readonly<Record<string, string>>,
  root = ROOT,
): Promise<GatewayProcess> {
  const dataDir = env['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'gateway-data-')));
  const child = spawn(process.execPath, [...NODE_FLAGS, 'dist/main.js'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      REST_PORT: '0',
      GRPC_PORT: '0',
      MODULE_SECRET_KEY: SIGNING_KEY,
      TOKEN_ENCRYPTION_KEYS: ENCRYPTION_KEYS,
      SHUTDOWN_GRACE: '5',
      ...env,
      DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const exited = once(child, 'exit').then(() => child.exitCode);
  const waitForLine = (pattern: RegExp): Promise<string> => {
    const seen = lines.find((line) => pattern.test(line));
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => finish(reject, new Error(`no line ${pattern}:\n${lines.join('\n')}`)),
        PATIENCE_MS,
      );
      const listener = (line: string): void => {
        if (pattern.test(line)) finish(resolve, line);
      };
      function finish<T>(settle: (value: T) => void, value: T): void {
        clearTimeout(timer);
        listeners.delete(listener);
        settle(value);
      }
      listeners.add(listener);
      void exited.then((code) =>
        finish(reject, new Error(`the gateway ended with ${code}:\n${lines.join('\n')}`)),
      );
    });
  };
  const { HOST: host = '' } = env;
  const own = host.startsWith('127.') ? host : '127.0.0.1';
  const ready = JSON.parse(await waitForLine(/"msg":"ready"/)) as {
    rest_port: number;
    grpc_port: number;
  };
  return {
    restUrl: `http://${own}:${ready.rest_port}`,
    grpcAddress: `${own}:${ready.grpc_port}`,
    process: child,
    output: () => lines.join('\n'),
    waitForLine,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const code = await exited;
      if (env['DATA_DIR'] === undefined) await rm(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

/** What a gateway that must not start says before it ends. */
export async function startInVain(env: Readonly<Record<string, string>>): Promise<string> {
  try {
    const gateway = await startGateway(env);
    await gateway.stop('SIGKILL');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The gateway started, and should not have');
}

const ALL_PERMISSIONS = [
  'execute_actions',
  'manage_accounts',
  'manage_flags',
  'read_audit',
  'manage_callers',
];

/** A token made by hand, so that wrong ones can be made as well. */
export function makeToken(
  claims: Readonly<Record<string, unknown>> = {},
  {
    key = SIGNING_KEY,
    algorithm = 'HS256',
    raw,
  }: {
    key?: string;
    algorithm?: string;
    /** JSON texts in place of the header and the claims, for what no object can say. */
    raw?: { readonly header: string; readonly claims: string };
  } = {},
): string {
  const now = Math.floor(Date.now() / 1_000);
  const made = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode({
    sub: 'tester',
    permissions: ALL_PERMISSIONS,
    iat: now,
    exp: now + 3_600,
    ...claims,
  })}`;
  const body = raw ? `${encodeText(raw.header)}.${encodeText(raw.claims)}` : made;
  const hash = algorithm === 'HS512' ? 'sha512' : 'sha256';
  return `${body}.${algorithm === 'none' ? '' : createHmac(hash, key).update(body).digest('base64url')}`;
}

function encode(part: object): string {
  return encodeText(JSON.stringify(part));
}

function encodeText(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** An answer of the REST door. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // What is in an answer is for each test to expect.
  readonly body: Record<string, never>;
}

/** Speaks to the REST door. `token: null` sends no credentials. */
export async function callRest(
  gateway: Pick<GatewayProcess, 'restUrl'>,
  method: string,
  path: string,
  body?: unknown,
  options: { token?: string | null; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<RestAnswer> {
  const token = options.token === undefined ? makeToken() : options.token;
  // Bytes and text go as they are: they may be wrong on purpose.
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(gateway.restUrl + path, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...options.headers,
    },
    body: body === undefined ? undefined : isRaw ? (body as string) : JSON.stringify(body),
    signal: options.signal,
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text ? parseOrKeep(text) : {}) as Record<string, never>,
  };
}

function parseOrKeep(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { text };
  }
}
