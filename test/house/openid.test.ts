// Real: a gateway process on PostgreSQL, a provider of OpenID Connect (oidc-provider) over HTTP.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CookieBrowser } from '../support/cookie-browser.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { callRest, type GatewayProcess, startGateway } from '../support/gateway.js';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.js';

const PEOPLE = {
  ada: { email: 'ada@example.com', email_verified: true },
  bob: { email: 'bob@example.com', email_verified: true },
  eve: { email: 'eve@example.com', email_verified: true },
  una: { email: 'ada@example.com', email_verified: false },
};
const CALLERS = { 'ada@example.com': '*', 'bob@example.com': 'moderator' };

let database: Awaited<ReturnType<typeof createDatabase>>;
let gateway: GatewayProcess;
let provider: OpenIdProvider;
let publicUrl: string;

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const start = (more: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> =>
  startGateway({
    SANDBOX: 'true',
    DATABASE_URL: database.url,
    REST_PORT: new URL(publicUrl).port,
    PUBLIC_URL: publicUrl,
    CONSOLE_OIDC_ISSUER: provider.issuer,
    CONSOLE_OIDC_CLIENT_ID: 'gateway',
    CONSOLE_OIDC_CLIENT_SECRET: 'a secret of the client',
    CONSOLE_OIDC_CALLERS: JSON.stringify(CALLERS),
    ...more,
  });

beforeAll(async () => {
  database = await createDatabase();
  publicUrl = `http://127.0.0.1:${await findFreePort()}`;
  provider = await startOpenIdProvider(`${publicUrl}/api/v1/session/oidc/callback`, PEOPLE);
  gateway = await start();
});

afterAll(async () => {
  await gateway?.stop();
  await provider?.close();
  await database?.drop();
});

/** Goes to the provider, says who one is and yes, and gives the address that leads back. */
async function leaveProvider(browser: CookieBrowser, name: string, to = ''): Promise<string> {
  const login = await browser.go(`${publicUrl}/api/v1/session/oidc${to}`, /\/callback\?/);
  if (/\/callback\?/.test(login.url)) return login.url;
  const consent = await browser.go(login.url, /\/callback\?/, {
    prompt: 'login',
    login: name,
    password: 'any',
  });
  const back = await browser.go(consent.url, /\/callback\?/, { prompt: 'consent' });
  return back.url;
}

async function signIn(name: string, to?: string) {
  const browser = new CookieBrowser();
  const answer = await browser.ask(await leaveProvider(browser, name, to));
  const cookies = [...browser.cookies(new URL(publicUrl).host)];
  const cookie = cookies.map(([key, value]) => `${key}=${value}`).join('; ');
  const whoAmI = (): ReturnType<typeof callRest> =>
    callRest(gateway, 'GET', '/api/v1/whoami', undefined, { token: null, headers: { cookie } });
  return { answer, browser, cookie, whoAmI, text: await answer.text() };
}

describe('people of a provider of OpenID Connect', () => {
  it('are told of as a way in', async () => {
    const { body } = await callRest(gateway, 'GET', '/api/v1/session/ways', undefined, {
      token: null,
    });
    expect(body).toEqual({
      key: true,
      openid: { name: new URL(provider.issuer).host, path: '/api/v1/session/oidc' },
    });
  });

  it('may do everything where * says so, under their own name', async () => {
    const { answer, whoAmI } = await signIn('ada', '?to=/console/actions?status=FAILED');
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/console/actions?status=FAILED',
    ]);
    const [session = '', pending = ''] = answer.headers.getSetCookie();
    expect(session).toMatch(/HttpOnly; SameSite=Strict/);
    expect(pending).toMatch(/^action_gateway_sign_in=;/);
    expect((await whoAmI()).body).toMatchObject({ id: 'ada@example.com' });
    const { body } = await callRest(gateway, 'GET', '/api/v1/audit/events');
    expect(JSON.stringify(body)).toContain('OpenID Connect');
  });

  it('are a caller with its bounds, until it ends', async () => {
    const refused = await signIn('bob');
    expect(refused.answer.status).toBe(401);
    expect(refused.text).toContain('The caller &quot;moderator&quot;');
    const made = await callRest(gateway, 'POST', '/api/v1/callers', {
      id: 'moderator',
      permissions: ['execute_actions'],
    });
    expect(made.status).toBe(201);
    const { whoAmI } = await signIn('bob');
    expect((await whoAmI()).body).toMatchObject({
      id: 'moderator',
      permissions: ['execute_actions'],
    });
    await callRest(gateway, 'DELETE', '/api/v1/callers/moderator');
    await eventually(whoAmI, ({ status }) => status === 401);
  });

  it.each([
    ['eve', /Nobody with the email eve@example\.com is let in/],
    ['una', /has not verified the address ada@example\.com/],
  ])('are refused with a page that says why: %s', async (name, says) => {
    const { answer, text, cookie } = await signIn(name);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(text).toMatch(says);
    expect(cookie).toBe('');
  });

  it('come back once, in the browser that began', async () => {
    const browser = new CookieBrowser();
    const back = await leaveProvider(browser, 'ada');
    const elsewhere = await new CookieBrowser().ask(back);
    expect(elsewhere.status).toBe(401);
    expect(await elsewhere.text()).toContain('another browser');
    expect((await browser.ask(back)).status).toBe(303);
    expect((await browser.ask(back)).status).toBe(401);
  });

  it('are not believed by an invented cookie or another state', async () => {
    const browser = new CookieBrowser();
    const back = new URL(await leaveProvider(browser, 'ada'));
    back.searchParams.set('state', 'another');
    expect((await browser.ask(back.href)).status).toBe(401);
    const forged = Buffer.from(JSON.stringify({ state: 's', until: 1e15 })).toString('base64url');
    const answer = await fetch(`${publicUrl}/api/v1/session/oidc/callback?state=s&code=c`, {
      headers: { cookie: `action_gateway_sign_in=${forged}.${forged}` },
    });
    expect(answer.status).toBe(401);
  });

  it('are told when they said no there', async () => {
    const browser = new CookieBrowser();
    const begun = await browser.ask(`${publicUrl}/api/v1/session/oidc`);
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const answer = await browser.ask(
      `${publicUrl}/api/v1/session/oidc/callback?error=access_denied&state=${state}`,
    );
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('did not sign you in: access_denied');
  });

  it.each(['https://elsewhere.example/', '//elsewhere.example', '/api/v1/session', '/console\\@x'])(
    'come back to the console alone, not to %s',
    async (to) => {
      const answer = await fetch(`${publicUrl}/api/v1/session/oidc?to=${encodeURIComponent(to)}`, {
        redirect: 'manual',
      });
      expect(answer.status).toBe(400);
    },
  );

  it('are out when their entry is taken away', async () => {
    const { whoAmI } = await signIn('ada');
    expect((await whoAmI()).status).toBe(200);
    await gateway.stop();
    gateway = await start({ CONSOLE_OIDC_CALLERS: '{"bob@example.com":"moderator"}' });
    expect((await whoAmI()).status).toBe(401);
  });
});

describe('a provider that is away', () => {
  it('is told of, and keys are taken still', async () => {
    await gateway.stop();
    gateway = await start({ CONSOLE_OIDC_ISSUER: 'http://127.0.0.1:9' });
    const answer = await fetch(`${publicUrl}/api/v1/session/oidc`, { redirect: 'manual' });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('sign in with a key');
  });
});
