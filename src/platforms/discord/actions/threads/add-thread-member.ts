import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordUser, GuildOfNames } from '../../names.js';

class AddThreadMember {
  @GuildOfNames()
  guild_id?: string;

  @Snowflake('Id of the thread', { example: '700000000000000020' })
  thread_id!: string;

  @DiscordUser('The user', { example: '200000000000000001' })
  user_id!: string;
}

class AddThreadMemberDone {
  @Flag('The member is in the thread')
  member_added!: boolean;
}

/** @see https://discord.com/developers/docs/resources/channel#add-thread-member */
export const addThreadMember = discordAction({
  type: 'add_thread_member',
  group: 'threads',
  summary: 'Add a member to a thread',
  docs: 'https://discord.com/developers/docs/resources/channel#add-thread-member',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['SEND_MESSAGES_IN_THREADS'],
  actsAs: 'account',
  input: AddThreadMember,
  output: AddThreadMemberDone,
  request: ({ thread_id, user_id }) => ({
    method: 'PUT',
    path: buildPath(['channels', thread_id, 'thread-members', user_id]),
  }),
  yes: 'no body',
  response: () => ({ member_added: true }),
  example: {
    input: { thread_id: '700000000000000020', user_id: '200000000000000001' },
    output: { member_added: true },
  },
});
