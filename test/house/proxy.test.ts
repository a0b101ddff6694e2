// Real: the gateway, TLS, an HTTP proxy with CONNECT. Fake: the platforms, simulated behind TLS, at an
// address that only the proxy reaches.
import { readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestAuthority } from '../support/certificates.js';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.js';
import { createDatabase } from '../support/database.js';
import { callRest, type GatewayProcess, startGateway } from '../support/gateway.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

let authority: TestAuthority;
let sandbox: TestSandbox;
let platforms: Server;
let proxy: ConnectProxy;
let database: { url: string; drop(): Promise<void> };
let gateway: GatewayProcess;

/** Nothing listens there. */
const UNREACHABLE = 'https://localhost:1';

beforeAll(async () => {
  authority = await TestAuthority.make();
  sandbox = await startTestSandbox();
  database = await createDatabase();
  const { certFile, keyFile } = await authority.sign('localhost');
  const pair = { cert: await readFile(certFile), key: await readFile(keyFile) };
  platforms = createServer(pair, (socket) => {
    const upstream = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
    upstream.on('error', () => socket.destroy()).pipe(socket);
    socket.on('error', () => upstream.destroy()).pipe(upstream);
  });
  await new Promise<void>((resolve) => platforms.listen(0, '127.0.0.1', resolve));
  proxy = await startConnectProxy((platforms.address() as AddressInfo).port);
  const atProxy = Object.fromEntries(
    Object.entries(sandbox.env).map(([name, value]) => [
      name,
      value.replace(sandbox.url, UNREACHABLE),
    ]),
  );
  gateway = await startGateway({
    ...atProxy,
    SANDBOX: 'false',
    DATABASE_URL: database.url,
    HTTPS_PROXY: proxy.url,
    NODE_EXTRA_CA_CERTS: authority.ca.certFile,
  });
});

afterAll(async () => {
  await gateway?.stop();
  await proxy.close();
  platforms.close();
  await sandbox.close();
  await database.drop();
  await rm(authority.folder, { recursive: true });
});

const SAY = {
  platform: 'discord',
  action_type: 'send_message',
  parameters: { channel_id: '700000000000000001', content: 'through the proxy' },
};

it('carries actions and what is asked of token servers through HTTPS_PROXY', async () => {
  const { body } = await callRest(gateway, 'POST', '/api/v1/actions/execute', SAY);
  expect(body).toMatchObject({ status: 'SUCCEEDED' });
  const grant = await sandbox.control<{ access_token: string; refresh_token: string }>(
    'POST',
    '/sandbox/twitch/grants',
    { user_id: '1001', scopes: ['user:write:chat'] },
  );
  const stored = await callRest(gateway, 'PUT', '/api/v1/accounts/twitch/1001', {
    access_token: grant.access_token,
    refresh_token: grant.refresh_token,
  });
  expect(stored.status).toBe(200);
  expect(new Set(proxy.asked)).toEqual(new Set(['localhost:1']));
});

it('knows that nothing was sent when the proxy says no, and shows no password', async () => {
  proxy.answerWith(403);
  const other = { ...SAY, parameters: { ...SAY.parameters, channel_id: '700000000000000002' } };
  const fresh = await startGateway({
    ...sandbox.env,
    SANDBOX: 'false',
    DISCORD_API_URL: `${UNREACHABLE}/discord/api/v10`,
    DATABASE_URL: database.url,
    HTTPS_PROXY: proxy.url,
    MAX_RETRIES: '0',
    LOG_LEVEL: 'trace',
  });
  const { body } = await callRest(fresh, 'POST', '/api/v1/actions/execute', other);
  expect(body).toMatchObject({ status: 'FAILED', failure: { code: 'PLATFORM_DOWN' } });
  expect(body['error']).toContain('PROXY_FAILED');
  await fresh.stop();
  expect(fresh.output()).not.toMatch(/p@ss|p%40ss/);
});
