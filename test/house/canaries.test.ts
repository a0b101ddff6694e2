// Real: the built gateway as a process at its most talkative, PostgreSQL, both doors. Fake: Twitch, at
// the wire. Secrets that are easy to find are put wherever secrets go, and then looked for.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeToken } from '../support/gateway.js';
import { ALL_SCOPES, House } from '../support/two-doors.js';

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

let house: House;
let token: string;

beforeAll(async () => {
  house = await House.open({
    LOG_LEVEL: 'trace',
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

afterAll(() => house?.close());

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

/** Every GET route that the contract names, with ids that are there. */
async function askEverything(id: string): Promise<number> {
  const { body } = await house.doors.rest('GET', '/openapi.json');
  const paths = body['paths'] as unknown as Record<string, { get?: object }>;
  const actionId = (await runSql('SELECT id FROM actions LIMIT 1'))[0]?.['id'];
  const routes = Object.keys(paths).filter((path) => paths[path]?.get);
  for (const route of routes) {
    const path = route
      .replace('{platform}', 'twitch')
      .replace('{account_id}', id)
      .replace('{action_type}', 'marker')
      .replace('{action_id}', String(actionId));
    await ask('GET', path);
  }
  return routes.length;
}

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

it('no secret is found in the output, the tables or the answers of the gateway', async () => {
  const id = await useSecrets();
  expect(await askEverything(id)).toBeGreaterThan(10);
  const places = await readTables();
  expect(places.get('accounts')).toContain(id);
  expect(places.get('oauth_states')?.length).toBeGreaterThan(100);
  places.set('output', house.doors.gateway.output());
  for (const [index, answer] of answers.entries()) places.set(`answer ${index}`, answer);

  const found: string[] = [];
  for (const [name, secret] of secrets) {
    if (secret.length < 10) throw new Error(`the ${name} is too short to be looked for`);
    // What is cut short or spelled otherwise is as bad.
    const spellings = [secret, secret.slice(0, 24), Buffer.from(secret).toString('base64')];
    for (const [place, text] of places) {
      if (spellings.some((spelling) => text.includes(spelling)))
        found.push(`${name} in ${place}: ${text.slice(0, 200)}`);
    }
  }
  expect(found).toEqual([]);
});
