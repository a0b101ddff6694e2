import type { EarlierAnswer, EarlierFact, EarlierService } from './fact.js';

/** Requests of a router, a workflow and a hub, which took a 200 for done and read these members of it. */
function ask(
  service: EarlierService,
  at: string,
  what: string,
  body: unknown,
  was: EarlierAnswer,
  now?: EarlierFact['now'],
): EarlierFact {
  return {
    service,
    door: 'REST',
    at: `POST /api/v1/${at}`,
    what,
    asked: { body, token: 'service key' },
    was,
    ...(now && { now }),
  };
}

const done = (
  body: object,
  calls: readonly string[],
  sent?: Record<string, unknown>,
): EarlierAnswer => ({
  status: 200,
  body: { success: true, ...body },
  calls,
  ...(sent && { sent }),
});

/** What the router sent with every command: the whole text of the chat, and the words behind the command. */
const command = (name: string, args: string, more: object = {}): object => ({
  command: name,
  args,
  user_id: '7',
  entity_id: 'twitch:{broadcaster}',
  community_id: 1,
  session_id: 's-{broadcaster}',
  message: args === '' ? name : `${name} ${args}`,
  ...more,
});

const ROUTER: readonly EarlierFact[] = [
  ask(
    'router',
    'execute',
    '!clip',
    command('!clip', ''),
    done({ result_data: { clip_id: '<id>' } }, ['POST /clips']),
  ),
  ask(
    'router',
    'execute',
    '#clip',
    command('#clip', ''),
    done({ result_data: { clip_id: '<id>' } }, ['POST /clips']),
  ),
  ask(
    'router',
    'execute',
    '!title and its words',
    command('!title', 'A new title'),
    done({}, ['PATCH /channels'], { title: 'A new title' }),
  ),
  ask(
    'router',
    'execute',
    '!game and an id',
    command('!game', '509658'),
    done({}, ['PATCH /channels'], { game_id: '509658' }),
  ),
  ask(
    'router',
    'execute',
    '!announce and its words',
    command('!announce', 'Hear, hear'),
    done({}, ['POST /chat/announcements'], { message: 'Hear, hear' }),
  ),
  ask(
    'router',
    'execute',
    '!so and a channel',
    command('!so', '{other}'),
    done({}, ['POST /chat/shoutouts'], { to_broadcaster_id: '{other}' }),
  ),
  ask(
    'router',
    'execute',
    '!ban, a user and a reason',
    command('!ban', '{viewer} too much spam'),
    done({}, ['POST /moderation/bans'], { data: { user_id: '{viewer}', reason: 'too much spam' } }),
  ),
  ask(
    'router',
    'execute',
    '!timeout, a user and a duration',
    command('!timeout', '{viewer} 60'),
    done({}, ['POST /moderation/bans'], { data: { user_id: '{viewer}', duration: 60 } }),
  ),
  ask(
    'router',
    'execute',
    '!raid and a channel',
    command('!raid', '{other}'),
    done({}, ['POST /raids'], { to_broadcaster_id: '{other}' }),
  ),
  ask('router', 'execute', '!marker', command('!marker', ''), done({}, ['POST /streams/markers'])),
  ask(
    'router',
    'execute',
    '!poll_create with bars',
    command('!poll_create', 'Next? | One | Two'),
    done({}, ['POST /polls'], { title: 'Next?', choices: [{ title: 'One' }, { title: 'Two' }] }),
  ),
  ask(
    'router',
    'execute',
    'a community as its entity',
    command('!title', 'By community', { entity_id: 'community:42', community_id: 42 }),
    done({}, ['PATCH /channels'], { title: 'By community' }),
  ),
  ask(
    'router',
    'execute',
    'a command of Discord',
    command('!say', 'hello', { entity_id: 'discord:{channel}' }),
    done({ result_data: { message_id: '<id>' } }, ['POST /channels/{channel}/messages'], {
      content: 'hello',
    }),
  ),
  ask('router', 'execute', 'a command that there is not', command('!poke', ''), {
    status: 404,
    body: { success: false, error: '~^Unknown action type: poke' },
  }),
  ask(
    'router',
    'execute',
    'without a command',
    { args: '' },
    { status: 400, body: { error: '~^command is missing' } },
  ),
];

const module_call = (name: string, input: object, more: object = {}): object => ({
  module_name: name,
  module_version: 'latest',
  input,
  entity_id: 'twitch:{broadcaster}',
  user_id: '7',
  session_id: 's',
  ...more,
});

const chat = (message: string, more: object = {}): object => ({
  message,
  destination: 'current_channel',
  entity_id: 'twitch:{broadcaster}',
  user_id: '7',
  platform: 'twitch',
  reply_to_message: false,
  ...more,
});

const WORKFLOW: readonly EarlierFact[] = [
  ask(
    'workflow',
    'execute-module',
    'a platform and an action',
    module_call('twitch_action_module', {
      action_type: 'announcement',
      message: 'x',
      color: 'blue',
    }),
    done({ output: '<any>', message: '<text>' }, ['POST /chat/announcements'], { color: 'blue' }),
  ),
  ask(
    'workflow',
    'execute-module',
    'parameters of their own',
    module_call('twitch', { action_type: 'update_title', parameters: { title: 'W' } }),
    done({ output: { title_updated: '<any>' } }, ['PATCH /channels'], { title: 'W' }),
  ),
  ask(
    'workflow',
    'execute-module',
    'a platform and a text, without an action',
    module_call('twitch_action_module', { message: 'said' }),
    done({ output: { message_id: '<id>' } }, ['POST /chat/messages'], { message: 'said' }),
  ),
  ask(
    'workflow',
    'execute-module',
    'Discord and a text, without an action',
    module_call('discord_action_module', { message: 'said' }, { entity_id: 'discord:{channel}' }),
    done({ output: { message_id: '<id>' } }, ['POST /channels/{channel}/messages'], {
      content: 'said',
    }),
  ),
  ask(
    'workflow',
    'execute-module',
    'the module shoutout',
    module_call('shoutout', { user_id: '{other}' }),
    done({ output: { shoutout_sent: true } }, ['POST /chat/shoutouts'], {
      to_broadcaster_id: '{other}',
    }),
  ),
  ask(
    'workflow',
    'execute-module',
    'the module shoutout_interaction_module',
    module_call('shoutout_interaction_module', { target_user_id: '{other}' }),
    done({ output: { shoutout_sent: true } }, ['POST /chat/shoutouts']),
  ),
  ask(
    'workflow',
    'execute-module',
    'the module twitch_clip',
    module_call('twitch_clip', {}),
    done({ output: { clip_id: '<id>' } }, ['POST /clips']),
  ),
  ask(
    'workflow',
    'execute-module',
    'a community as its entity',
    module_call('twitch', { action_type: 'update_title', title: 'C' }, { entity_id: 42 }),
    done({}, ['PATCH /channels']),
  ),
  ask(
    'workflow',
    'execute-module',
    'a module that is none of ours',
    module_call('ai_interaction', { prompt: 'x' }),
    { status: 404, body: { success: false, error: '~^Unknown action type: ai' } },
  ),
  ask(
    'workflow',
    'send-message',
    'the current channel of Twitch',
    chat('hello'),
    done({ message_id: '<id>' }, ['POST /chat/messages'], { message: 'hello' }),
  ),
  ask(
    'workflow',
    'send-message',
    'the current channel of Discord',
    chat('hello', { platform: 'discord', entity_id: '{channel}' }),
    done({ message_id: '<id>' }, ['POST /channels/{channel}/messages']),
  ),
  ask(
    'workflow',
    'send-message',
    'the current channel of a community on Discord',
    chat('hello', { platform: 'discord', entity_id: 42 }),
    done({ message_id: '<id>' }, ['POST /channels/{channel}/messages']),
  ),
  ask(
    'workflow',
    'send-message',
    'a channel that is named',
    chat('hello', {
      platform: 'discord',
      destination: 'specified_channel',
      channel_id: '{channel}',
    }),
    done({ message_id: '<id>' }, ['POST /channels/{channel}/messages']),
  ),
  ask(
    'workflow',
    'send-message',
    'one person on Twitch',
    chat('psst', { destination: 'user_pm', target_user_id: '{viewer}' }),
    done({}, ['POST /whispers'], { to_user_id: '{viewer}' }),
  ),
  ask(
    'workflow',
    'send-message',
    'the current channel of YouTube',
    chat('hello', { platform: 'youtube', entity_id: '{yt_channel}' }),
    done({ message_id: '<id>' }, ['POST /liveChat/messages']),
  ),
  ask('workflow', 'send-message', 'without a text', chat(''), {
    status: 400,
    body: { error: '~^message is missing' },
  }),
];

const EMBED = {
  title: 'News',
  description: 'x',
  color: 5_793_266,
  timestamp: '2026-11-20T10:00:00.000Z',
};

const HUB: readonly EarlierFact[] = [
  ask(
    'hub',
    'send-message',
    'an embed for Discord',
    {
      server_id: '{guild}',
      channel_id: '{channel}',
      message: { embed: EMBED },
      platform: 'discord',
    },
    done({ message_id: '<id>', id: '<id>' }, ['POST /channels/{channel}/messages'], {
      embeds: [{ title: 'News', color: 5_793_266 }],
    }),
  ),
  ask(
    'hub',
    'send-announcement',
    'an announcement for Twitch',
    {
      server_id: '{broadcaster}',
      channel_id: '',
      message: { message: 'News', color: 'orange' },
      platform: 'twitch',
    },
    done({}, ['POST /chat/announcements'], { message: 'News', color: 'orange' }),
  ),
  ask(
    'hub',
    'send-message',
    'a message for YouTube',
    {
      server_id: '{yt_channel}',
      channel_id: '',
      message: { message: 'News', color: 'red' },
      platform: 'youtube',
    },
    done({ id: '<id>' }, ['POST /liveChat/messages']),
  ),
  ask(
    'hub',
    'send-message',
    'blocks for Slack',
    { server_id: 'T1', channel_id: 'C1', message: { blocks: [] }, platform: 'slack' },
    done({}, []),
    {
      verdict: 'deliberate',
      why: 'Slack is not served yet; leave the earlier Slack service where it is.',
      answer: { status: 400, body: { error: '~^platform is "slack"' } },
    },
  ),
];

export const CALLERS_FACTS: readonly EarlierFact[] = [...ROUTER, ...WORKFLOW, ...HUB];
