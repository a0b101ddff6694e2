// Real: the built gateway as a process, PostgreSQL, HTTP over sockets, redirects followed one by one by a
// client without cookies and without credentials. Fake: Twitch and Discord, at the wire, and their person.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestAnswer } from '../support/gateway.js';
import { House, tokenOf } from '../support/two-doors.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ CONNECT_RETURN_ORIGINS: 'https://dashboard.example' });
});

afterAll(() => house?.close());

const PATH = '/api/v1/oauth/invitations';

const rest = (method: string, path: string, body?: unknown, token?: string): Promise<RestAnswer> =>
  house.doors.rest(method, path, body, token === undefined ? {} : { token });

interface Invitation {
  readonly id: string;
  readonly url: string;
  readonly state: string;
  readonly account_id: string | null;
  readonly error: string;
}

const invite = async (more: object = {}, token?: string): Promise<Invitation> => {
  const { status, body } = await rest('POST', PATH, { platform: 'twitch', ...more }, token);
  expect([status, body]).toMatchObject([201, { state: 'pending' }]);
  return body as unknown as Invitation;
};

const read = async (id: string, token?: string): Promise<Invitation> => {
  const { status, body } = await rest('GET', `${PATH}/${id}`, undefined, token);
  expect(status).toBe(200);
  return body as unknown as Invitation;
};

interface Page {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}

const open = async (url: string | URL): Promise<Page> => {
  const reply = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
  return {
    status: reply.status,
    location: reply.headers.get('location') ?? '',
    text: await reply.text(),
  };
};

/** Opens a link, and has the person at the platform say yes or no. @returns where they are sent back to */
const goToPlatform = async (link: string, atPlatform: Record<string, string>): Promise<string> => {
  const asked = await open(link);
  if (asked.status !== 200) return link;
  const { status, location } = await open(`${link}/continue`);
  expect(status).toBe(302);
  const url = new URL(location);
  for (const [name, value] of Object.entries(atPlatform)) url.searchParams.set(name, value);
  const back = await open(url);
  expect(back.status).toBe(302);
  return back.location;
};

const consent = async (link: string, atPlatform: Record<string, string>): Promise<Page> =>
  open(await goToPlatform(link, atPlatform));

describe('an invitation', () => {
  it('leads a person without a login to a connected account, once', async () => {
    const id = await house.addUser();
    const made = await invite({ groups: ['raids'], expires_in: 3_600 });
    expect(made.url).toMatch(/\/oauth\/invitations\/[A-Za-z0-9_-]{43}$/);
    expect(await read(made.id)).toMatchObject({ state: 'pending', url: null, account_id: null });
    const page = await consent(made.url, { sandbox_user: id });
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('is connected')]);
    expect(await read(made.id)).toMatchObject({ state: 'done', account_id: id, error: '' });
    const account = await rest('GET', `/api/v1/accounts/twitch/${id}`);
    expect(account.body).toMatchObject({
      scopes: ['channel:manage:raids'],
      connected_by: 'tester',
    });
    const again = await open(made.url);
    expect([again.status, again.text]).toEqual([409, expect.stringContaining('used already')]);
  });

  it('shows who asks for what, before the platform does', async () => {
    const id = await house.addUser();
    const made = await invite({ groups: ['raids', 'polls'], account_id: id });
    const page = await open(made.url);
    expect(page.status).toBe(200);
    for (const told of ['tester', id, 'channel:manage:raids', 'Continue to Twitch', '/continue"'])
      expect(page.text).toContain(told);
    expect(page.text).not.toContain('channel:manage:redemptions');
    expect(await read(made.id)).toMatchObject({ state: 'opened' });
    const bot = await open((await invite({ platform: 'discord' })).url);
    expect(bot.text).toContain('a bot to your Discord server');
  });

  it('offers to try again where the person said no', async () => {
    const made = await invite();
    const begun = await fetch(`${made.url}/continue`, { redirect: 'manual' });
    const cookie = (begun.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(begun.headers.get('set-cookie')).toMatch(/Path=\/oauth; HttpOnly; SameSite=Lax/);
    const asked = new URL(begun.headers.get('location') ?? '');
    asked.searchParams.set('sandbox_deny', '1');
    const back = (await open(asked)).location;
    const told = await fetch(back, { headers: { accept: 'text/html', cookie } });
    const path = new URL(made.url).pathname;
    expect(await told.text()).toContain(`href="${path}">Try again`);
    const elsewhere = await fetch(back, {
      headers: { accept: 'text/html', cookie: 'action_gateway_link="><script>' },
    });
    expect(await elsewhere.text()).not.toMatch(/<script>|Try again/);
  });

  it('lets a bot into a server', async () => {
    const made = await invite({ platform: 'discord' });
    await consent(made.url, { sandbox_guild: '800000000000000002' });
    expect(await read(made.id)).toMatchObject({ state: 'done' });
  });

  it('that was refused says why, and may be opened again', async () => {
    const id = await house.addUser();
    const made = await invite({ account_id: id });
    const refused = await consent(made.url, { sandbox_user: '1003' });
    expect(refused.status).toBe(409);
    expect(await read(made.id)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/You are Twitch account 1003/) as string,
    });
    await consent(made.url, { sandbox_user: id });
    expect(await read(made.id)).toMatchObject({ state: 'done', account_id: id, error: '' });
  });

  it('that was opened twice connects one account', async () => {
    const [one, two] = [await house.addUser(), await house.addUser()];
    const made = await invite();
    const backs = [
      await goToPlatform(made.url, { sandbox_user: one }),
      await goToPlatform(made.url, { sandbox_user: two }),
    ];
    const pages = await Promise.all(backs.map(open));
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 409]);
    const statuses = await Promise.all(
      [one, two].map(async (id) => (await rest('GET', `/api/v1/accounts/twitch/${id}`)).status),
    );
    expect(statuses.sort()).toEqual([200, 404]);
  });

  it('that was revoked, has expired or was never made leads nowhere', async () => {
    const revoked = await invite();
    const back = await goToPlatform(revoked.url, { sandbox_user: await house.addUser() });
    const gone = await rest('DELETE', `${PATH}/${revoked.id}`);
    expect([gone.status, gone.body]).toMatchObject([200, { state: 'revoked' }]);
    expect((await open(back)).status).toBe(409);
    expect((await open(revoked.url)).status).toBe(409);
    expect(await read(revoked.id)).toMatchObject({ state: 'revoked' });

    const expired = await invite();
    const sql = new Client({ connectionString: house.database.url });
    await sql.connect();
    await sql.query('UPDATE connect_links SET expires_at = now() WHERE id = $1', [expired.id]);
    await sql.end();
    const late = await open(expired.url);
    expect([late.status, late.text]).toEqual([410, expect.stringContaining('is over')]);
    expect(await read(expired.id)).toMatchObject({ state: 'expired' });

    const unknown = await open(expired.url.replace(/[^/]+$/, 'A'.repeat(43)));
    expect([unknown.status, unknown.location]).toEqual([400, '']);
  });

  it('stores nothing once its caller was revoked', async () => {
    const made = await rest('POST', '/api/v1/callers', {
      id: 'inviter',
      permissions: ['manage_accounts'],
    });
    const { url } = await invite({}, String(made.body['api_key']));
    const id = await house.addUser();
    const back = await goToPlatform(url, { sandbox_user: id });
    await rest('DELETE', '/api/v1/callers/inviter');
    expect((await open(back)).status).toBe(403);
    expect((await open(url)).status).toBe(403);
    expect((await rest('GET', `/api/v1/accounts/twitch/${id}`)).status).toBe(404);
  });

  it('that is used cannot be revoked, and what was done is written down', async () => {
    const made = await invite();
    await consent(made.url, { sandbox_user: await house.addUser() });
    expect((await rest('DELETE', `${PATH}/${made.id}`)).status).toBe(409);
    const { body } = await rest('GET', '/api/v1/audit/events?kind=invitation.created');
    expect(body['entries']).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ subject: `invitation/${made.id}`, caller_id: 'tester' }),
      ]) as never,
    );
    expect(JSON.stringify(body)).not.toContain(made.url.split('/').at(-1));
  });
});

describe('where a person is sent in the end', () => {
  it.each([
    ['/console/accounts?x=1', /^http:\/\/[^/]+\/console\/accounts\?x=1&invitation=.*&state=done$/],
    ['https://dashboard.example/a', /^https:\/\/dashboard\.example\/a\?invitation=.*&state=done$/],
  ])('may be %s', async (return_to, expected) => {
    const made = await invite({ return_to });
    const page = await consent(made.url, { sandbox_user: await house.addUser() });
    expect([page.status, page.location]).toEqual([302, expect.stringMatching(expected)]);
  });

  it('tells of a failure too', async () => {
    const made = await invite({ account_id: await house.addUser(), return_to: '/console' });
    const page = await consent(made.url, { sandbox_user: '1003' });
    expect([page.status, page.location]).toEqual([302, expect.stringMatching(/state=failed$/)]);
  });

  it.each([
    'https://evil.example',
    '//evil.example/x',
    '/\\evil.example',
    'https://dashboard.example@evil.example/',
    'https://user:pass@dashboard.example/',
    'http://dashboard.example/',
    'javascript:alert(1)',
    'data:text/html,x',
  ])('is never %s', async (return_to) => {
    const { status, body } = await rest('POST', PATH, { platform: 'twitch', return_to });
    expect([status, body['error']]).toEqual([400, expect.stringMatching(/^return_to must be/)]);
  });
});

describe('invitations of others', () => {
  it('are not seen and not revoked', async () => {
    const [acme, globex] = ['acme', 'globex'].map((owner) => tokenOf('hub', { owner })) as [
      string,
      string,
    ];
    const { id } = await invite({}, acme);
    expect((await rest('GET', `${PATH}/${id}`, undefined, globex)).status).toBe(404);
    expect((await rest('DELETE', `${PATH}/${id}`, undefined, globex)).status).toBe(404);
    const listed = await rest('GET', PATH, undefined, acme);
    expect(listed.body['invitations']).toMatchObject([{ id, url: null }]);
    const narrowed = tokenOf('narrow', { accounts: ['1001'] });
    expect((await rest('GET', `${PATH}/${id}`, undefined, narrowed)).status).toBe(404);
    expect((await rest('GET', `${PATH}/${id}`)).status).toBe(200);
  });

  it('are made within the bounds of the caller alone', async () => {
    const narrowed = tokenOf('narrow', { accounts: ['1001'], platforms: ['twitch'] });
    const post = (body: object, token = narrowed): Promise<RestAnswer> =>
      rest('POST', PATH, body, token);
    expect((await post({ platform: 'twitch', account_id: '1002' })).status).toBe(403);
    expect((await post({ platform: 'youtube' })).status).toBe(403);
    expect((await post({ platform: 'twitch', groups: ['nothing'] })).status).toBe(400);
    expect((await post({ platform: 'twitch', expires_in: 5 })).status).toBe(400);
    const { url } = await invite({}, narrowed);
    const id = await house.addUser();
    expect((await consent(url, { sandbox_user: id })).status).toBe(403);
    const reader = tokenOf('reader', { permissions: ['read_audit'] });
    expect((await post({ platform: 'twitch' }, reader)).status).toBe(403);
  });

  it('come page by page', async () => {
    const all = (await rest('GET', PATH)).body['invitations'] as unknown as Invitation[];
    const first = await rest('GET', `${PATH}?limit=2`);
    const cursor = String(first.body['next_cursor']);
    const next = await rest('GET', `${PATH}?cursor=${cursor}`);
    expect([
      ...(first.body['invitations'] as unknown as Invitation[]),
      ...(next.body['invitations'] as unknown as Invitation[]),
    ]).toEqual(all);
  });
});
