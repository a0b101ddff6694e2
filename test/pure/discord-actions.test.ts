// Real: the actions on Discord. Fake: Discord itself, an upstream that notes requests and answers.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Action, ActionContext, FetchedFile, Upstream } from '../../src/actions/action.js';
import { ActionFailure } from '../../src/actions/failures.js';
import { buildUrl, type PlatformRequest } from '../../src/actions/wire.js';
import { discordActions } from '../../src/platforms/discord/actions/index.js';

const CONTEXT: ActionContext = {
  actionId: '01a1f892-13e1-70d1-b82d-4af2c28ee3c2',
  account: { id: 'default' },
  actor: { id: 'default' },
};
const CHANNEL = '700000000000000001';
const MESSAGE = '1300000000000000001';
const GUILD = '800000000000000001';
const USER = '200000000000000001';
const ROLE = '600000000000000003';

function find(type: string): Action {
  const found = discordActions.find((action) => action.type === type);
  if (!found) throw new Error(`There is no ${type}`);
  return found;
}

/** Notes requests, and gives one answer to all of them. */
class FakeDiscord implements Upstream {
  readonly requests: PlatformRequest[] = [];
  readonly fetched: [url: string, maxBytes: number][] = [];

  constructor(
    private readonly answer: unknown = { id: '9' },
    private readonly fileBytes = 3,
  ) {}

  async send<Answer>(request: PlatformRequest): Promise<Answer> {
    this.requests.push(request);
    return this.answer as Answer;
  }

  look<Answer>(request: PlatformRequest): Promise<Answer> {
    return this.send(request);
  }

  async fetch(url: string, { maxBytes }: { maxBytes: number }): Promise<FetchedFile> {
    this.fetched.push([url, maxBytes]);
    return { bytes: new Uint8Array(this.fileBytes), type: 'image/png', isKnown: true };
  }

  async upload(): Promise<never> {
    throw new Error('Nothing is uploaded to Discord');
  }

  beginPart(): void {}

  async changeRecord(): Promise<never> {
    throw new Error('No record is kept');
  }

  goOnAfter(): void {}

  async wait(): Promise<boolean> {
    return true;
  }

  async recall(): Promise<undefined> {}

  async reserveFiles(): Promise<void> {}

  async remember(): Promise<void> {}

  async renew(): Promise<never> {
    throw new Error('Nothing is renewed');
  }

  async forget(): Promise<void> {}
}

async function carryOut(
  type: string,
  parameters: object,
  discord = new FakeDiscord(),
  context = CONTEXT,
): Promise<{ output: object; request: PlatformRequest; line: string }> {
  const action = find(type);
  const output = await action.carryOut(action.parse(parameters, context), context, discord);
  expect(action.findOutputFaults(output)).toEqual([]);
  expect(discord.requests).toHaveLength(1);
  const request = discord.requests[0]!;
  const whole = request.momentsAt ? { ...request.body, ...request.momentsAt(0) } : request.body;
  const body = whole === undefined ? '' : ` ${JSON.stringify(whole)}`;
  return { output, request, line: `${request.method} ${buildUrl('', request)}${body}` };
}

/** What is wrong with parameters, in one line; fails when nothing is. */
function refuse(type: string, parameters: object): string {
  try {
    find(type).parse(parameters, CONTEXT);
  } catch (error) {
    if (error instanceof ActionFailure && error.code === 'INVALID_INPUT') return error.message;
    throw error;
  }
  throw new Error('The parameters were taken');
}

async function nonceOf(actionId: string): Promise<unknown> {
  const context = { ...CONTEXT, actionId };
  const parameters = { channel_id: CHANNEL, content: 'm' };
  const { request } = await carryOut('send_message', parameters, new FakeDiscord(), context);
  return request.body?.['nonce'];
}

async function untilOf(duration_seconds: number): Promise<unknown> {
  const parameters = { guild_id: GUILD, user_id: USER, duration_seconds };
  const silenced = new FakeDiscord({ communication_disabled_until: '2026-11-20T10:10:00Z' });
  const { request } = await carryOut('timeout_user', parameters, silenced);
  return request.momentsAt?.(Date.now())['communication_disabled_until'];
}

/** A list of the same thing, many times. */
const many = (count: number, thing: object): object[] =>
  Array.from({ length: count }, () => structuredClone(thing));

const NONCE = expect.stringMatching(/^[\w-]{22}$/) as string;
const member = { guild_id: GUILD, user_id: USER };
const here = { channel_id: CHANNEL };
const webhook = { webhook_id: '9', webhook_token: 'tok-en_1' };

afterEach(() => void vi.useRealTimers());

describe('every action', () => {
  it.each(discordActions.map((action) => [action.type, action] as const))(
    '%s keeps ids in their own part of the path',
    (_type, action) => {
      const example = action.example.input as Record<string, unknown>;
      const ids = Object.keys(example).filter((name) => name.endsWith('_id'));
      const properties = action.inputSchema['properties'] as Record<string, { pattern?: string }>;
      for (const name of ids) {
        // Where a name is taken, a word may be one.
        const word = new RegExp(properties[name]?.pattern ?? '').test('abc') ? [] : ['abc'];
        for (const id of ['../1', '1/2', '..', '.', '1?x', '1%2f2', '1#', ...word, '', 1]) {
          expect(refuse(action.type, { ...example, [name]: id })).toContain(name);
        }
      }
    },
  );

  it.each([
    ['add_reaction', true],
    ['add_role', true],
    ['ban_user', true],
    ['create_webhook', false],
    ['delete_message', true],
    ['edit_message', true],
    ['kick_user', false],
    ['manage_role', true],
    ['remove_role', true],
    ['send_embed', true],
    ['send_message', true],
    ['send_webhook', false],
    ['timeout_user', true],
  ])('is repeated only where that does no harm: %s, %s', (type, isRepeatable) => {
    expect(find(type).repeatable).toBe(isRepeatable);
  });
});

describe('send_message', () => {
  it('notifies no one, and carries a nonce of its own', async () => {
    const { request, output } = await carryOut('send_message', {
      ...here,
      content: 'hi @everyone',
    });
    expect(request).toEqual({
      method: 'POST',
      path: `/channels/${CHANNEL}/messages`,
      body: {
        content: 'hi @everyone',
        allowed_mentions: { parse: [] },
        nonce: NONCE,
        enforce_nonce: true,
      },
    });
    expect(output).toEqual({ message_id: '9', message_sent: true });
  });

  it('has the same nonce in every attempt, and another one in another action', async () => {
    expect(await nonceOf('a')).toBe(await nonceOf('a'));
    expect(await nonceOf('a')).not.toBe(await nonceOf('b'));
  });

  it('replies, and notifies whom it is told to', async () => {
    const { request } = await carryOut('send_message', {
      ...here,
      content: 'm',
      reply_to_message_id: MESSAGE,
      allowed_mentions: { users: [USER], replied_user: true },
    });
    expect(request.body).toMatchObject({
      message_reference: { message_id: MESSAGE },
      allowed_mentions: { parse: [], users: [USER], replied_user: true },
    });
  });

  it("takes the earlier service's embeds and Discord's own", async () => {
    const flat = {
      title: 'T',
      color: '#FF5733',
      thumbnail_url: 'https://a.test/t.png',
      image_url: 'https://a.test/i.png',
      footer_text: 'F',
      footer_icon_url: 'https://a.test/f.png',
      fields: [{ name: 'n', value: 'v', inline: 'true' }],
    };
    const own = {
      title: 'T',
      color: 0xff_57_33,
      fields: [{ name: 'n', value: 'v', inline: true }],
      thumbnail: { url: 'https://a.test/t.png' },
      image: { url: 'https://a.test/i.png' },
      footer: { text: 'F', icon_url: 'https://a.test/f.png' },
    };
    for (const parameters of [{ embeds: [flat] }, { embed: flat }, { embeds: [own] }]) {
      const { request } = await carryOut('send_message', { ...here, ...parameters });
      expect(request.body?.['embeds']).toEqual([own]);
    }
    const bare = await carryOut('send_embed', { ...here, embed: { ...flat, color: 'ff5733' } });
    expect(bare.request.body).toEqual({
      embeds: [own],
      allowed_mentions: { parse: [] },
      nonce: NONCE,
      enforce_nonce: true,
    });
  });

  it('carries files as a form', async () => {
    const discord = new FakeDiscord();
    const { request } = await carryOut(
      'send_message',
      {
        ...here,
        files: [
          { name: 'a.txt', data: Buffer.from('hello').toString('base64') },
          { url: 'https://files.test/x/b%20c.png?d', description: 'A bee' },
        ],
      },
      discord,
    );
    expect(discord.fetched).toEqual([['https://files.test/x/b%20c.png?d', 10_485_760]]);
    expect(request.body).toMatchObject({
      attachments: [
        { id: 0, filename: 'a.txt' },
        { id: 1, filename: 'b_20c.png', description: 'A bee' },
      ],
    });
    expect(request.form?.bodyPart).toBe('payload_json');
    expect(request.form?.files).toMatchObject([
      { part: 'files[0]', name: 'a.txt', type: 'application/octet-stream' },
      { part: 'files[1]', name: 'b_20c.png', type: 'image/png' },
    ]);
    expect(Buffer.from(request.form!.files[0]!.bytes).toString()).toBe('hello');
  });

  it('carries no more files than a request may hold', async () => {
    const files = Array.from({ length: 4 }, () => ({ url: 'https://files.test/big' }));
    const discord = new FakeDiscord(undefined, 10_485_760);
    const refusal = await carryOut('send_message', { ...here, files }, discord).catch(
      (error: Error) => error.message,
    );
    expect(refusal).toMatch(/more than 26214400 bytes in all/);
    expect(discord.fetched.map(([, most]) => most)).toEqual([10_485_760, 10_485_760, 4_980_736]);
  });

  const data = Buffer.from('x').toString('base64');
  const field = { name: 'n', value: 'v' };
  it.each<[string, object, RegExp]>([
    ['nothing', {}, /content: is missing/],
    ['an empty text', { content: '' }, /content: must not be empty/],
    ['a long text', { content: 'x'.repeat(2_001) }, /at most 2000 characters, and has 2001/],
    ['eleven embeds', { embeds: many(11, { title: 't' }) }, /at most 10 items/],
    ['both forms', { embed: { title: 't' }, embeds: [{ title: 't' }] }, /either embed or embeds/],
    [
      'a long title',
      { embeds: [{ title: 'x'.repeat(257) }] },
      /item 1: title must have at most 256/,
    ],
    ['a long description', { embed: { description: 'x'.repeat(4_097) } }, /at most 4096/],
    ['26 fields', { embed: { fields: many(26, field) } }, /fields must have at most 25/],
    ['a long name', { embed: { fields: [{ ...field, name: 'x'.repeat(257) }] } }, /at most 256/],
    [
      'a long value',
      { embed: { fields: [{ ...field, value: 'x'.repeat(1_025) }] } },
      /at most 1024/,
    ],
    ['a long footer', { embed: { footer_text: 'x'.repeat(2_049) } }, /at most 2048/],
    ['a long own footer', { embed: { footer: { text: 'x'.repeat(2_049) } } }, /at most 2048/],
    ['a long author', { embed: { author: { name: 'x'.repeat(257) } } }, /at most 256/],
    [
      'more than 6000 in all',
      { embeds: [{ description: 'x'.repeat(4_000) }, { description: 'y'.repeat(2_001) }] },
      /at most 6000 characters of text in all, and has 6001/,
    ],
    ['an empty embed', { embed: {} }, /shows nothing/],
    ['a colour that is none', { embed: { title: 't', color: 'red' } }, /must be a colour/],
    ['a short colour', { embed: { title: 't', color: '#F53' } }, /must be a colour/],
    ['a colour out of range', { embed: { title: 't', color: 16_777_216 } }, /must be a colour/],
    [
      'two thumbnails',
      { embed: { thumbnail_url: 'https://a.b', thumbnail: { url: 'https://a.b' } } },
      /either thumbnail_url or thumbnail/,
    ],
    [
      'an icon alone',
      { embed: { title: 't', footer_icon_url: 'https://a.b' } },
      /needs a footer_text/,
    ],
    ['a script', { embed: { title: 't', url: 'javascript:alert(1)' } }, /http:\/\/ or https/],
    ['no time', { embed: { title: 't', timestamp: '2026-13-40T99:00:00Z' } }, /in the calendar/],
    ['an unknown name', { embed: { titel: 't' } }, /Did you mean "title"/],
    [
      'mentions twice',
      { content: 'm', allowed_mentions: { parse: ['users'], users: [USER] } },
      /either in parse or as ids/,
    ],
    [
      'unknown mentions',
      { content: 'm', allowed_mentions: { parse: ['all'] } },
      /users, roles, everyone/,
    ],
    ['a file of neither', { files: [{ name: 'a' }] }, /either url or data/],
    ['a file of both', { files: [{ name: 'a', url: 'https://a.b', data }] }, /either url or data/],
    ['data without a name', { files: [{ data }] }, /name is missing/],
    ['a path', { files: [{ name: '../a', data }] }, /without a path/],
    ['no base64', { files: [{ name: 'a', data: 'not base64!' }] }, /not base64/],
    ['a file by ftp', { files: [{ url: 'ftp://a.b/c' }] }, /begins with http/],
    ['eleven files', { files: many(11, { name: 'a', data }) }, /at most 10 items/],
    [
      'more than 2 MiB inside',
      { files: many(2, { name: 'a', data: Buffer.alloc(1_048_577).toString('base64') }) },
      /at most 2097152 bytes of data in all, and have 2097154/,
    ],
  ])('is refused with %s', (_name, parameters, message) => {
    expect(refuse('send_message', { ...here, ...parameters })).toMatch(message);
  });

  it('keeps what people wrote, and files, out of the log', () => {
    const redacted = find('send_message').redactInput({
      ...here,
      content: 'secret',
      embeds: [{ title: 'secret' }],
      files: [{ name: 'a.txt', data: 'c2VjcmV0' }],
    });
    expect(JSON.stringify(redacted)).not.toMatch(/secret|c2VjcmV0/);
    expect(redacted['files']).toEqual([{ name: 'a.txt', data: '[redacted, 8 characters]' }]);
  });
});

describe('the others', () => {
  it.each<[string, object, string]>([
    [
      'edit_message',
      { ...here, message_id: MESSAGE, content: 'm' },
      `PATCH /channels/${CHANNEL}/messages/${MESSAGE} {"content":"m","allowed_mentions":{"parse":[]}}`,
    ],
    [
      'delete_message',
      { ...here, message_id: MESSAGE },
      `DELETE /channels/${CHANNEL}/messages/${MESSAGE}`,
    ],
    [
      'add_reaction',
      { ...here, message_id: MESSAGE, emoji: '👍🏽' },
      `PUT /channels/${CHANNEL}/messages/${MESSAGE}/reactions/%F0%9F%91%8D%F0%9F%8F%BD/@me`,
    ],
    [
      'add_reaction',
      { ...here, message_id: MESSAGE, emoji: '<a:party:5>' },
      `PUT /channels/${CHANNEL}/messages/${MESSAGE}/reactions/party%3A5/@me`,
    ],
    [
      'create_webhook',
      { ...here, name: 'News' },
      `POST /channels/${CHANNEL}/webhooks {"name":"News"}`,
    ],
    [
      'add_role',
      { ...member, role_id: ROLE },
      `PUT /guilds/${GUILD}/members/${USER}/roles/${ROLE}`,
    ],
    [
      'remove_role',
      { ...member, role_id: ROLE },
      `DELETE /guilds/${GUILD}/members/${USER}/roles/${ROLE}`,
    ],
    [
      'manage_role',
      { ...member, role_id: ROLE },
      `PUT /guilds/${GUILD}/members/${USER}/roles/${ROLE}`,
    ],
    [
      'manage_role',
      { ...member, role_id: ROLE, action: 'REMOVE' },
      `DELETE /guilds/${GUILD}/members/${USER}/roles/${ROLE}`,
    ],
    ['kick_user', member, `DELETE /guilds/${GUILD}/members/${USER}`],
    ['ban_user', member, `PUT /guilds/${GUILD}/bans/${USER} {}`],
    [
      'ban_user',
      { ...member, delete_message_days: '2' },
      `PUT /guilds/${GUILD}/bans/${USER} {"delete_message_seconds":172800}`,
    ],
    [
      'ban_user',
      { ...member, delete_message_seconds: 0 },
      `PUT /guilds/${GUILD}/bans/${USER} {"delete_message_seconds":0}`,
    ],
    [
      'timeout_user',
      { ...member, clear: true },
      `PATCH /guilds/${GUILD}/members/${USER} {"communication_disabled_until":null}`,
    ],
    [
      'send_webhook',
      { ...webhook, content: 'm', username: 'U', thread_id: '7' },
      'POST /webhooks/9/tok-en_1?wait=true&thread_id=7 {"content":"m","allowed_mentions":{"parse":[]},"username":"U"}',
    ],
  ])('%s: %o', async (type, parameters, line) => {
    const { message_id: id = '9', user_id = '' } = parameters as Record<string, string>;
    const answer = { id, token: 't', user: { id: user_id } };
    expect((await carryOut(type, parameters, new FakeDiscord(answer))).line).toBe(line);
  });

  it.each(['delete_message', 'create_webhook', 'add_role', 'manage_role', 'kick_user', 'ban_user'])(
    '%s gives its reason, encoded',
    async (type) => {
      const parameters = { ...find(type).example.input, reason: 'Späm & ärger\n' };
      const { request } = await carryOut(
        type,
        parameters,
        new FakeDiscord({ id: '9', token: 't' }),
      );
      expect(request.headers).toEqual({ 'x-audit-log-reason': 'Sp%C3%A4m%20%26%20%C3%A4rger%0A' });
      expect(refuse(type, { ...parameters, reason: 'x'.repeat(513) })).toMatch(/at most 512/);
    },
  );

  it('timeout_user counts from the moment of sending, within what Discord takes', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 20, 10) });
    expect(await untilOf(600)).toBe('2026-11-20T10:10:00.000Z');
    expect(await untilOf(2_419_200)).toBe('2026-12-18T09:59:50.000Z');
  });

  it.each<[string, object, RegExp]>([
    ['timeout_user', member, /duration_seconds: is missing/],
    ['timeout_user', { ...member, clear: false }, /duration_seconds: is missing/],
    ['timeout_user', { ...member, duration_seconds: 0 }, /give clear: true/],
    ['timeout_user', { ...member, duration_seconds: 60, clear: true }, /must be left out/],
    ['timeout_user', { ...member, duration_seconds: 2_419_201 }, /at most 2419200/],
    ['timeout_user', { ...member, duration_seconds: -1 }, /at least 0/],
    ['ban_user', { ...member, delete_message_seconds: 604_801 }, /at most 604800/],
    ['ban_user', { ...member, delete_message_days: 8 }, /at most 7/],
    ['ban_user', { ...member, delete_message_days: 0, delete_message_seconds: 0 }, /give either/],
    ['manage_role', { ...member, role_id: ROLE, action: 'delete' }, /one of add, remove/],
    ['manage_role', { ...member, role_id: ROLE, action: 'ad' }, /one of add, remove/],
    ['create_webhook', { ...here, name: 'My Discord hook' }, /must not contain/],
    ['create_webhook', { ...here, name: 'x'.repeat(81) }, /at most 80/],
    ['create_webhook', { ...here, name: 'n', avatar: 'https://a.b/c.png' }, /data:image/],
    ['edit_message', { ...here, message_id: MESSAGE }, /content: is missing/],
    ['edit_message', { ...here, message_id: MESSAGE, files: [] }, /content: is missing/],
    ...[':thumbsup:', 'ok', '12', '../@me', '👍/x', 'a:b', '<:party:x>'].map(
      (emoji): [string, object, RegExp] => [
        'add_reaction',
        { ...here, message_id: MESSAGE, emoji },
        /must be an emoji/,
      ],
    ),
  ])('%s refuses %o', (type, parameters, message) => {
    expect(refuse(type, parameters)).toMatch(message);
  });

  it.each(['👍', '1️⃣', '🇩🇪', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👨‍👩‍👧', '❤️', 'party:5', '<:party:5>'])(
    'add_reaction takes %s',
    async (emoji) => {
      const { output } = await carryOut('add_reaction', { ...here, message_id: MESSAGE, emoji });
      expect(output).toEqual({ reaction_added: true });
    },
  );

  it('create_webhook keeps its secret out of the log', async () => {
    const { output } = await carryOut(
      'create_webhook',
      { ...here, name: 'News' },
      new FakeDiscord({ id: '9', token: 'canary' }),
    );
    expect(output).toEqual({
      webhook_id: '9',
      webhook_token: 'canary',
      webhook_url: 'https://discord.com/api/webhooks/9/canary',
    });
    expect(JSON.stringify(find('create_webhook').redactOutput(output))).not.toContain('canary');
  });
});

describe('send_webhook', () => {
  it.each([
    'https://discord.com/api/webhooks/9/tok-en_1',
    'https://discord.com/api/v10/webhooks/9/tok-en_1',
    'https://ptb.discord.com/api/webhooks/9/tok-en_1',
    'https://canary.discord.com/api/webhooks/9/tok-en_1',
    'https://discordapp.com/api/webhooks/9/tok-en_1',
  ])('takes %s, and sends to the configured Discord without credentials', async (webhook_url) => {
    const { request } = await carryOut('send_webhook', { webhook_url, content: 'm' });
    expect(request).toMatchObject({
      method: 'POST',
      path: '/webhooks/9/tok-en_1',
      query: { wait: true },
      withoutCredentials: true,
      secrets: ['tok-en_1'],
    });
  });

  it.each([
    'http://discord.com/api/webhooks/9/t',
    'https://discord.com.evil.test/api/webhooks/9/t',
    'https://evil.test/discord.com/api/webhooks/9/t',
    'https://evil-discord.com/api/webhooks/9/t',
    'https://discord.co/api/webhooks/9/t',
    'https://discord.com@evil.test/api/webhooks/9/t',
    'https://user:pass@discord.com/api/webhooks/9/t',
    'https://discord.com:8443/api/webhooks/9/t',
    'https://discord.com:443/api/webhooks/9/t',
    'https://evil.test#https://discord.com/api/webhooks/9/t',
    String.raw`https://evil.test\@discord.com/api/webhooks/9/t`,
    'https://127.0.0.1/api/webhooks/9/t',
    'https://[::1]/api/webhooks/9/t',
    'https://discord.com/api/webhooks/9/../../users/@me',
    'https://discord.com/api/webhooks/9/t/../..',
    'https://discord.com/api/webhooks/9/t#x',
    'https://discord.com/api/webhooks/9/t/slack',
    'https://discord.com/api/webhooks/9/t%2f..',
    'https://discоrd.com/api/webhooks/9/t',
    'https://discord.com./api/webhooks/9/t',
    'HTTPS://DISCORD.COM/api/webhooks/9/t',
  ])('refuses %s', (webhook_url) => {
    const line = refuse('send_webhook', { webhook_url, content: 'm' });
    expect(line).toMatch(/webhook_url: must be an address of Discord itself/);
  });

  it.each<[object, RegExp]>([
    [{}, /webhook_url: give either/],
    [{ webhook_id: '9' }, /webhook_token: give either/],
    [{ webhook_token: 't' }, /webhook_url: give either/],
    [
      { ...webhook, webhook_url: 'https://discord.com/api/webhooks/9/t' },
      /give either webhook_url/,
    ],
    [{ webhook_id: '9', webhook_token: '../x' }, /webhook_token: must be the token/],
    [{ ...webhook, thread_id: '1', thread_name: 'n' }, /either thread_id or thread_name/],
    [{ ...webhook, username: 'x'.repeat(81) }, /at most 80/],
    [{ ...webhook, avatar_url: 'ftp://a.b' }, /begins with http/],
  ])('refuses %o', (parameters, message) => {
    expect(refuse('send_webhook', { ...parameters, content: 'm' })).toMatch(message);
  });

  it('keeps the secret out of the log', () => {
    const { redactInput } = find('send_webhook');
    const given = [
      { webhook_url: 'https://discord.com/api/webhooks/9/canary' },
      { webhook_id: '9', webhook_token: 'canary' },
    ];
    for (const parameters of given)
      expect(JSON.stringify(redactInput(parameters))).not.toContain('canary');
  });
});
