// Real: the simulations over HTTP. A browser is what sends the headers of one.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_BOT } from '../../src/platforms/discord/simulation/seed.js';
import { callHttp, SandboxCaller } from '../support/sandbox-caller.js';

let caller: SandboxCaller;

beforeEach(async () => {
  caller = await SandboxCaller.open();
});

afterEach(() => caller.close());

const BROWSER = { accept: 'text/html,application/xhtml+xml' };
const REDIRECT = 'http://127.0.0.1:9/callback';
const GOOGLE = 'https://www.googleapis.com/auth/youtube';
const OTHER_GUILD = '800000000000000002';

const CASES = [
  {
    platform: 'Twitch',
    path: '/twitch/oauth2/authorize',
    asked: { client_id: 'sandbox-twitch-client', scope: 'chat:read clips:edit' },
    another: ['sandbox_user', '1003'],
    few: ['sandbox_scopes', 'clips:edit'],
    granted: { scope: 'clips:edit' },
  },
  {
    platform: 'YouTube',
    path: '/youtube/oauth2/auth',
    asked: { client_id: 'sandbox-google-client', scope: `${GOOGLE} ${GOOGLE}.readonly` },
    another: ['sandbox_channel', 'UCsandboxModerator000001'],
    few: ['sandbox_scopes', `${GOOGLE}.readonly`],
    granted: { scope: `${GOOGLE}.readonly` },
  },
  {
    platform: 'Discord',
    path: '/discord/oauth2/authorize',
    asked: { client_id: SANDBOX_BOT.id, scope: 'bot identify', permissions: '3072' },
    another: ['sandbox_guild', OTHER_GUILD],
    few: ['sandbox_permissions', 'SEND_MESSAGES'],
    granted: { permissions: '2048' },
  },
] as const;

const open = (url: string) => callHttp(url, { headers: BROWSER });

describe.each(CASES)('the consent page of $platform', ({ path, asked, another, few, granted }) => {
  const address = (): string => {
    const url = new URL(caller.sandbox.twitch.apiUrl).origin;
    const query = new URLSearchParams({
      redirect_uri: REDIRECT,
      response_type: 'code',
      state: '"s"',
      ...asked,
    });
    return `${url}${path}?${query.toString()}`;
  };
  /** The address that the page's form asks for, with what its fields hold at first. */
  async function submit(
    changes: (fields: [string, string][]) => readonly (readonly [string, string])[],
  ) {
    const { text } = await open(address());
    const hidden = [...text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const boxes = [...text.matchAll(/type="checkbox" name="([^"]*)" value="([^"]*)" checked/g)];
    const fields = [...hidden, ...boxes].map(([, name = '', value = '']): [string, string] => [
      name,
      value.replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
    ]);
    const query = new URLSearchParams(
      changes(fields).map(([name, value]): [string, string] => [name, value]),
    );
    const answer = await open(
      `${new URL(caller.sandbox.twitch.apiUrl).origin}${path}?${query.toString()}`,
    );
    return new URL(answer.headers.get('location') ?? `about:${answer.status}`).searchParams;
  }

  it('asks a browser for the person and for what is granted, in a form that scripts cannot enter', async () => {
    const { status, text, headers } = await open(address());
    expect(status).toBe(200);
    for (const [name, value] of [another, few]) {
      expect(text).toContain(`name="${name}"`);
      expect(text).toContain(`value="${value}"`);
    }
    expect(text).toContain('value="&quot;s&quot;"');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('grants what is left ticked, to the one who was chosen', async () => {
    const back = await submit((fields) => [
      ...fields.filter(([name]) => name !== few[0]),
      another,
      few,
    ]);
    expect(back.get('code')).toMatch(/./);
    expect(back.get('state')).toBe('"s"');
    expect(Object.fromEntries(back)).toMatchObject(granted);
  });

  it('grants nothing where nothing is ticked', async () => {
    const back = await submit((fields) => [...fields.filter(([name]) => name !== few[0]), another]);
    const [member = ''] = Object.keys(granted);
    expect(['', '0']).toContain(back.get(member));
  });

  it('takes a no', async () => {
    const back = await submit((fields) => [...fields, another, ['sandbox_deny', '1']]);
    expect(back.get('error')).toBe('access_denied');
    expect(back.has('code')).toBe(false);
  });
});
