import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordUser, GuildOfNames } from '../../names.js';

class RemoveThreadMember {
  @GuildOfNames()
  guild_id?: string;

  @Snowflake('Id of the thread', { example: '700000000000000021' })
  thread_id!: string;

  @DiscordUser('The user', { example: '200000000000000005' })
  user_id!: string;
}

class RemoveThreadMemberDone {
  @Flag('The member is not in the thread')
  member_removed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/channel#remove-thread-member */
export const removeThreadMember = discordAction({
  type: 'remove_thread_member',
  group: 'threads',
  summary: 'Remove a member from a thread',
  docs: 'https://discord.com/developers/docs/resources/channel#remove-thread-member',
  effect: 'update',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10007',
  scopes: [],
  permissions: ['MANAGE_THREADS'],
  actsAs: 'account',
  input: RemoveThreadMember,
  output: RemoveThreadMemberDone,
  request: ({ thread_id, user_id }) => ({
    method: 'DELETE',
    path: buildPath(['channels', thread_id, 'thread-members', user_id]),
  }),
  yes: 'no body',
  response: () => ({ member_removed: true }),
  example: {
    input: { thread_id: '700000000000000021', user_id: '200000000000000005' },
    output: { member_removed: true },
  },
});
