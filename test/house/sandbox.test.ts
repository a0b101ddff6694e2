// Real: gateways as processes with their sandbox, PostgreSQL, a receiver of callbacks over HTTP, curl.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import {
  callRest,
  type GatewayProcess,
  type RestAnswer,
  startGateway,
} from '../support/gateway.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const run = promisify(execFile);
const JSON_BODY = { 'content-type': 'application/json' };

/** The sandbox that a gateway serves itself, found by its page in the first text. */
async function findSandbox(gateway: GatewayProcess): Promise<string> {
  const line = await gateway.waitForLine(/http:\S+\/sandbox/);
  return /http:\S+(?=\/sandbox)/.exec(line)?.[0] ?? '';
}

async function control<Answer>(sandbox: string, path: string, body: object): Promise<Answer> {
  const answer = await fetch(sandbox + path, {
    method: 'POST',
    headers: JSON_BODY,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/** Connects a person of the sandbox in the browser, whose part is played by fetch. */
async function connect(gateway: GatewayProcess, platform: string, answer: string): Promise<void> {
  const asked = await callRest(gateway, 'POST', `/api/v1/oauth/${platform}/authorize`, {});
  const url = `${String(asked.body['authorization_url'])}&${answer}`;
  const consent = await fetch(url, { redirect: 'manual' });
  const back = new URL(consent.headers.get('location') ?? '');
  const done = await fetch(`${gateway.restUrl}${back.pathname}${back.search}`);
  expect([done.status, await done.text()]).toEqual([200, expect.any(String)]);
}

const say = (account_id: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id,
  parameters: { message: 'still here' },
  ...more,
});
const act = (gateway: GatewayProcess, body: object): Promise<RestAnswer> =>
  callRest(gateway, 'POST', '/api/v1/actions/execute', body);
const show = async (gateway: GatewayProcess, path: string): Promise<RestAnswer['body']> =>
  (await callRest(gateway, 'GET', `/api/v1/accounts/${path}`)).body;

describe('after a restart', () => {
  let database: { url: string; drop(): Promise<void> };
  let dataDir: string;
  const start = (): Promise<GatewayProcess> =>
    startGateway({
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      SANDBOX: 'true',
      NODE_ENV: 'development',
    });

  beforeAll(async () => {
    database = await createDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'gateway-sandbox-'));
  });
  afterAll(async () => {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('accounts of the sandbox go on, and what was revoked stays revoked', async () => {
    const first = await start();
    const sandbox = await findSandbox(first);
    await connect(first, 'twitch', 'sandbox_user=1004');
    await connect(first, 'youtube', 'sandbox_channel=UCsandboxModerator000001');
    await connect(first, 'discord', 'sandbox_guild=800000000000000002');
    const bot = await control<{ token: string }>(sandbox, '/sandbox/discord/bots', {
      id: '900001',
      username: 'second_bot',
    });
    const stored = await callRest(first, 'PUT', '/api/v1/accounts/discord/900001', {
      access_token: bot.token,
    });
    expect(stored.body).toMatchObject({ state: 'connected', login: 'second_bot' });
    // Revoked at the platform; the gateway has not met it yet.
    await control(sandbox, '/sandbox/twitch/revoke-grant', { user_id: '1003' });
    const before = await show(first, 'twitch/1001');
    await first.stop();

    const second = await start();
    expect(await act(second, say('1004'))).toMatchObject({ body: { status: 'SUCCEEDED' } });
    expect(await act(second, say('1001'))).toMatchObject({ body: { status: 'SUCCEEDED' } });
    expect(await act(second, say('1003'))).toMatchObject({
      body: { failure: { code: 'RECONNECT_ACCOUNT' } },
    });
    for (const [channel_id, account_id] of [
      ['700000000000000004', 'default'],
      ['700000000000000001', '900001'],
    ] as const) {
      const sent = await act(second, {
        platform: 'discord',
        action_type: 'send_message',
        account_id,
        parameters: { channel_id, content: 'still here' },
      });
      expect(sent).toMatchObject({ body: { status: 'SUCCEEDED' } });
    }
    expect(await show(second, 'youtube/UCsandboxModerator000001')).toMatchObject({
      state: 'connected',
    });
    const asked = '/api/v1/accounts/youtube/UCsandboxModerator000001/verify';
    expect((await callRest(second, 'POST', asked)).body).toMatchObject({
      verification: 'accepted',
    });
    // Left as it was: no start replaces an account that works.
    expect((await show(second, 'twitch/1001'))['updated_at']).toBe(before['updated_at']);
    await second.stop();

    const third = await start();
    expect(await show(third, 'twitch/1003')).toMatchObject({ state: 'reconnect' });
    // Grants are forgotten by a reset, not revoked: the next start connects the demo accounts.
    await control(await findSandbox(third), '/sandbox/reset', {});
    expect(await act(third, say('1001'))).toMatchObject({
      body: { failure: { code: 'RECONNECT_ACCOUNT' } },
    });
    await third.stop();
    const fourth = await start();
    expect(await act(fourth, say('1001'))).toMatchObject({ body: { status: 'SUCCEEDED' } });
    await fourth.stop();
  });
});

describe('beside one sandbox', () => {
  let database: { url: string; drop(): Promise<void> };
  let sandbox: TestSandbox;
  let gateway: GatewayProcess;
  let receiver: Server;
  const received: { url: string; id: string; body: string }[] = [];

  beforeAll(async () => {
    [database, sandbox] = await Promise.all([createDatabase(), startTestSandbox()]);
    receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const id = String(request.headers['webhook-id']);
        received.push({ url: request.url ?? '', id, body });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, 'localhost', resolve));
    gateway = await startGateway({ ...sandbox.env, DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await gateway?.stop();
    receiver?.closeAllConnections();
    receiver?.close();
    await sandbox?.close();
    await database?.drop();
  });

  it("a callback goes to a developer's own receiver on this machine", async () => {
    const { port } = receiver.address() as AddressInfo;
    const callback_url = `http://localhost:${port}/hook`;
    const { body } = await act(gateway, say('1001', { callback_url }));
    const [told] = await eventually(
      async () => received.filter(({ id }) => id.startsWith(String(body['action_id']))),
      (found) => found.length > 0,
    );
    expect(told).toMatchObject({
      url: '/hook',
      body: expect.stringContaining('SUCCEEDED') as string,
    });
  });

  it.each([
    'https://localhost:9999/hook',
    'http://user:password@localhost:9999/hook',
    'http://127.0.0.2:9999/hook',
    'http://localhost.example.com/hook',
    'http://10.0.0.1/hook',
    'https://example.org/hook',
  ])('a callback to %s is refused, with the addresses that are allowed', async (callback_url) => {
    const { body } = await act(gateway, say('1001', { callback_url }));
    expect(body).toMatchObject({ failure: { violations: [{ field: 'callback_url' }] } });
  });

  it('a file is not fetched from this machine, whatever a callback may do', async () => {
    const { port } = receiver.address() as AddressInfo;
    const { body } = await act(gateway, {
      platform: 'discord',
      action_type: 'send_message',
      parameters: {
        channel_id: '700000000000000001',
        files: [{ url: `http://localhost:${port}/file.txt`, filename: 'file.txt' }],
      },
    });
    expect(body).toMatchObject({ failure: { code: 'INVALID_INPUT' } });
    expect(received.map(({ url }) => url)).not.toContain('/file.txt');
  });

  it('an account that could not be verified is unverified until its first success', async () => {
    const grant = await sandbox.control<{ access_token: string }>(
      'POST',
      '/sandbox/twitch/grants',
      { user_id: '1004', scopes: ['user:write:chat'] },
    );
    const hide = (): Promise<unknown> =>
      sandbox.control('POST', '/sandbox/faults', {
        match: { path: '/twitch/oauth2/validate' },
        fault: { kind: 'status', status: 503 },
      });
    const path = '/api/v1/accounts/twitch/1004';
    const given = { access_token: grant.access_token, scopes: [] };
    await hide();
    const stored = await callRest(gateway, 'PUT', path, given);
    expect(stored.body).toMatchObject({
      state: 'unverified',
      reason: expect.stringContaining(`POST ${path}/verify`) as string,
      missing: [],
    });
    const { body } = await callRest(gateway, 'GET', '/api/v1/accounts');
    expect(body['accounts']).toContainEqual({
      ...stored.body,
      connected_by: expect.any(String) as string,
    });
    expect(await act(gateway, say('1004'))).toMatchObject({ body: { status: 'SUCCEEDED' } });
    await eventually(
      () => show(gateway, 'twitch/1004'),
      ({ state }) => state === 'connected',
    );

    await hide();
    await callRest(gateway, 'PUT', path, given);
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: '1004' });
    expect(await act(gateway, say('1004'))).toMatchObject({
      body: { failure: { code: 'RECONNECT_ACCOUNT' } },
    });
    const marked = await eventually(
      () => show(gateway, 'twitch/1004'),
      ({ state }) => state === 'reconnect',
    );
    expect(marked['reason']).toContain('Twitch refused the credential');
    expect((await callRest(gateway, 'POST', `${path}/verify`)).body).toMatchObject({
      verification: 'refused',
      state: 'reconnect',
    });
    expect((await callRest(gateway, 'POST', '/api/v1/accounts/twitch/77/verify')).status).toBe(404);
  });

  it('every command of docs/sandbox.md works', async () => {
    const text = await readFile('docs/sandbox.md', 'utf8');
    const commands = text.split('\n').filter((line) => line.startsWith('curl '));
    const env = { ...process.env, SANDBOX: sandbox.url };
    for (const command of commands) {
      const { stderr } = await run('sh', ['-c', command], { env });
      expect({ command, stderr }).toEqual({ command, stderr: '' });
    }
    // The help of the sandbox and the commands name the same calls.
    const help = await (await fetch(`${sandbox.url}/sandbox/help`)).text();
    const calls = help.match(/^(?:GET|POST|DELETE) \S+/gm) ?? [];
    const shown = commands.map((command) => {
      const [, method = 'GET'] = / -X (\w+)/.exec(command) ?? [];
      const [, path = ''] = /\$SANDBOX(\/sandbox[^\s"?]*)/.exec(command) ?? [];
      const isPost = command.includes(' -d ');
      return `${isPost ? 'POST' : method} ${path}`;
    });
    expect([...new Set(shown)].toSorted()).toEqual(calls.toSorted());
    await sandbox.control('POST', '/sandbox/reset', {});
  });

  it.each([
    ['twitch', '/twitch/helix/nothing', { message: '…' }],
    ['twitch', '/twitch/oauth2/nothing', { message: '…' }],
    ['twitch', '/twitch/nothing', { message: '…' }],
    ['youtube', '/youtube/v3/nothing', { error: { code: 501, message: '…' } }],
    ['youtube', '/youtube/oauth2/nothing', { error: 'not_simulated', error_description: '…' }],
    ['youtube', '/youtube/nothing', { message: '…' }],
    ['discord', '/discord/api/v10/nothing', { code: 0, message: '…' }],
    ['discord', '/discord/nothing', { code: 0, message: '…' }],
    ['none', '/nothing', { message: '…' }],
  ])('an unsimulated call of %s says so: %s', async (platform, path, form) => {
    const headers = await authorize(platform);
    const answer = await fetch(sandbox.url + path, { method: 'PATCH', headers });
    expect(answer.status).toBe(501);
    const text = JSON.stringify(await answer.json());
    expect(text).toContain(`the sandbox does not simulate PATCH ${path}`);
    for (const name of Object.keys(form)) expect(text).toContain(`"${name}"`);
  });

  async function authorize(platform: string): Promise<Record<string, string>> {
    if (platform !== 'twitch' && platform !== 'youtube') return {};
    const whom =
      platform === 'twitch' ? { user_id: '1001' } : { channel_id: 'UCsandboxDemoChannel0001' };
    const grant = await sandbox.control<{ access_token: string }>(
      'POST',
      `/sandbox/${platform}/grants`,
      { ...whom, scopes: [] },
    );
    return {
      authorization: `Bearer ${grant.access_token}`,
      'client-id': 'sandbox-twitch-client',
    };
  }
});
