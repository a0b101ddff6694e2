import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class LeaveThread {
  @Snowflake('Id of the thread', { example: '700000000000000025' })
  thread_id!: string;
}

class LeaveThreadDone {
  @Flag('The bot is not in the thread')
  thread_left!: boolean;
}

/** @see https://discord.com/developers/docs/resources/channel#leave-thread */
export const leaveThread = discordAction({
  type: 'leave_thread',
  group: 'threads',
  summary: 'Let the bot leave a thread',
  docs: 'https://discord.com/developers/docs/resources/channel#leave-thread',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: LeaveThread,
  output: LeaveThreadDone,
  request: ({ thread_id }) => ({
    method: 'DELETE',
    path: `${buildPath(['channels', thread_id, 'thread-members'])}/@me`,
  }),
  yes: 'no body',
  response: () => ({ thread_left: true }),
  example: { input: { thread_id: '700000000000000025' }, output: { thread_left: true } },
});
