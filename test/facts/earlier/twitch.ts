import { refuseCredentials } from './credentials.js';
import type { EarlierAnswer, EarlierFact, EarlierRequest } from './fact.js';

const EXECUTE = 'POST /api/v1/actions/execute';
const BATCH = 'POST /api/v1/actions/batch';

type Parameters = Readonly<Record<string, unknown>>;
type More = Partial<Pick<EarlierFact, 'fault' | 'now'>> & {
  readonly asked?: Partial<EarlierRequest>;
};

const B = { broadcaster_id: '{broadcaster}' };
const MODERATED = { ...B, moderator_id: '{broadcaster}' };

function ask(type: string | undefined, parameters?: Parameters, more: object = {}): Parameters {
  return {
    ...(type !== undefined && { action_type: type }),
    broadcaster_id: '{broadcaster}',
    ...(parameters && { parameters }),
    ...more,
  };
}

function rest(
  at: string,
  what: string,
  body: unknown,
  was: EarlierAnswer,
  { asked, ...more }: More = {},
): EarlierFact {
  return { service: 'twitch', door: 'REST', at, what, asked: { body, ...asked }, was, ...more };
}

function succeeded(
  type: string,
  result: object,
  calls: readonly string[],
  sent?: Parameters,
): EarlierAnswer {
  return {
    status: 200,
    body: {
      success: true,
      message: `Action ${type} executed successfully`,
      action_id: '~^[0-9a-f-]{36}$',
      result_data: result,
      error: '',
    },
    calls,
    ...(sent && { sent }),
  };
}

function failedWith(error: string, calls: readonly string[] = []): EarlierAnswer {
  return {
    status: 200,
    body: {
      success: false,
      message: 'Action execution failed',
      action_id: '<any>',
      result_data: '<any>',
      error,
    },
    calls,
  };
}

const failed = (error: string, calls: readonly string[] = []): EarlierAnswer =>
  failedWith(
    error.startsWith('~')
      ? `~^Action execution failed: ${error.slice(1).replace(/^\^/, '')}`
      : `Action execution failed: ${error}`,
    calls,
  );

/** An action with the parameters that it took, the result that it gave, and the call that it made. */
interface Carried {
  readonly type: string;
  readonly parameters: Parameters;
  readonly result: Parameters;
  readonly call: string;
  readonly sent?: Parameters;
  /** Its message without each of its parameters, or without all of them. */
  readonly missing?: string;
}

const VIEWER = { user_id: '{viewer}' };
const OF_USER = 'user_id is required';

const ACTIONS: readonly Carried[] = [
  {
    type: 'chat_message',
    parameters: { message: 'hello' },
    result: { message_sent: 'hello' },
    call: 'POST /chat/messages',
    sent: { ...B, sender_id: '{broadcaster}', message: 'hello' },
    missing: 'Message is required',
  },
  {
    type: 'whisper',
    parameters: { to_user_id: '{viewer}', message: 'psst' },
    result: { whisper_sent: true },
    call: 'POST /whispers',
    sent: { from_user_id: '{broadcaster}', to_user_id: '{viewer}', message: 'psst' },
    missing: 'to_user_id and message are required',
  },
  {
    type: 'announcement',
    parameters: { message: 'news', color: 'blue' },
    result: { announcement_sent: 'news' },
    call: 'POST /chat/announcements',
    sent: { ...MODERATED, message: 'news', color: 'blue' },
    missing: 'Message is required',
  },
  {
    type: 'clip',
    parameters: {},
    result: { data: [{ id: '<id>', edit_url: '<text>' }] },
    call: 'POST /clips',
    sent: B,
  },
  {
    type: 'poll_create',
    parameters: { title: 'Next?', choices: 'One,Two', duration: '60' },
    result: {
      data: [
        {
          id: '<id>',
          title: 'Next?',
          choices: [
            { id: '<id>', title: 'One' },
            { id: '<id>', title: 'Two' },
          ],
          status: 'ACTIVE',
        },
      ],
    },
    call: 'POST /polls',
    sent: { ...B, title: 'Next?', choices: [{ title: 'One' }, { title: 'Two' }], duration: 60 },
    missing: 'Title and choices are required',
  },
  {
    type: 'poll_end',
    parameters: { poll_id: '{poll}', status: 'terminated' },
    result: { data: [{ id: '{poll}', status: 'TERMINATED', title: 'Seed?', choices: '<any>' }] },
    call: 'PATCH /polls',
    sent: { ...B, id: '{poll}', status: 'TERMINATED' },
    missing: 'poll_id is required',
  },
  {
    type: 'prediction_create',
    parameters: { title: 'Win?', outcomes: 'Yes,No', duration: '60' },
    result: {
      data: [
        {
          id: '<id>',
          title: 'Win?',
          outcomes: [
            { id: '<id>', title: 'Yes' },
            { id: '<id>', title: 'No' },
          ],
          status: 'ACTIVE',
        },
      ],
    },
    call: 'POST /predictions',
    sent: {
      ...B,
      title: 'Win?',
      outcomes: [{ title: 'Yes' }, { title: 'No' }],
      prediction_window: 60,
    },
    missing: 'Title and exactly 2 outcomes are required',
  },
  {
    type: 'prediction_resolve',
    parameters: { prediction_id: '{prediction}', winning_outcome_id: '{outcome}' },
    result: {
      data: [
        {
          id: '{prediction}',
          status: 'RESOLVED',
          title: 'Seed?',
          outcomes: '<any>',
          winning_outcome_id: '{outcome}',
        },
      ],
    },
    call: 'PATCH /predictions',
    sent: { ...B, id: '{prediction}', status: 'RESOLVED', winning_outcome_id: '{outcome}' },
    missing: 'prediction_id and winning_outcome_id are required',
  },
  {
    type: 'ban',
    parameters: { ...VIEWER, reason: 'spam' },
    result: { user_banned: '{viewer}' },
    call: 'POST /moderation/bans',
    sent: { ...MODERATED, data: { user_id: '{viewer}', reason: 'spam' } },
    missing: OF_USER,
  },
  {
    type: 'timeout',
    parameters: { ...VIEWER, duration: '60' },
    result: { user_timed_out: '{viewer}', duration: 60 },
    call: 'POST /moderation/bans',
    sent: { ...MODERATED, data: { user_id: '{viewer}', duration: 60, reason: 'Timed out by bot' } },
    missing: OF_USER,
  },
  {
    type: 'unban',
    parameters: { user_id: '{banned}' },
    result: { user_unbanned: '{banned}' },
    call: 'DELETE /moderation/bans',
    sent: { ...MODERATED, user_id: '{banned}' },
    missing: OF_USER,
  },
  {
    type: 'delete_message',
    parameters: { message_id: '{said}' },
    result: { message_deleted: '{said}' },
    call: 'DELETE /moderation/chat',
    sent: { ...MODERATED, message_id: '{said}' },
    missing: 'message_id is required',
  },
  {
    type: 'update_title',
    parameters: { title: 'New' },
    result: { title_updated: 'New' },
    call: 'PATCH /channels',
    sent: { ...B, title: 'New' },
    missing: 'Title is required',
  },
  {
    type: 'update_game',
    parameters: { game_id: '509658' },
    result: { game_updated: '509658' },
    call: 'PATCH /channels',
    sent: { ...B, game_id: '509658' },
    missing: 'game_id is required',
  },
  {
    type: 'marker',
    parameters: { description: 'here' },
    result: {
      data: [
        { id: '<id>', description: 'here', created_at: '<text>', position_seconds: '<number>' },
      ],
    },
    call: 'POST /streams/markers',
    sent: { user_id: '{broadcaster}', description: 'here' },
  },
  {
    type: 'raid',
    parameters: { to_broadcaster_id: '{other}' },
    result: { raid_started: '{other}' },
    call: 'POST /raids',
    sent: { from_broadcaster_id: '{broadcaster}', to_broadcaster_id: '{other}' },
    missing: 'to_broadcaster_id is required',
  },
  {
    type: 'vip_add',
    parameters: VIEWER,
    result: { vip_added: '{viewer}' },
    call: 'POST /channels/vips',
    sent: { ...B, ...VIEWER },
    missing: OF_USER,
  },
  {
    type: 'vip_remove',
    parameters: { user_id: '{vip}' },
    result: { vip_removed: '{vip}' },
    call: 'DELETE /channels/vips',
    sent: { ...B, user_id: '{vip}' },
    missing: OF_USER,
  },
  {
    type: 'mod_add',
    parameters: VIEWER,
    result: { moderator_added: '{viewer}' },
    call: 'POST /moderation/moderators',
    sent: { ...B, ...VIEWER },
    missing: OF_USER,
  },
  {
    type: 'mod_remove',
    parameters: { user_id: '{mod}' },
    result: { moderator_removed: '{mod}' },
    call: 'DELETE /moderation/moderators',
    sent: { ...B, user_id: '{mod}' },
    missing: OF_USER,
  },
];

const EXECUTED: readonly EarlierFact[] = ACTIONS.flatMap(
  ({ type, parameters, result, call, sent, missing }): EarlierFact[] => [
    rest(EXECUTE, type, ask(type, parameters), succeeded(type, result, [call], sent)),
    ...(missing === undefined
      ? []
      : [rest(EXECUTE, `${type} without its parameters`, ask(type, {}), failed(missing))]),
  ],
);

const NO_TOKEN = 'No valid token for broadcaster 999999';

const CASES: readonly EarlierFact[] = [
  rest(EXECUTE, 'parameters that are empty texts', ask('ban', { user_id: '' }), failed(OF_USER)),
  rest(EXECUTE, 'parameters left out', ask('update_title'), failed('Title is required')),
  rest(
    EXECUTE,
    'parameters that the action does not have',
    ask('chat_message', { message: 'hi', channel: 'x' }),
    succeeded('chat_message', { message_sent: 'hi' }, ['POST /chat/messages']),
  ),
  rest(
    EXECUTE,
    'a ban without a reason',
    ask('ban', VIEWER),
    succeeded('ban', { user_banned: '{viewer}' }, ['POST /moderation/bans'], {
      data: { reason: 'Banned by bot' },
    }),
  ),
  rest(
    EXECUTE,
    'an announcement without a colour',
    ask('announcement', { message: 'x' }),
    succeeded('announcement', { announcement_sent: 'x' }, ['POST /chat/announcements'], {
      color: 'primary',
    }),
  ),
  rest(
    EXECUTE,
    'an announcement that is longer than Twitch takes',
    ask('announcement', { message: 'x'.repeat(600) }),
    succeeded(
      'announcement',
      { announcement_sent: 'x'.repeat(600) },
      ['POST /chat/announcements'],
      { message: 'x'.repeat(600) },
    ),
    {
      now: {
        verdict: 'better',
        why: 'The text is cut to 500 characters before it is sent, as Twitch cuts it.',
        answer: succeeded(
          'announcement',
          { announcement_sent: 'x'.repeat(600) },
          ['POST /chat/announcements'],
          { message: 'x'.repeat(500) },
        ),
      },
    },
  ),
  rest(
    EXECUTE,
    'a timeout without a duration',
    ask('timeout', VIEWER),
    succeeded('timeout', { user_timed_out: '{viewer}', duration: 600 }, ['POST /moderation/bans'], {
      data: { duration: 600 },
    }),
  ),
  rest(
    EXECUTE,
    'a timeout of no time',
    ask('timeout', { ...VIEWER, duration: '0' }),
    succeeded('timeout', { user_timed_out: '{viewer}', duration: 0 }, ['POST /moderation/bans']),
    {
      now: {
        verdict: 'deliberate',
        why: 'It was a ban for good; ask for ban where one is meant.',
        answer: failed('~.*must be at least 1'),
      },
    },
  ),
  rest(
    EXECUTE,
    'a duration that is no number',
    ask('timeout', { ...VIEWER, duration: 'abc' }),
    failed("invalid literal for int() with base 10: 'abc'"),
    {
      now: {
        verdict: 'better',
        why: 'The field and the fault are named.',
        answer: failed('~duration: must be a whole number'),
      },
    },
  ),
  rest(
    EXECUTE,
    'a poll with one choice',
    ask('poll_create', { title: 'x', choices: 'one' }),
    failed('Poll must have 2-5 choices'),
  ),
  rest(
    EXECUTE,
    'a poll with six choices',
    ask('poll_create', { title: 'x', choices: 'a,b,c,d,e,f' }),
    failed('Poll must have 2-5 choices'),
  ),
  rest(
    EXECUTE,
    'a poll without choices',
    ask('poll_create', { title: 'x' }),
    failed('Poll must have 2-5 choices'),
  ),
  rest(
    EXECUTE,
    'a poll whose choices have spaces after the commas',
    ask('poll_create', { title: 'x', choices: 'One, Two' }),
    succeeded('poll_create', '<any>' as unknown as object, ['POST /polls'], {
      choices: [{ title: 'One' }, { title: ' Two' }],
    }),
    {
      now: {
        verdict: 'better',
        why: 'Spaces around the commas are left out.',
        answer: succeeded('poll_create', '<any>' as unknown as object, ['POST /polls'], {
          choices: [{ title: 'One' }, { title: 'Two' }],
        }),
      },
    },
  ),
  rest(
    EXECUTE,
    'a prediction with one outcome',
    ask('prediction_create', { title: 'x', outcomes: 'one' }),
    failed('Title and exactly 2 outcomes are required'),
  ),
  rest(
    EXECUTE,
    'a prediction with three outcomes',
    ask('prediction_create', { title: 'x', outcomes: 'a,b,c' }),
    failed('Title and exactly 2 outcomes are required'),
    {
      now: {
        verdict: 'better',
        why: 'Twitch takes two to ten.',
        answer: succeeded('prediction_create', '<any>' as unknown as object, ['POST /predictions']),
      },
    },
  ),
  rest(
    EXECUTE,
    'a numeric broadcaster',
    {
      action_type: 'update_title',
      broadcaster_id: '{broadcaster:number}',
      parameters: { title: 'N' },
    },
    succeeded('update_title', { title_updated: 'N' }, ['PATCH /channels'], {
      broadcaster_id: '{broadcaster}',
    }),
  ),
  rest(
    EXECUTE,
    'a numeric id among the parameters',
    ask('ban', { user_id: '{viewer:number}' }),
    succeeded('ban', { user_banned: '<any>' }, ['POST /moderation/bans']),
  ),
  rest(
    EXECUTE,
    'a request id',
    ask('chat_message', { message: 'with an id' }, { request_id: 'r-1' }),
    succeeded('chat_message', { message_sent: 'with an id' }, ['POST /chat/messages']),
  ),
  rest(
    EXECUTE,
    'a type that there is not',
    ask('poke', {}),
    failedWith('Unknown action type: poke'),
  ),
  rest(
    EXECUTE,
    'without a broadcaster',
    { action_type: 'clip' },
    { status: 400, body: { error: 'action_type and broadcaster_id are required' } },
  ),
  rest(
    EXECUTE,
    'without a type',
    { broadcaster_id: '{broadcaster}' },
    { status: 400, body: { error: 'action_type and broadcaster_id are required' } },
  ),
  rest(
    EXECUTE,
    'an empty object',
    {},
    { status: 400, body: { error: 'action_type and broadcaster_id are required' } },
  ),
  rest(
    EXECUTE,
    'a broadcaster without tokens',
    { action_type: 'clip', broadcaster_id: '999999' },
    failed(NO_TOKEN),
  ),
  rest(
    EXECUTE,
    'a game that Twitch does not know',
    ask('update_game', { game_id: '1' }),
    succeeded('update_game', { game_updated: '1' }, ['PATCH /channels']),
    {
      now: {
        verdict: 'better',
        why: 'Twitch ignores such a game and says yes; it is looked up first.',
        answer: failed('~Twitch knows no game of the id "1"'),
      },
    },
  ),
  rest(
    EXECUTE,
    'a message that Twitch holds back',
    ask('chat_message', { message: '{hold}' }),
    succeeded('chat_message', { message_sent: '{hold}' }, ['POST /chat/messages']),
    {
      now: {
        verdict: 'better',
        why: 'It was told as sent.',
        answer: failed('~.', ['POST /chat/messages']),
      },
    },
  ),
  rest(
    EXECUTE,
    'Twitch refuses',
    ask('vip_add', { user_id: '{vip}' }),
    failed('~^Twitch API error: 422 - \\{"error":"[^"]+","status":422,"message":"[^"]+"\\}$', [
      'POST /channels/vips',
    ]),
  ),
  rest(
    EXECUTE,
    'Twitch is out of order',
    ask('chat_message', { message: 'x' }),
    failed('~^Twitch API error: 400 - ', ['POST /chat/messages']),
    { fault: { status: 400, body: { error: 'Bad Request', status: 400, message: 'no' } } },
  ),
  rest(
    EXECUTE,
    'a message that looks like a command',
    ask('chat_message', { message: '/ban somebody' }),
    succeeded('chat_message', { message_sent: '/ban somebody' }, ['POST /chat/messages']),
    {
      now: {
        verdict: 'deliberate',
        why: 'Twitch shows it cut or not at all; put another sign before it.',
        answer: failed('~.*must not begin like a command'),
      },
    },
  ),
  rest(
    BATCH,
    'two actions',
    { actions: [ask('update_title', { title: 'One' }), ask('chat_message', { message: 'two' })] },
    {
      status: 200,
      body: {
        responses: [
          {
            success: true,
            message: 'Action update_title executed successfully',
            result_data: { title_updated: 'One' },
            error: '',
          },
          {
            success: true,
            message: 'Action chat_message executed successfully',
            result_data: { message_sent: 'two' },
            error: '',
          },
        ],
        total_count: 2,
        success_count: 2,
        failure_count: 0,
      },
      calls: ['PATCH /channels', 'POST /chat/messages'],
    },
  ),
  rest(
    BATCH,
    'one of two that fails',
    { actions: [ask('poke', {}), ask('update_title', { title: 'One' })] },
    {
      status: 200,
      body: {
        responses: [
          {
            success: false,
            message: 'Action execution failed',
            error: 'Unknown action type: poke',
          },
          { success: true },
        ],
        total_count: 2,
        success_count: 1,
        failure_count: 1,
      },
      calls: ['PATCH /channels'],
    },
  ),
  rest(
    BATCH,
    'an action without a broadcaster',
    {
      actions: [
        { action_type: 'update_title', parameters: { title: 'x' } },
        ask('update_title', { title: 'One' }),
      ],
    },
    {
      status: 200,
      body: {
        responses: [
          {
            success: false,
            message: 'Action execution failed',
            error: 'Action execution failed: No valid token for broadcaster None',
          },
          { success: true },
        ],
        total_count: 2,
        success_count: 1,
        failure_count: 1,
      },
      calls: ['PATCH /channels'],
    },
  ),
  rest(
    BATCH,
    'an action without a type',
    { actions: [{ broadcaster_id: '{broadcaster}' }] },
    {
      status: 200,
      body: {
        responses: [{ success: false, error: 'Unknown action type: None' }],
        total_count: 1,
        success_count: 0,
        failure_count: 1,
      },
    },
  ),
  rest(
    BATCH,
    'no actions',
    { actions: [] },
    { status: 400, body: { error: 'No actions provided' } },
  ),
  rest(BATCH, 'an empty object', {}, { status: 400, body: { error: 'No actions provided' } }),
  rest(
    BATCH,
    'more than MAX_BATCH_SIZE',
    { actions: Array.from({ length: 101 }, () => ask('clip')) },
    { status: 400, body: { error: 'Batch size exceeds maximum of 100' } },
  ),
  rest(
    'POST /api/v1/auth/token',
    'the secret',
    { api_key: '{secret}', service: 'hub' },
    { status: 200, body: { token: '<text>', expires_in: 3_600 } },
    { asked: { token: null } },
  ),
  rest(
    'POST /api/v1/auth/token',
    'the secret without a service',
    { api_key: '{secret}' },
    { status: 200, body: { token: '<text>', expires_in: 3_600 } },
    { asked: { token: null } },
  ),
  rest(
    'POST /api/v1/auth/token',
    'a wrong secret',
    { api_key: 'wrong', service: 'hub' },
    { status: 401, body: { error: 'Invalid API key' } },
    { asked: { token: null } },
  ),
  rest(
    'POST /api/v1/auth/token',
    'without a secret',
    { service: 'hub' },
    { status: 401, body: { error: 'Invalid API key' } },
    { asked: { token: null } },
  ),
  rest(
    'POST /api/v1/tokens/store',
    'tokens of a channel',
    {
      broadcaster_id: '{grantee}',
      access_token: '{access_token}',
      refresh_token: '{refresh_token}',
      expires_in: 3_600,
      scopes: ['user:write:chat'],
    },
    { status: 200, body: { success: true, message: 'Token stored successfully' } },
  ),
  rest(
    'POST /api/v1/tokens/store',
    'tokens without scopes and an end',
    {
      broadcaster_id: '{grantee}',
      access_token: '{access_token}',
      refresh_token: '{refresh_token}',
    },
    { status: 200, body: { success: true, message: 'Token stored successfully' } },
  ),
  rest(
    'POST /api/v1/tokens/store',
    'without a refresh token',
    { broadcaster_id: '{grantee}', access_token: '{access_token}' },
    {
      status: 400,
      body: { error: 'broadcaster_id, access_token, and refresh_token are required' },
    },
  ),
  rest(
    'POST /api/v1/tokens/store',
    'an empty object',
    {},
    {
      status: 400,
      body: { error: 'broadcaster_id, access_token, and refresh_token are required' },
    },
  ),
  rest(
    'POST /api/v1/tokens/store',
    'tokens that Twitch does not know',
    { broadcaster_id: '{grantee}', access_token: 'nonsense', refresh_token: 'nonsense' },
    { status: 200, body: { success: true, message: 'Token stored successfully' } },
    {
      now: {
        verdict: 'better',
        why: 'Twitch is asked before they are stored.',
        answer: { status: 400, body: { error: '~is worth nothing' } },
      },
    },
  ),
  rest(
    'POST /api/v1/tokens/revoke',
    'a channel with tokens',
    { broadcaster_id: '{broadcaster}' },
    { status: 200, body: { success: true, message: 'Token revoked successfully' } },
  ),
  rest(
    'POST /api/v1/tokens/revoke',
    'a channel without',
    { broadcaster_id: '999998' },
    { status: 200, body: { success: true, message: 'Token revoked successfully' } },
  ),
  rest(
    'POST /api/v1/tokens/revoke',
    'without a channel',
    {},
    { status: 400, body: { error: 'broadcaster_id is required' } },
  ),
  rest('GET /api/v1/stats', 'its figures', undefined, {
    status: 200,
    body: {
      module: 'twitch_action_module',
      version: '1.0.0',
      stats: { registered_broadcasters: '<number>', grpc_port: 50_053, rest_port: 8072 },
      timestamp: '<text>',
    },
  }),
  rest(
    'GET /api/v1/stats',
    'without a credential',
    undefined,
    { status: 401, body: { error: 'Missing or invalid Authorization header' } },
    {
      asked: { token: null },
      now: {
        verdict: 'better',
        why: 'The sentence goes on and says what to send.',
        answer: { status: 401, body: { error: '~^Missing or invalid Authorization header: send' } },
      },
    },
  ),
  rest(
    'GET /health',
    'its report',
    undefined,
    {
      status: 200,
      body: {
        status: 'healthy',
        module: 'twitch_action_module',
        version: '1.0.0',
        timestamp: '<text>',
        database: 'connected',
        grpc_port: 50_053,
        rest_port: 8072,
      },
    },
    { asked: { token: null } },
  ),
  ...refuseCredentials('twitch', EXECUTE, ask('clip'), {
    missing: { error: 'Missing or invalid Authorization header' },
    expired: { error: 'Invalid or expired token' },
    invalid: { error: 'Invalid or expired token' },
  }),
];

/** Over gRPC every value is a text; what is none is written as JSON. */
function asTexts(result: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(result).map(([name, value]) => [
      name,
      typeof value === 'string'
        ? value
        : typeof value === 'object'
          ? '<text>'
          : JSON.stringify(value),
    ]),
  );
}

function rpc(
  at: string,
  what: string,
  body: unknown,
  was: EarlierAnswer,
  more: Partial<Pick<EarlierFact, 'now'>> & { readonly token?: string | null } = {},
): EarlierFact {
  const { token, ...difference } = more;
  return {
    service: 'twitch',
    door: 'gRPC',
    at,
    what,
    asked: { body, ...(token !== undefined && { token }) },
    was,
    ...difference,
  };
}

const GRPC: readonly EarlierFact[] = [
  ...ACTIONS.map(({ type, parameters, result, call, sent }) =>
    rpc(
      'ExecuteAction',
      type,
      ask(type, parameters, { request_id: '', timestamp: 1_700_000_000 }),
      {
        body: {
          success: true,
          message: `Action ${type} executed successfully`,
          action_id: '<id>',
          result_data: asTexts(result),
          error: '',
        },
        calls: [call],
        ...(sent && { sent }),
      },
    ),
  ),
  rpc('ExecuteAction', 'a type that there is not', ask('poke', {}), {
    body: {
      success: false,
      message: 'Action execution failed',
      error: 'Unknown action type: poke',
    },
  }),
  rpc('ExecuteAction', 'without its parameters', ask('ban', {}), {
    body: {
      success: false,
      message: 'Action execution failed',
      error: `Action execution failed: ${OF_USER}`,
    },
  }),
  rpc(
    'ExecuteAction',
    'without a credential',
    ask('update_title', { title: 'x' }),
    { body: { success: true }, calls: ['PATCH /channels'] },
    {
      token: null,
      now: {
        verdict: 'deliberate',
        why: 'No RPC of it looked at a credential; send a token, or name the caller in PREDECESSOR_TRUST.',
        answer: { body: { success: false, error: '~^Authentication failed: ' } },
      },
    },
  ),
  rpc(
    'BatchExecuteActions',
    'two actions',
    { actions: [ask('update_title', { title: 'One' }), ask('poke', {})] },
    {
      body: {
        responses: [
          { success: true, result_data: { title_updated: 'One' } },
          { success: false, error: 'Unknown action type: poke' },
        ],
        total_count: 2,
        success_count: 1,
        failure_count: 1,
      },
      calls: ['PATCH /channels'],
    },
  ),
  rpc(
    'BatchExecuteActions',
    'no actions',
    { actions: [] },
    { body: { responses: [], total_count: 0, success_count: 0, failure_count: 0 } },
  ),
  rpc(
    'GetActionStatus',
    'an action that was carried out',
    { action_id: '{action}' },
    { body: { action_id: '{action}', status: 'completed' } },
  ),
  rpc(
    'GetActionStatus',
    'an action that there is not',
    { action_id: '01a1f892-13e1-70d1-b82d-4af2c28ee3c2' },
    { body: { status: 'completed', message: 'Action status tracking not yet implemented' } },
    {
      now: {
        verdict: 'better',
        why: 'It said completed of everything.',
        answer: { body: { status: 'not_found' } },
      },
    },
  ),
];

export const TWITCH_FACTS: readonly EarlierFact[] = [...EXECUTED, ...CASES, ...GRPC];
