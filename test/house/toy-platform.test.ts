// Real: a gateway in this process with one platform more, PostgreSQL, sockets. Fake: the platforms.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/config.js';
import { type House, openHouse } from '../../src/open-house.js';
import { PLATFORMS } from '../../src/platforms/platforms.js';
import { Closers } from '../../src/start/closers.js';
import { createDatabase } from '../support/database.js';
import { guestbook } from '../support/toy-platform/declaration.js';

/** The one line outside of the platform's folder, as src/platforms/platforms.ts would have it. */
const WITH_GUESTBOOK = [...PLATFORMS, guestbook];

const KEY = 'a'.repeat(64);
const ENVIRONMENT = {
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  REST_PORT: '0',
  GRPC_PORT: '0',
  MODULE_SECRET_KEY: KEY,
  TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  CALLBACK_SECRETS: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
};

const closers = new Closers(() => undefined);
let house: House;
let rest: string;
let token: string;

beforeAll(async () => {
  const { url } = await createDatabase();
  const env = { ...ENVIRONMENT, SANDBOX: 'true', DATABASE_URL: url };
  house = await openHouse(loadConfig(env, WITH_GUESTBOOK), pino({ level: 'silent' }), closers);
  rest = `http://127.0.0.1:${house.config.REST_PORT}`;
  const permissions = ['execute_actions', 'manage_accounts', 'read_audit'];
  ({ token } = await ask<{ token: string }>('POST', '/api/v1/auth/token', {
    api_key: KEY,
    permissions,
  }));
});
afterAll(() => closers.close());

async function ask<Answer = Record<string, unknown>>(
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const answer = await fetch(path.startsWith('http') ? path : rest + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Answer;
}

const act = (action_type: string, parameters: object, more: object = {}) =>
  ask('POST', '/api/v1/actions/execute', {
    platform: 'guestbook',
    action_type,
    account_id: 'host',
    parameters,
    ...more,
  });

const state = async () =>
  (await ask<{ guestbook: object }>('GET', `${house.config.sandboxUrl}/sandbox/state`)).guestbook;

describe('a platform that is one folder and one line', () => {
  it('needs nothing else: no file of the gateway names it', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' });
    const naming = sources
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /guestbook/i.test(readFileSync(join('src', file), 'utf8')));
    expect(naming).toEqual([]);
  });

  it('carries out its actions for its demo account', async () => {
    const written = await act('write_entry', { text: 'hello' });
    expect(written).toMatchObject({ status: 'SUCCEEDED', result_data: { entry_id: 'e1' } });
    expect(await state()).toEqual({ entries: [{ author: 'host', text: 'hello' }] });
    const removed = await act('remove_entry', { entry_id: 'e1' });
    expect(removed).toMatchObject({ status: 'SUCCEEDED', result_data: { removed: true } });
    expect(await act('remove_entry', { entry_id: 'e1' })).toMatchObject({
      status: 'REFUSED',
      failure: { code: 'NOT_FOUND' },
    });
    expect(house.greeting).toContain('npm run call -- guestbook write_entry');
  });

  it('validates, shows a dry run, and repeats nothing', async () => {
    expect(await act('write_entry', { text: 'x'.repeat(201) })).toMatchObject({
      status: 'REFUSED',
      failure: { code: 'INVALID_INPUT' },
      error: expect.stringContaining('text') as string,
    });
    expect(await act('write_entry', { text: 'dry' }, { dry_run: true })).toMatchObject({
      status: 'PREPARED',
      prepared: { method: 'POST', body: { text: 'dry' } },
    });
    const key = { idempotency_key: 'once' };
    const first = await act('write_entry', { text: 'once' }, key);
    const again = await act('write_entry', { text: 'once' }, key);
    expect(again).toMatchObject({ replayed: true, result_data: first['result_data'] });
  });

  it('has its limit, which is shown', async () => {
    await act('write_entry', { text: 'three' });
    expect(await act('write_entry', { text: 'four' }, { priority: 'LOW' })).toMatchObject({
      status: 'REFUSED',
      failure: { code: 'RATE_LIMITED' },
    });
    const { limits } = await ask<{ limits: object[] }>('GET', '/api/v1/limits?platform=guestbook');
    expect(limits).toContainEqual(expect.objectContaining({ bucket: 'guestbook:entries:host' }));
  });

  it('connects an account in the browser and renews its token', async () => {
    const { authorization_url } = await ask<{ authorization_url: string }>(
      'POST',
      '/api/v1/oauth/guestbook/authorize',
      {},
    );
    const page = await fetch(authorization_url);
    expect(await page.text()).toContain('visitor');
    const account = '/api/v1/accounts/guestbook/visitor';
    expect(await ask('GET', account)).toMatchObject({ state: 'connected' });
    await ask('POST', `${house.config.sandboxUrl}/sandbox/clock`, { advance_ms: 3_700_000 });
    const late = await act('write_entry', { text: 'late' }, { account_id: 'visitor' });
    expect(late).toMatchObject({ status: 'SUCCEEDED' });
    expect(await state()).toMatchObject({
      entries: expect.arrayContaining([{ author: 'visitor', text: 'late' }]) as object,
    });
  });

  it('is in the catalogue, the contract, the documentation and the metrics', async () => {
    const { actions } = await ask<{ actions: object[] }>('GET', '/api/v1/catalog/guestbook');
    expect(actions).toHaveLength(2);
    expect(JSON.stringify(await ask('GET', '/openapi.json'))).toContain('guestbook.write_entry');
    expect(await (await fetch(`${rest}/docs`)).text()).toContain('Write into the guestbook');
    const metrics = await fetch(`${rest}/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await metrics.text()).toMatch(
      /gateway_limit_left_ratio\{platform="guestbook",limit="entries"\}/,
    );
  });
});

const load = (env: Readonly<Record<string, string>>) =>
  loadConfig(
    { ...ENVIRONMENT, DATABASE_URL: 'postgresql://localhost/none', ...env },
    WITH_GUESTBOOK,
  );

const loadHalf = () => load({ GUESTBOOK_CLIENT_ID: 'id' });

describe('its settings', () => {
  it('are enough to use it alone', () => {
    const config = load({ GUESTBOOK_CLIENT_ID: 'id', GUESTBOOK_CLIENT_SECRET: 'hidden-secret' });
    expect(config.sandbox).toBe(false);
    expect(config.secrets).toContain('hidden-secret');
  });

  it('are refused by halves, with what is missing and what to do', () => {
    expect(loadHalf).toThrow(ConfigError);
    expect(loadHalf).toThrow('GUESTBOOK_CLIENT_SECRET is missing: ask the owner of the guestbook');
  });

  it('are refused by name when they are wrong', () => {
    expect(() => load({ GUESTBOOK_API_URL: 'nowhere' })).toThrow(/GUESTBOOK_API_URL .*URL such as/);
  });
});
