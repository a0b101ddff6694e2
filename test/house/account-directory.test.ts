// Real: the built gateway as a process, PostgreSQL, HTTP over sockets. Fake: Twitch, at the wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestAnswer } from '../support/gateway.js';
import { House, tokenOf } from '../support/two-doors.js';

let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house?.close());

const get = (path: string, token?: string): Promise<RestAnswer> =>
  house.doors.rest('GET', `/api/v1${path}`, undefined, token === undefined ? {} : { token });

interface Listed {
  readonly platform: string;
  readonly account_id: string;
  readonly source: string;
  readonly connected_by: string;
}

const list = async (query: string, token?: string): Promise<string[]> => {
  const { status, body } = await get(`/accounts${query}`, token);
  expect(status).toBe(200);
  const accounts = body['accounts'] as unknown as Listed[];
  return accounts.map(({ platform, account_id: id }) => `${platform}/${id}`);
};

describe('the list of accounts', () => {
  it('has the bot of the environment, which belongs to the operator', async () => {
    const { body } = await get('/accounts?platform=discord');
    expect(body['accounts']).toMatchObject([
      { platform: 'discord', source: 'environment', state: 'connected', connected_by: '' },
    ]);
    const [bot] = body['accounts'] as unknown as Listed[];
    const one = await get(`/accounts/discord/${bot?.account_id}`);
    expect([one.status, one.body]).toEqual([200, bot]);
    expect(await list('?platform=discord', tokenOf('tenant', { owner: 'acme' }))).toEqual([]);
    expect(await list('', tokenOf('narrow', { platforms: ['youtube'] }))).not.toContain(
      `discord/${bot?.account_id}`,
    );
    expect(JSON.stringify(body)).not.toContain(house.sandbox.env['DISCORD_BOT_TOKEN']);
  });

  it('tells who connected an account', async () => {
    const id = await house.addUser();
    const grant = await house.grant(id);
    const body = { access_token: grant.access_token, refresh_token: grant.refresh_token };
    const alice = tokenOf('alice');
    await house.doors.rest('PUT', `/api/v1/accounts/twitch/${id}`, body, { token: alice });
    const { body: shown } = await get(`/accounts/twitch/${id}`);
    expect(shown).toMatchObject({ source: 'stored', connected_by: 'alice' });
  });

  it('is filtered by platform, state and a part of the name or id', async () => {
    const id = await house.addUser();
    await house.connect(id);
    expect(await list(`?text=USER_${id}`)).toEqual([`twitch/${id}`]);
    expect(await list(`?text=${id}&platform=youtube`)).toEqual([]);
    expect(await list(`?text=${id}&state=connected`)).toEqual([`twitch/${id}`]);
    expect(await list(`?text=${id}&state=reconnect`)).toEqual([]);
    for (const query of ['?state=ill', '?limit=0'])
      expect([query, (await get(`/accounts${query}`)).status]).toEqual([query, 400]);
    expect((await get('/accounts?platform=mastodon')).status).toBe(404);
  });

  it('comes page by page, and whole without a limit', async () => {
    const all = await list('');
    expect(all.length).toBeGreaterThan(2);
    const paged: string[] = [];
    let cursor = '';
    do {
      const query = `?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      paged.push(...(await list(query)));
      cursor = String((await get(`/accounts${query}`)).body['next_cursor']);
    } while (cursor !== '');
    expect(paged).toEqual(all);
  });
});

describe('the platforms', () => {
  it('tell the state of their breakers', async () => {
    const { body } = await get('/platforms');
    const platforms = body['platforms'] as unknown as { breaker: string }[];
    expect(platforms.map(({ breaker }) => breaker)).toEqual(['closed', 'closed', 'closed']);
  });
});
