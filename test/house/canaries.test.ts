// Real: the built gateway as a process at its most talkative, PostgreSQL, both doors. Fake: Twitch, at
// the wire. Secrets that are easy to find are put wherever secrets go, and then looked for.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { makeToken } from '../support/gateway.js';
import { ALL_SCOPES, House } from '../support/two-doors.js';
import { EventStream } from '../support/event-stream.js';

const canary = (name: string): string => `canary-${name}-${randomBytes(24).toString('hex')}`;
const SIGNING_KEY = `${canary('signing-key')}${randomBytes(8).toString('hex')}`;
const ENCRYPTION_KEY = randomBytes(32).toString('base64');
const BOT_TOKEN = canary('bot-token').replaceAll('-', '.');

/** Name and value of everything that must never be seen outside. */
const secrets = new Map<string, string>([
  ['signing key', SIGNING_KEY],
  ['encryption key', ENCRYPTION_KEY],
  ['bot token', BOT_TOKEN],
  ['caller token on the command line', canary('caller-token')],
]);
/** Every answer that the gateway gave. */
const answers: string[] = [];

/** What the gateway sent to the collector of traces. */
const traces: string[] = [];
const collector = createServer((request, reply) => {
  request.on('data', (chunk: Buffer) => traces.push(chunk.toString('utf8')));
  request.on('end', () => reply.setHeader('content-type', 'application/json').end('{}'));
});

let house: House;
let token: string;

beforeAll(async () => {
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  const { port } = collector.address() as AddressInfo;
  house = await House.open({
    LOG_LEVEL: 'trace',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`,
    MODULE_SECRET_KEY: SIGNING_KEY,
    TOKEN_ENCRYPTION_KEYS: `k1:${ENCRYPTION_KEY}`,
    DISCORD_BOT_TOKEN: BOT_TOKEN,
    GATEWAY_TOKEN: secrets.get('caller token on the command line') ?? '',
  });
  for (const name of ['TWITCH_CLIENT_SECRET', 'DISCORD_CLIENT_SECRET'])
    secrets.set(name, house.sandbox.env[name] ?? '');
  secrets.set('password of the database', new URL(house.database.url).password);
  token = makeToken({}, { key: SIGNING_KEY });
  secrets.set('token of a caller', token.split('.')[2] ?? '');
});

afterAll(async () => {
  await house?.close();
  collector.close();
});

/** Asks over REST as somebody who may do everything, and keeps the answer. */
async function ask(method: string, path: string, body?: unknown): Promise<string> {
  const reply = await house.doors.rest(method, path, body, { token });
  const text = `${method} ${path} ${reply.status} ${JSON.stringify([...reply.headers])} ${JSON.stringify(reply.body)}`;
  answers.push(text);
  return text;
}

const connect = (id: string, tokens: Record<string, unknown>): Promise<string> =>
  ask('PUT', `/api/v1/accounts/twitch/${id}`, tokens);

const mark = (account: string): Promise<string> =>
  ask('POST', '/api/v1/actions/execute', {
    platform: 'twitch',
    action_type: 'marker',
    account_id: account,
    idempotency_key: `key-${account}-${answers.length}`,
    parameters: {},
  });

const breakOAuth = (path: string, fault: object): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/faults', {
    match: { path: `/twitch/oauth2/${path}` },
    times: 1,
    fault,
  });

/** Uses every place where a secret goes, rightly and wrongly. */
async function useSecrets(): Promise<string> {
  const id = await house.addUser();
  const { access_token, refresh_token } = await house.grant(id, ALL_SCOPES);
  const grant = { access_token, refresh_token };
  secrets.set('access token', grant.access_token);
  secrets.set('refresh token', grant.refresh_token);
  const ownSecret = canary('own-client-secret');
  secrets.set('client secret of an account', ownSecret);
  await connect(id, { ...grant, client_id: 'own', client_secret: ownSecret });
  await mark(id);
  // Renewed as a client that Twitch does not know, with an answer that repeats what it was sent.
  await house.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: id });
  await breakOAuth('token', {
    kind: 'status',
    status: 500,
    body: { message: `no: ${grant.refresh_token} ${ownSecret}` },
  });
  await mark(id);
  await mark(id);
  await connect(id, grant);
  await mark(id);

  const wrong = canary('api-key-in-a-wrong-body');
  secrets.set('api key in a wrong body', wrong);
  for (const body of [
    { api_key: wrong },
    { api_key: [wrong] },
    { api_key: { key: wrong } },
    { api_key: wrong, service: 5 },
    { api_key: SIGNING_KEY, permissions: ['everything'] },
    wrong,
    `{"api_key":"${wrong}"`,
    `{"api_key":${wrong}}`,
  ])
    await ask('POST', '/api/v1/auth/token', body);
  for (const body of [
    { access_token: [grant.access_token] },
    { access_token: `${grant.access_token}\0`, refresh_token: grant.refresh_token },
    { access_token: grant.access_token.repeat(200) },
    { ...grant, client_secret: ownSecret },
    { ...grant, client_id: 'x', client_secret: [ownSecret] },
  ])
    await connect(id, body);
  await connect('1', grant);

  await finishInBrowser(id);
  await inviteInBrowser();
  await house.doors
    .execute('grpc', { platform: 'twitch', action_type: 'marker', account_id: id }, { token })
    .then((outcome) => answers.push(JSON.stringify(outcome)));
  await house.doors
    .execute('grpc', { platform: 'twitch' }, { token: `${token}x` })
    .catch((refusal: unknown) => answers.push(JSON.stringify(refusal)));
  await ask('DELETE', '/api/v1/accounts/twitch/1002');
  return id;
}

/** Connects in the browser; what the platform sends back is good once, and still not to be repeated. */
async function finishInBrowser(id: string): Promise<void> {
  const path = '/api/v1/oauth/twitch/authorize';
  for (const fault of [undefined, { kind: 'status', status: 503 }, { kind: 'garbage' }]) {
    const { body } = await house.doors.rest('POST', path, { account_id: id }, { token });
    const url = new URL(String(body['authorization_url']));
    url.searchParams.set('sandbox_user', id);
    const sent = await fetch(url, { redirect: 'manual' });
    const back = sent.headers.get('location') ?? '';
    const { searchParams } = new URL(back);
    for (const name of ['code', 'state'])
      secrets.set(`${name} of a consent ${String(fault?.kind)}`, searchParams.get(name) ?? '');
    if (fault) await breakOAuth('token', fault);
    const page = await fetch(back);
    answers.push(JSON.stringify([...page.headers]) + (await page.text()));
  }
}

/** Lets the bot into a server; neither the code nor the token of the person is for anybody else. */
async function inviteInBrowser(): Promise<void> {
  const { body } = await house.doors.rest('POST', '/api/v1/oauth/discord/authorize', {}, { token });
  const url = new URL(String(body['authorization_url']));
  url.searchParams.set('sandbox_guild', '800000000000000002');
  const sent = await fetch(url, { redirect: 'manual' });
  const back = sent.headers.get('location') ?? '';
  const { searchParams } = new URL(back);
  for (const name of ['code', 'state'])
    secrets.set(`${name} of an invitation`, searchParams.get(name) ?? '');
  const page = await fetch(back);
  answers.push(JSON.stringify([...page.headers]) + (await page.text()));
}

/** A secret in the forms in which an answer may repeat it. */
const ENCODINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => encodeURIComponent(text).replaceAll('-', '%2D'),
  (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(`a:${text}`).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => text.toUpperCase(),
];

const breakMarker = (fault: object): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/faults', {
    match: { path: '/twitch/helix' },
    times: 1,
    fault,
  });

/** Lets Twitch repeat our token in every place of an answer that people get to see. */
async function hearEchoes(id: string, token_: string): Promise<void> {
  for (const encode of ENCODINGS) {
    const echo = encode(token_);
    for (const fault of [
      { status: 400, body: { error: echo, status: 400, message: `bad token ${echo}.` } },
      { status: 418, body: { error: { code: echo, errors: [echo] }, [echo]: echo } },
      { status: 400, body: `<p>${echo}</p>` },
      { status: 500, body: { message: echo } },
      { status: 200, body: { data: [{ id: echo, position_seconds: 4, created_at: echo }] } },
      { status: 200, body: { unexpected: echo } },
      {
        status: 400,
        body: { message: 'no' },
        headers: { 'ratelimit-limit': echo, location: echo },
      },
    ]) {
      await breakMarker({ kind: 'status', ...fault });
      await mark(id);
    }
    await breakMarker({
      kind: 'status',
      status: 200,
      body: {
        data: [{ message_id: '', is_sent: false, drop_reason: { code: echo, message: echo } }],
      },
    });
    await say(id, `hello ${answers.length}`);
    for (const path of ['token', 'validate', 'revoke']) {
      await breakOAuth(path, { kind: 'status', status: 400, body: { message: echo, error: echo } });
      await connect(id, { access_token: token_ });
    }
  }
  await connect(id, { access_token: token_ });
}

const say = (account: string, message: string): Promise<string> =>
  ask('POST', '/api/v1/actions/execute', {
    platform: 'twitch',
    action_type: 'chat_message',
    account_id: account,
    parameters: { message },
  });

/** Lets Twitch quote what people wrote to each other, and gives addresses that are signed. */
async function tellPrivately(id: string): Promise<void> {
  const text = `meet me ${canary('private-text')} behind the mill`;
  secrets.set('private text', text.slice(0, 60));
  for (const quoted of [text, encodeURIComponent(text), text.slice(0, 50), `"${text}"`]) {
    await breakMarker({ kind: 'status', status: 400, body: { message: `bad message: ${quoted}` } });
    await say(id, text);
  }
  const dropped = { code: text, message: `not sent: ${text}` };
  const body = { data: [{ message_id: '', is_sent: false, drop_reason: dropped }] };
  await breakMarker({ kind: 'status', status: 200, body });
  await say(id, text);
  const signature = canary('signature');
  secrets.set('signature of an address', signature);
  const url = `https://cdn.example/video.mp4?X-Amz-Signature=${signature}`;
  for (const [platform, action_type, parameters] of [
    ['youtube', 'upload_video', { title: 'A video', video_url: url }],
    ['youtube', 'upload_video', { title: 'A video', video_url: url, privacy_status: 'wrong' }],
    [
      'discord',
      'send_message',
      { channel_id: '700000000000000001', content: 'x', files: [{ url }] },
    ],
  ] as const)
    // The answer to a caller may show the caller's own address; the log must not.
    await house.doors.rest(
      'POST',
      '/api/v1/actions/execute',
      { platform, action_type, account_id: id, parameters },
      { token },
    );
}

const STREAM = '/api/v1/actions/stream';

/** Every GET route that the contract names, with ids that are there. */
async function askEverything(id: string): Promise<void> {
  const { body } = await house.doors.rest('GET', '/openapi.json');
  const paths = body['paths'] as unknown as Record<string, { get?: object }>;
  const changes = await EventStream.open(`${house.doors.gateway.restUrl}${STREAM}`, {
    authorization: `Bearer ${token}`,
  });
  const batch = await house.doors.rest(
    'POST',
    '/api/v1/actions/batch',
    { actions: [{ platform: 'twitch', action_type: 'marker', account_id: id, run_async: true }] },
    { token },
  );
  await ask('POST', '/api/v1/callers', { id: 'canary-caller', permissions: ['read_audit'] });
  answers.push(JSON.stringify(await changes.take(1)));
  changes.close();
  const invitation = await house.doors.rest(
    'POST',
    '/api/v1/oauth/invitations',
    { platform: 'twitch' },
    { token },
  );
  const [reference] = await runSql('SELECT account_id FROM accounts LIMIT 1');
  const [action] = await runSql('SELECT id FROM actions LIMIT 1');
  const ids: Readonly<Record<string, string>> = {
    platform: 'twitch',
    account_id: id,
    action_type: 'marker',
    action_id: String(action?.['id']),
    batch_id: String(batch.body['batch_id']),
    id: 'canary-caller',
    secret: String(invitation.body['url']).split('/').at(-1) ?? '',
    key: 'twitch.chat',
    name: 'api',
    channel_id: id,
    credential_ref: String(reference?.['account_id']),
  };
  const unanswered: string[] = [];
  // The stream has no end; its events were read above. The sandbox shows what the platforms have got.
  const routes = Object.keys(paths).filter(
    (path) => paths[path]?.get && path !== STREAM && !path.startsWith('/api/v1/sandbox/'),
  );
  for (const route of routes) {
    const path = route.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
      const isRead = name === 'action_type' && route.startsWith('/api/v1/read/');
      const isInvitation = route.startsWith('/api/v1/oauth/invitations/');
      const other = isInvitation ? String(invitation.body['id']) : ids[name];
      const value = isRead ? `list_rewards?account_id=${id}` : other;
      if (value === undefined) throw new Error(`${route}: nothing stands for {${name}}`);
      return value;
    });
    const status = Number(/ (\d{3}) /.exec(await ask('GET', path))?.[1]);
    // What is off, or asks for another kind of credential, has no answer to look into.
    if (status >= 300 && !NO_ANSWER.test(route)) unanswered.push(`${route}: ${status}`);
  }
  expect(unanswered).toEqual([]);
  for (const format of ['csv', 'ndjson']) await ask('GET', `/api/v1/audit/export?format=${format}`);
}

/** Routes that answer this caller with a no: media are off, sessions are of browsers, keys of other services, questions by query. */
const NO_ANSWER =
  /^\/(?:api\/v1\/(?:media|session)|v1\/media|api\/v1\/tools|api\/cp|api\/internal|oauth|auth|internal|$)/;

async function runSql(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Every row of every table as text. */
async function readTables(): Promise<Map<string, string>> {
  const tables = await runSql(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r'`,
  );
  const contents = new Map<string, string>();
  for (const { name } of tables)
    contents.set(
      String(name),
      JSON.stringify(await runSql(`SELECT t::text FROM ${String(name)} t`)),
    );
  return contents;
}

/** How many requests to a platform the traces have told of. */
const sends = (): number => traces.join('').split('"send"').length;

/** Where a secret is found, in the spellings that a person with tools can read. */
function findSecrets(places: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [name, secret] of secrets) {
    if (secret.length < 10) throw new Error(`the ${name} is too short to be looked for`);
    // What is cut short or spelled otherwise is as bad.
    const pieces = [secret, secret.slice(0, 24)];
    const spellings = new Set([
      ...pieces.flatMap((piece) => ENCODINGS.map((encode) => encode(piece))),
      ...pieces.map((piece) => JSON.stringify(piece).slice(1, -1)),
      Buffer.from(`a:${secret}`).toString('base64').slice(4, 24),
      Buffer.from(`ab:${secret}`).toString('base64').slice(4, 24),
    ]);
    for (const [place, text] of places) {
      const spelling = [...spellings].find((known) => text.includes(known));
      if (spelling === undefined) continue;
      const at = text.indexOf(spelling);
      found.push(`${name} in ${place}: ${text.slice(Math.max(0, at - 200), at + 100)}`);
    }
  }
  return found;
}

/** Everything that the gateway has shown or kept. */
async function listPlaces(): Promise<Map<string, string>> {
  const places = await readTables();
  places.set('output', house.doors.gateway.output());
  places.set('traces', traces.join(''));
  for (const [index, answer] of answers.entries()) places.set(`answer ${index}`, answer);
  return places;
}

it('no secret is found in the output, the tables or the answers of the gateway', async () => {
  const id = await useSecrets();
  const echoed = await house.addUser();
  const { access_token } = await house.grant(echoed, ALL_SCOPES);
  secrets.set('access token that Twitch repeats', access_token);
  await connect(echoed, { access_token });
  await hearEchoes(echoed, access_token);
  await tellPrivately(echoed);
  await askEverything(id);
  // Spans leave in portions; those of the last action are there once its send is.
  const before = sends();
  await mark(id);
  await eventually(sends, (count) => count > before);
  const places = await listPlaces();
  expect(places.get('accounts')).toContain(id);
  expect(places.get('oauth_states')?.length).toBeGreaterThan(100);
  // The echoes were heard: what stands in their place is in the log.
  expect(JSON.stringify([...places])).toContain('bad token [redacted]');
  expect(JSON.stringify([...places])).toContain('[private text]');
  expect(findSecrets(places)).toEqual([]);
});

it('a secret that does get out is found in every place, in every spelling', async () => {
  const planted = canary('planted');
  const before = new Map(secrets);
  secrets.clear();
  secrets.set('planted secret', planted);
  for (const encode of ENCODINGS) {
    answers.length = 0;
    // A title is public, so that the log keeps it and answers show it.
    await ask('POST', '/api/v1/actions/execute', {
      platform: 'twitch',
      action_type: 'update_title',
      account_id: '1001',
      request_id: encode(planted).slice(0, 200),
      parameters: { title: encode(planted).slice(0, 140) },
    });
    const found = findSecrets(await listPlaces()).map((line) => line.split(': ')[0]);
    expect(found).toEqual(
      expect.arrayContaining([
        'planted secret in answer 0',
        expect.stringMatching(/planted secret in actions_/),
      ]),
    );
  }
  expect(findSecrets(await listPlaces()).join()).toContain('planted secret in output');
  for (const [name, secret] of before) secrets.set(name, secret);
});
