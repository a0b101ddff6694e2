import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class JoinThread {
  @Snowflake('Id of the thread', { example: '700000000000000020' })
  thread_id!: string;
}

class JoinThreadDone {
  @Flag('The bot is in the thread')
  thread_joined!: boolean;
}

/** @see https://discord.com/developers/docs/resources/channel#join-thread */
export const joinThread = discordAction({
  type: 'join_thread',
  group: 'threads',
  summary: 'Let the bot join a thread',
  docs: 'https://discord.com/developers/docs/resources/channel#join-thread',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: JoinThread,
  output: JoinThreadDone,
  request: ({ thread_id }) => ({
    method: 'PUT',
    path: `${buildPath(['channels', thread_id, 'thread-members'])}/@me`,
  }),
  yes: 'no body',
  response: () => ({ thread_joined: true }),
  example: { input: { thread_id: '700000000000000020' }, output: { thread_joined: true } },
});
