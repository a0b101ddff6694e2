// Real: the packed clients in projects of their own, the built gateway, PostgreSQL, sockets. Fake: the
// platforms, simulated at the wire; a proxy that cuts connections or answers in place of the gateway.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findPythonFault,
  type InstalledClient,
  installPython,
  installTypescript,
} from '../support/client-packages.js';
import { CuttingGrpcProxy } from '../support/cutting-grpc-proxy.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { createDatabase } from '../support/database.js';
import { callRest, type GatewayProcess, makeToken, startGateway } from '../support/gateway.js';

let database: Awaited<ReturnType<typeof createDatabase>>;
let gateway: GatewayProcess;
const proxies: Partial<Record<'rest' | 'grpc', CuttingProxy | CuttingGrpcProxy>> = {};

beforeAll(async () => {
  database = await createDatabase();
  gateway = await startGateway({ SANDBOX: 'true', DATABASE_URL: database.url });
  proxies.rest = await CuttingProxy.open(gateway.restUrl);
  proxies.grpc = await CuttingGrpcProxy.open(gateway.grpcAddress);
});

afterAll(async () => {
  for (const client of clients) await client.remove();
  await proxies.rest?.close();
  await proxies.grpc?.close();
  await gateway?.stop();
  await database?.drop();
});

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | null;
}

const CHAT = '/twitch/helix/chat/messages';

/** How often a chat message arrived at the simulated platform. */
async function countSaid(message: string): Promise<number> {
  const { body } = await callRest(gateway, 'GET', '/api/v1/sandbox/requests?since=0');
  const seen = body['requests'] as unknown as readonly Seen[];
  return seen.filter(({ path, body: sent }) => path === CHAT && sent?.['message'] === message)
    .length;
}

async function arm(fault: object): Promise<void> {
  const rule = { match: { path: CHAT }, times: 1, fault };
  expect((await callRest(gateway, 'POST', '/api/v1/sandbox/faults', rule)).status).toBe(200);
}

const nothingSent = {
  kind: 'answer',
  status: 503,
  headers: { 'nothing-sent': '1' },
  body: { detail: 'The gateway is stopping' },
} as const;

/** An outcome as a gateway gives it while a limit is spent. */
const limited = (retry_after_ms: number) =>
  ({
    kind: 'answer',
    status: 429,
    body: {
      success: false,
      status: 'REFUSED',
      action_id: '',
      error: 'spent',
      replayed: false,
      failure: { code: 'RATE_LIMITED', retryable: true, retry_after_ms },
    },
  }) as const;

interface Language {
  readonly name: string;
  readonly fault?: string;
  readonly transport: 'rest' | 'grpc';
  install(): Promise<InstalledClient>;
  /** Before the name of a scene. */
  readonly form: readonly string[];
  /** A field as it is written in a call. */
  field(name: string): string;
}

const python = findPythonFault();
let installed: Promise<InstalledClient> | undefined;

function installPythonOnce(): Promise<InstalledClient> {
  installed ??= keep(installPython());
  return installed;
}

const clients: InstalledClient[] = [];

/** Removes a client after all tests. */
async function keep(installing: Promise<InstalledClient>): Promise<InstalledClient> {
  const client = await installing;
  clients.push(client);
  return client;
}

const LANGUAGES: readonly Language[] = [
  ...(['rest', 'grpc'] as const).map((transport) => ({
    name: `TypeScript over ${transport}`,
    transport,
    install: () => keep(installTypescript(transport)),
    form: [],
    field: (name: string) => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  })),
  ...['sync', 'async'].map((form) => ({
    name: `Python (${form}${python === undefined ? '' : `; skipped: ${python}`})`,
    fault: python,
    transport: 'rest' as const,
    install: installPythonOnce,
    form: [form],
    field: (name: string) => name,
  })),
];

describe.each(LANGUAGES)('the client in $name, used from its package', (language) => {
  const { fault, transport, install, form, field } = language;
  const isMissing = fault !== undefined;
  // The two forms in Python differ in how they wait and send; the rest is the same code.
  const isTested = isMissing || form[0] === 'async';
  const isRest = transport === 'rest';
  let client: InstalledClient;
  let proxy: CuttingProxy | CuttingGrpcProxy;

  beforeAll(async () => {
    proxy = proxies[transport] as CuttingProxy | CuttingGrpcProxy;
    if (!isMissing) client = await install();
  });

  const play = async (name: string, text = '', token = makeToken()): Promise<unknown> => {
    const env = { GATEWAY_URL: proxy.url, GATEWAY_TOKEN: token };
    return JSON.parse(await client.run('scenes', [...form, name, text], env)) as unknown;
  };

  it.skipIf(isTested || !isRest)('greets on all platforms in twenty lines', async () => {
    const env = { GATEWAY_URL: gateway.restUrl, GATEWAY_TOKEN: makeToken() };
    const lines = (await client.run('greet', ['Good evening'], env)).trim().split('\n');
    const said = ['twitch', 'youtube', 'discord'].map((name) => `${name}: said Good evening`);
    expect(lines).toEqual(said);
  });

  it.skipIf(isTested || !isRest)('does what docs/clients.md shows', async () => {
    const env = { GATEWAY_URL: gateway.restUrl, GATEWAY_TOKEN: makeToken() };
    // Python writes True where TypeScript writes true.
    const lines = (await client.run('samples', [], env)).trim().toLowerCase().split('\n');
    expect(lines).toEqual([
      'said true',
      `wrong: ${field('user_id').toLowerCase()}`,
      'succeeded docs',
      'members: true',
      'succeeded true',
      'watching',
      'true',
      'refused with 404',
    ]);
  });

  it.skipIf(isMissing)(
    'repeats a call whose answer was cut with its key: the effect is once',
    async () => {
      proxy.interfere({ kind: 'cut answer' });
      const text = `cut ${transport} ${form.join()}`;
      expect(await play('say', text)).toEqual({ status: 'SUCCEEDED', replayed: true, sent: true });
      expect(new Set(proxy.keys).size).toBe(1);
      expect([proxy.keys.length, await countSaid(text)]).toEqual([2, 1]);
    },
  );

  it.skipIf(isMissing)(
    'repeats what surely was not sent, by the door or by a spent limit',
    async () => {
      proxy.interfere(nothingSent, limited(10));
      expect(await play('say', 'once more')).toMatchObject({
        status: 'SUCCEEDED',
        replayed: false,
      });
      expect(proxy.keys).toHaveLength(3);
    },
  );

  it.skipIf(isTested)('does not wait for a limit beyond its deadline', async () => {
    proxy.interfere(limited(3_600_000));
    expect(await play('say', 'too late')).toMatchObject({ status: 'REFUSED' });
    expect(proxy.keys).toHaveLength(1);
  });

  it.skipIf(isMissing)('does not repeat an outcome that is unknown', async () => {
    proxy.interfere();
    await arm({ kind: 'reset', when: 'after' });
    const text = `doubt ${transport} ${form.join()}`;
    expect(await play('say', text)).toMatchObject({ status: 'UNKNOWN' });
    expect([proxy.keys.length, await countSaid(text)]).toEqual([1, 1]);
  });

  it.skipIf(isTested)(
    'hears an outcome within its deadline, however slow the platform is',
    async () => {
      await arm({ kind: 'delay', ms: 3_000 });
      expect(await play('slow', 'slow')).toEqual({ status: 'UNKNOWN', code: 'OUTCOME_UNKNOWN' });
    },
  );

  it.skipIf(isTested)(
    'names the wrong fields of a refusal as they are written in a call',
    async () => {
      const userId = field('user_id');
      expect(await play('refuse')).toEqual({
        code: 'INVALID_INPUT',
        retryable: false,
        fields: [userId],
        message: expect.stringMatching(`INVALID_INPUT: ${userId}: `) as string,
      });
    },
  );

  it.skipIf(isTested)(
    'shows what would be sent, and leaves the names of the platform alone',
    async () => {
      expect(await play('rehearse')).toMatchObject({ broadcaster_id: '1001', cost: 1 });
    },
  );

  it.skipIf(isMissing)('reads all pages of a list', async () => {
    const all = (await play('list', '800000000000000001')) as readonly string[];
    expect(all.length).toBeGreaterThan(2);
    expect(new Set(all).size).toBe(all.length);
  });

  it.skipIf(isMissing)('sends many actions in one request, and as a stream', async () => {
    proxy.interfere();
    const batch = await play('batch', 'together');
    expect(batch).toEqual({ statuses: ['SUCCEEDED', 'REFUSED'], isNamed: true });
    expect(proxy.keys).toHaveLength(1);
    expect(await play('stream', 'stream')).toEqual(Array.from({ length: 5 }, () => 'SUCCEEDED'));
  });

  it.skipIf(isMissing)('watches changes over a cut, and leaves none out', async () => {
    const text = `watch ${transport} ${form.join()}`;
    proxy.interfere({ kind: 'cut after', text: `${text} 1` });
    expect(await play('watch', text)).toEqual([`${text} 1`, `${text} 2`]);
  });

  it.skipIf(isMissing)('schedules, cancels and asks for an action', async () => {
    expect(await play('later', 'later')).toEqual(['SCHEDULED', 'CANCELLED', 'CANCELLED']);
  });

  it.skipIf(isMissing || isRest)('says that gRPC takes no files, and what does', async () => {
    await expect(play('attach', 'A film')).rejects.toThrow(
      /upload: gRPC takes no files: .* without/,
    );
  });

  it.skipIf(isMissing || !isRest)('sends a file with an action', async () => {
    expect(await play('attach', 'A film')).toBe('SUCCEEDED');
  });

  it.skipIf(isTested)('tells a refusal by the door from an outcome', async () => {
    proxy.interfere();
    expect(await play('say', 'who', 'no-token')).toMatchObject({ status: 401, nothingSent: true });
    expect(proxy.keys).toHaveLength(1);
    // The first attempt may have acted, so the refusals of its repeats prove nothing.
    const cut = { kind: 'cut answer' } as const;
    proxy.interfere(cut, nothingSent, nothingSent, nothingSent, nothingSent);
    expect(await play('say', 'cut off')).toMatchObject({ status: 503, nothingSent: false });
  });
});
