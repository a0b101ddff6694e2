import { refuseCredentials } from './credentials.js';
import type { EarlierAnswer, EarlierFact, EarlierRequest } from './fact.js';

const MESSAGES = '/channels/{channel}/messages';
const MEMBER = '/guilds/{guild}/members/{member}';
const UNKNOWN = 'a channel that Discord does not know';
const NOWHERE = '799999999999999999';

type More = Partial<Pick<EarlierFact, 'path' | 'fault' | 'now'>>;

function rest(
  at: string,
  what: string,
  body: unknown,
  was: EarlierAnswer,
  more: More & Pick<EarlierRequest, never> = {},
): EarlierFact {
  return { service: 'discord', door: 'REST', at, what, asked: { body }, was, ...more };
}

const done = (
  calls: readonly string[],
  more: object = {},
  sent?: Record<string, unknown>,
): EarlierAnswer => ({
  status: 200,
  body: { success: true, ...more },
  calls,
  ...(sent && { sent }),
});
const missing = (error: string): EarlierAnswer => ({ status: 400, body: { error } });
const failed = (error: string, calls: readonly string[] = []): EarlierAnswer => ({
  status: 500,
  body: { success: false, error },
  calls,
});

const A_MESSAGE = { channel_id: '{channel}', content: 'hello' };
const ID = { message_id: '<id>' };
const WEBHOOK = '~^https://discord\\.com/api/webhooks/\\d+/[\\w-]+$';

const UNKNOWN_CHANNEL = '{"message": "Unknown Channel", "code": 10003}';
const NO_ACCESS = '{"message": "Missing Permissions", "code": 50013}';
/** A number in JSON keeps its digits up to 2^53; ids of Discord are longer by now. */
const SMALL_CHANNEL = 4_503_599_627_370_496;

const ROUTES: readonly EarlierFact[] = [
  rest(
    'POST /api/v1/message',
    'a text',
    A_MESSAGE,
    done([`POST ${MESSAGES}`], ID, { content: 'hello' }),
  ),
  rest(
    'POST /api/v1/message',
    'a text and an embed in the form of Discord',
    {
      ...A_MESSAGE,
      embed: { title: 'T', color: 16_734_003, thumbnail: { url: 'https://example.com/a.png' } },
    },
    done([`POST ${MESSAGES}`], ID, { embeds: [{ title: 'T', color: 16_734_003 }] }),
  ),
  rest(
    'POST /api/v1/message',
    'members that are not known',
    { ...A_MESSAGE, tts: true, x: 1 },
    done([`POST ${MESSAGES}`], ID),
  ),
  rest(
    'POST /api/v1/message',
    'an embed that is null',
    { ...A_MESSAGE, embed: null },
    done([`POST ${MESSAGES}`], ID),
  ),
  rest(
    'POST /api/v1/message',
    'a colour as hexadecimal text, as its documents had it',
    { ...A_MESSAGE, embed: { title: 'T', color: 'FF5733' } },
    failed('~^API error 400: ', [`POST ${MESSAGES}`]),
    {
      now: {
        verdict: 'better',
        why: 'The colour is read as its documents wrote it; Discord refused it.',
        answer: done([`POST ${MESSAGES}`], ID, { embeds: [{ color: 16_734_003 }] }),
      },
    },
  ),
  rest(
    'POST /api/v1/message',
    'a flat embed, as its documents had it',
    {
      ...A_MESSAGE,
      embed: { title: 'T', footer_text: 'F', thumbnail_url: 'https://example.com/a.png' },
    },
    done([`POST ${MESSAGES}`], ID),
    {
      now: {
        verdict: 'better',
        why: 'Flat embeds are understood; Discord left the flat members out.',
        answer: done([`POST ${MESSAGES}`], ID, { embeds: [{ footer: { text: 'F' } }] }),
      },
    },
  ),
  rest(
    'POST /api/v1/message',
    'without a text',
    { channel_id: '{channel}' },
    missing('Missing channel_id or content'),
  ),
  rest(
    'POST /api/v1/message',
    'with an empty text',
    { channel_id: '{channel}', content: '' },
    missing('Missing channel_id or content'),
  ),
  rest(
    'POST /api/v1/message',
    'without a channel',
    { content: 'x' },
    missing('Missing channel_id or content'),
  ),
  rest('POST /api/v1/message', 'an empty object', {}, missing('Missing channel_id or content')),
  rest(
    'POST /api/v1/message',
    'an id as a number that kept its digits',
    { channel_id: SMALL_CHANNEL, content: 'x' },
    failed(`API error 404: ${UNKNOWN_CHANNEL}`, [`POST /channels/${SMALL_CHANNEL}/messages`]),
  ),
  rest(
    'POST /api/v1/message',
    UNKNOWN,
    { channel_id: NOWHERE, content: 'x' },
    failed(`API error 404: ${UNKNOWN_CHANNEL}`, [`POST /channels/${NOWHERE}/messages`]),
  ),
  rest(
    'POST /api/v1/message',
    'a channel that the bot may not write to',
    { channel_id: '{readonly}', content: 'x' },
    failed(`API error 403: ${NO_ACCESS}`, ['POST /channels/{readonly}/messages']),
  ),
  rest(
    'POST /api/v1/message',
    'a text that is longer than Discord takes',
    { channel_id: '{channel}', content: 'x'.repeat(2_001) },
    failed('~^API error 400: {"message": "Invalid Form Body", "code": 50035.*2000 or fewer', [
      `POST ${MESSAGES}`,
    ]),
    {
      now: {
        verdict: 'better',
        why: 'The text is refused in the words of Discord, and not sent.',
        answer: failed(
          '~^API error 400: {"message": "Invalid Form Body", "code": 50035.*2000 or fewer',
        ),
      },
    },
  ),
  rest(
    'POST /api/v1/message',
    'Discord is out of order',
    A_MESSAGE,
    failed('~^API error 500: ', [`POST ${MESSAGES}`]),
    {
      fault: { status: 500, body: { message: 'oops', code: 0 } },
      now: {
        verdict: 'better',
        why: 'It is repeated with a nonce, by which Discord knows the message again.',
        answer: done([`POST ${MESSAGES}`, `POST ${MESSAGES}`], ID),
      },
    },
  ),
  rest(
    'POST /api/v1/message',
    'Discord asks to wait once',
    A_MESSAGE,
    done([`POST ${MESSAGES}`, `POST ${MESSAGES}`], ID),
    {
      fault: {
        status: 429,
        headers: { 'retry-after': '0.2' },
        body: { message: 'slow down', retry_after: 0.2, global: false },
      },
    },
  ),
  rest(
    'POST /api/v1/embed',
    'an embed',
    { channel_id: '{channel}', embed: { title: 'T', description: 'D' } },
    done([`POST ${MESSAGES}`], ID, { embeds: [{ title: 'T', description: 'D' }] }),
  ),
  rest(
    'POST /api/v1/embed',
    'without an embed',
    { channel_id: '{channel}' },
    missing('Missing channel_id or embed'),
  ),
  rest(
    'POST /api/v1/embed',
    'an embed of nothing',
    { channel_id: '{channel}', embed: {} },
    missing('Missing channel_id or embed'),
  ),
  rest(
    'POST /api/v1/embed',
    UNKNOWN,
    { channel_id: NOWHERE, embed: { title: 'T' } },
    failed(`API error 404: ${UNKNOWN_CHANNEL}`, [`POST /channels/${NOWHERE}/messages`]),
  ),
  rest(
    'POST /api/v1/reaction',
    'an emoji',
    { channel_id: '{channel}', message_id: '{message}', emoji: '👍' },
    done(['PUT /channels/{channel}/messages/{message}/reactions/%F0%9F%91%8D/@me']),
  ),
  rest(
    'POST /api/v1/reaction',
    'without an emoji',
    { channel_id: '{channel}', message_id: '{message}' },
    missing('Missing required fields'),
  ),
  rest(
    'POST /api/v1/reaction',
    'a message that is not there',
    { channel_id: '{channel}', message_id: NOWHERE, emoji: '👍' },
    failed('~^API error 404: {"message": "Unknown Message", "code": 10008}', [
      `PUT /channels/{channel}/messages/${NOWHERE}/reactions/%F0%9F%91%8D/@me`,
    ]),
  ),
  rest(
    'POST /api/v1/role',
    'without an action, which adds it',
    { guild_id: '{guild}', user_id: '{member}', role_id: '{role}' },
    done([`PUT ${MEMBER}/roles/{role}`]),
  ),
  rest(
    'POST /api/v1/role',
    'add, in any case',
    { guild_id: '{guild}', user_id: '{member}', role_id: '{role}', action: 'ADD' },
    done([`PUT ${MEMBER}/roles/{role}`]),
  ),
  rest(
    'POST /api/v1/role',
    'remove',
    { guild_id: '{guild}', user_id: '{member}', role_id: '{role}', action: 'remove' },
    done([`DELETE ${MEMBER}/roles/{role}`]),
  ),
  rest(
    'POST /api/v1/role',
    'an action that is misspelt',
    { guild_id: '{guild}', user_id: '{member}', role_id: '{role}', action: 'ad' },
    done([`DELETE ${MEMBER}/roles/{role}`]),
    {
      now: {
        verdict: 'deliberate',
        why: 'It took the role away; write add or remove.',
        answer: {
          status: 400,
          body: { success: false, error: '~^action: must be one of add, remove' },
        },
      },
    },
  ),
  rest(
    'POST /api/v1/role',
    'without a role',
    { guild_id: '{guild}', user_id: '{member}' },
    missing('Missing required fields'),
  ),
  rest(
    'POST /api/v1/role',
    'a role above the bot',
    { guild_id: '{guild}', user_id: '{member}', role_id: '600000000000000001' },
    failed(`API error 403: ${NO_ACCESS}`, [`PUT ${MEMBER}/roles/600000000000000001`]),
  ),
  rest(
    'POST /api/v1/webhook',
    'without a name',
    { channel_id: '{channel}' },
    done(['POST /channels/{channel}/webhooks'], { webhook_url: WEBHOOK }, { name: 'WaddleBot' }),
  ),
  rest(
    'POST /api/v1/webhook',
    'a name',
    { channel_id: '{channel}', name: 'Herald' },
    done(['POST /channels/{channel}/webhooks'], { webhook_url: WEBHOOK }, { name: 'Herald' }),
  ),
  rest('POST /api/v1/webhook', 'without a channel', { name: 'x' }, missing('Missing channel_id')),
  rest(
    'POST /api/v1/webhook',
    UNKNOWN,
    { channel_id: NOWHERE },
    failed(`API error 404: ${UNKNOWN_CHANNEL}`, [`POST /channels/${NOWHERE}/webhooks`]),
  ),
  rest(
    'POST /api/v1/webhook/send',
    'a text',
    { webhook_url: '{webhook}', content: 'hello' },
    done(['POST {webhook_path}'], {}, { content: 'hello' }),
  ),
  rest(
    'POST /api/v1/webhook/send',
    'a text and embeds',
    { webhook_url: '{webhook}', content: 'hello', embeds: [{ title: 'T' }] },
    done(['POST {webhook_path}'], {}, { embeds: [{ title: 'T' }] }),
  ),
  rest(
    'POST /api/v1/webhook/send',
    'no embeds',
    { webhook_url: '{webhook}', content: 'hello', embeds: [] },
    done(['POST {webhook_path}']),
  ),
  rest(
    'POST /api/v1/webhook/send',
    'without a text',
    { webhook_url: '{webhook}' },
    missing('Missing webhook_url or content'),
  ),
  rest(
    'POST /api/v1/webhook/send',
    'without an address',
    { content: 'x' },
    missing('Missing webhook_url or content'),
  ),
  rest(
    'POST /api/v1/webhook/send',
    'a webhook that is gone',
    { webhook_url: 'https://discord.com/api/webhooks/1300000000000000999/gone', content: 'x' },
    failed('{"message": "Unknown Webhook", "code": 10015}', [
      'POST /webhooks/1300000000000000999/gone',
    ]),
  ),
  rest(
    'POST /api/v1/webhook/send',
    'an address that is not of Discord',
    { webhook_url: 'https://collector.example/hook', content: 'x' },
    { status: 200, body: { success: true } },
    {
      now: {
        verdict: 'deliberate',
        why: 'It sent the token of the bot to any address. Webhooks of Discord alone are reached, without the token; post to others yourself.',
        answer: {
          status: 400,
          body: { success: false, error: '~^webhook_url: must be an address of Discord' },
        },
      },
    },
  ),
  rest(
    'DELETE /api/v1/message/:channel_id/:message_id',
    'a message',
    undefined,
    done(['DELETE /channels/{channel}/messages/{message}']),
    { path: '/api/v1/message/{channel}/{message}' },
  ),
  rest(
    'DELETE /api/v1/message/:channel_id/:message_id',
    'a message that is not there',
    undefined,
    failed('API error 404: {"message": "Unknown Message", "code": 10008}', [
      `DELETE /channels/{channel}/messages/${NOWHERE}`,
    ]),
    { path: `/api/v1/message/{channel}/${NOWHERE}` },
  ),
  rest(
    'PATCH /api/v1/message/:channel_id/:message_id',
    'a text',
    { content: 'changed' },
    done(['PATCH /channels/{channel}/messages/{own}'], {}, { content: 'changed' }),
    { path: '/api/v1/message/{channel}/{own}' },
  ),
  rest(
    'PATCH /api/v1/message/:channel_id/:message_id',
    'without a text',
    {},
    missing('Missing content'),
    { path: '/api/v1/message/{channel}/{own}' },
  ),
  rest(
    'PATCH /api/v1/message/:channel_id/:message_id',
    'the message of somebody else',
    { content: 'x' },
    failed(
      '~^API error 403: {"message": "Cannot edit a message authored by another user", "code": 50005}',
      ['PATCH /channels/{channel}/messages/{message}'],
    ),
    { path: '/api/v1/message/{channel}/{message}' },
  ),
  rest(
    'POST /api/v1/moderation/kick',
    'a member',
    { guild_id: '{guild}', user_id: '{member}' },
    done([`DELETE ${MEMBER}`]),
  ),
  rest(
    'POST /api/v1/moderation/kick',
    'a reason',
    { guild_id: '{guild}', user_id: '{member}', reason: 'spam' },
    done([`DELETE ${MEMBER}`]),
  ),
  rest(
    'POST /api/v1/moderation/kick',
    'without a member',
    { guild_id: '{guild}' },
    missing('Missing required fields'),
  ),
  rest(
    'POST /api/v1/moderation/kick',
    'somebody who is no member',
    { guild_id: '{guild}', user_id: NOWHERE },
    failed('~^{"message": "Unknown (User|Member)", "code": 100\\d\\d}$', [
      `DELETE /guilds/{guild}/members/${NOWHERE}`,
    ]),
  ),
  rest(
    'POST /api/v1/moderation/ban',
    'a member',
    { guild_id: '{guild}', user_id: '{member}' },
    done(['PUT /guilds/{guild}/bans/{member}']),
  ),
  rest(
    'POST /api/v1/moderation/ban',
    'a reason and days',
    { guild_id: '{guild}', user_id: '{member}', reason: 'spam', delete_message_days: 1 },
    done(['PUT /guilds/{guild}/bans/{member}'], {}, { delete_message_days: 1 }),
    {
      now: {
        verdict: 'better',
        why: 'Days are sent as seconds, which version 10 of the API takes, and the reason as a header.',
        answer: done(['PUT /guilds/{guild}/bans/{member}'], {}, { delete_message_seconds: 86_400 }),
      },
    },
  ),
  rest(
    'POST /api/v1/moderation/ban',
    'without a server',
    { user_id: '{member}' },
    missing('Missing required fields'),
  ),
  rest(
    'POST /api/v1/moderation/ban',
    'Discord does not answer in time',
    { guild_id: '{guild}', user_id: '{member}' },
    failed('Request timeout', [
      'PUT /guilds/{guild}/bans/{member}',
      'PUT /guilds/{guild}/bans/{member}',
      'PUT /guilds/{guild}/bans/{member}',
      'PUT /guilds/{guild}/bans/{member}',
    ]),
    { fault: { kind: 'hang', times: 4 } },
  ),
  rest(
    'POST /api/v1/moderation/timeout',
    'a member',
    { guild_id: '{guild}', user_id: '{member}', duration_seconds: 60 },
    done([`PATCH ${MEMBER}`], {}, { communication_disabled_until: '<text>' }),
  ),
  rest(
    'POST /api/v1/moderation/timeout',
    'without a duration',
    { guild_id: '{guild}', user_id: '{member}' },
    missing('Missing required fields'),
  ),
  rest(
    'POST /api/v1/moderation/timeout',
    'a duration of zero',
    { guild_id: '{guild}', user_id: '{member}', duration_seconds: 0 },
    missing('Missing required fields'),
  ),
  rest(
    'POST /api/v1/moderation/timeout',
    'somebody who is no member',
    { guild_id: '{guild}', user_id: NOWHERE, duration_seconds: 60 },
    failed('~^{"message": "Unknown (User|Member)", "code": 100\\d\\d}$', [
      `PATCH /guilds/{guild}/members/${NOWHERE}`,
    ]),
  ),
  rest(
    'POST /api/v1/token',
    'any text for a secret',
    { client_id: 'script', client_secret: 'anything' },
    { status: 200, body: { token: '<text>', expires_in: 3_600 } },
    {
      now: {
        verdict: 'deliberate',
        why: 'Anybody got a token; give MODULE_SECRET_KEY or the key of a caller as client_secret.',
        answer: { status: 401, body: { error: 'Invalid client credentials' } },
      },
    },
  ),
  rest(
    'POST /api/v1/token',
    'the secret',
    { client_id: 'script', client_secret: '{secret}' },
    { status: 200, body: { token: '<text>', expires_in: 3_600 } },
  ),
  rest(
    'POST /api/v1/token',
    'without a secret',
    { client_id: 'script' },
    missing('Missing client_id or client_secret'),
  ),
  rest('POST /api/v1/token', 'an empty object', {}, missing('Missing client_id or client_secret')),
  {
    service: 'discord',
    door: 'REST',
    at: 'GET /health',
    what: 'its report',
    asked: { token: null },
    was: {
      status: 200,
      body: {
        status: 'healthy',
        module: 'discord_action_module',
        version: '1.0.0',
        timestamp: '<text>',
        config: {
          module_name: 'discord_action_module',
          module_version: '1.0.0',
          grpc_port: 50_051,
          rest_port: 8070,
          database_configured: true,
          discord_token_configured: true,
          request_timeout: '<number>',
        },
      },
    },
  },
  {
    service: 'discord',
    door: 'REST',
    at: 'POST /api/v1/message',
    what: 'with a token that names no client and never ends',
    asked: { body: A_MESSAGE, token: 'endless' },
    was: done([`POST ${MESSAGES}`], ID),
  },
  ...refuseCredentials('discord', 'POST /api/v1/message', A_MESSAGE, {
    missing: { error: 'Missing or invalid authorization header' },
    expired: { error: 'Token expired' },
    invalid: { error: '~^Invalid token: ' },
  }),
];

/** Requests of the RPCs, with what each wrote at Discord and gave back. */
const RPCS: readonly (readonly [
  rpc: string,
  request: Record<string, unknown>,
  call: string,
  more?: object,
])[] = [
  ['SendMessage', { channel_id: '{channel}', content: 'hello' }, `POST ${MESSAGES}`, ID],
  [
    'SendEmbed',
    { channel_id: '{channel}', embed: { title: 'T', color: 'FF5733', footer_text: 'F' } },
    `POST ${MESSAGES}`,
    ID,
  ],
  [
    'AddReaction',
    { channel_id: '{channel}', message_id: '{message}', emoji: '👍' },
    'PUT /channels/{channel}/messages/{message}/reactions/%F0%9F%91%8D/@me',
  ],
  [
    'ManageRole',
    { guild_id: '{guild}', user_id: '{member}', role_id: '{role}', action: 'add' },
    `PUT ${MEMBER}/roles/{role}`,
  ],
  [
    'CreateWebhook',
    { channel_id: '{channel}', name: 'Herald' },
    'POST /channels/{channel}/webhooks',
    { webhook_url: WEBHOOK },
  ],
  ['SendWebhook', { webhook_url: '{webhook}', content: 'hello' }, 'POST {webhook_path}'],
  [
    'DeleteMessage',
    { channel_id: '{channel}', message_id: '{message}' },
    'DELETE /channels/{channel}/messages/{message}',
  ],
  [
    'EditMessage',
    { channel_id: '{channel}', message_id: '{own}', content: 'changed' },
    'PATCH /channels/{channel}/messages/{own}',
  ],
  ['KickUser', { guild_id: '{guild}', user_id: '{member}' }, `DELETE ${MEMBER}`],
  [
    'BanUser',
    { guild_id: '{guild}', user_id: '{member}', delete_message_days: 0 },
    'PUT /guilds/{guild}/bans/{member}',
  ],
  [
    'TimeoutUser',
    { guild_id: '{guild}', user_id: '{member}', duration_seconds: 60 },
    `PATCH ${MEMBER}`,
  ],
];

const GRPC: readonly EarlierFact[] = RPCS.flatMap(
  ([rpc, request, call, more = {}]): EarlierFact[] => {
    const base = { service: 'discord', door: 'gRPC', at: rpc } as const;
    return [
      {
        ...base,
        what: 'what its request names',
        asked: { body: request },
        was: { body: { success: true, error: '', ...more }, calls: [call] },
      },
      {
        ...base,
        what: 'with a token that has ended',
        asked: { body: request, token: 'expired' },
        was: { body: { success: false, error: 'Authentication failed: Token expired' } },
      },
      {
        ...base,
        what: 'with a text that is no token',
        asked: { body: request, token: 'garbage' },
        was: { body: { success: false, error: '~^Authentication failed: Invalid token: ' } },
      },
    ];
  },
);

const GRPC_FAILURES: readonly EarlierFact[] = [
  {
    service: 'discord',
    door: 'gRPC',
    at: 'SendMessage',
    what: UNKNOWN,
    asked: { body: { channel_id: NOWHERE, content: 'x' } },
    was: {
      body: { success: false, message_id: '', error: `API error 404: ${UNKNOWN_CHANNEL}` },
      calls: [`POST /channels/${NOWHERE}/messages`],
    },
  },
  {
    service: 'discord',
    door: 'gRPC',
    at: 'KickUser',
    what: 'somebody who is no member',
    asked: { body: { guild_id: '{guild}', user_id: NOWHERE } },
    was: {
      body: { success: false, error: '~^{"message": "Unknown (User|Member)", "code": 100\\d\\d}$' },
      calls: [`DELETE /guilds/{guild}/members/${NOWHERE}`],
    },
  },
  {
    service: 'discord',
    door: 'gRPC',
    at: 'SendEmbed',
    what: 'a colour with a sign before it',
    asked: { body: { channel_id: '{channel}', embed: { title: 'T', color: '#FF5733' } } },
    was: { body: 'UNKNOWN' },
    now: {
      verdict: 'better',
      why: 'The call failed with UNKNOWN; the colour is read.',
      answer: { body: { success: true, ...ID }, calls: [`POST ${MESSAGES}`] },
    },
  },
];

export const DISCORD_FACTS: readonly EarlierFact[] = [...ROUTES, ...GRPC, ...GRPC_FAILURES];
