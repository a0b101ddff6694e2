import {
  buildPath,
  discordAction,
  giveReason,
  orderOfChannel,
  Reason,
  requireSame,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class DeleteChannel {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000015' })
  channel_id!: string;

  @Reason()
  reason?: string;
}

class DeleteChannelResult {
  @Snowflake('Id of what is gone')
  channel_id!: string;
}

interface DeleteChannelAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/channel#deleteclose-channel */
export const deleteChannel = discordAction({
  type: 'delete_channel',
  group: 'channels',
  summary: 'Delete a channel or a thread, with all that is in it',
  docs: 'https://discord.com/developers/docs/resources/channel#deleteclose-channel',
  effect: 'delete',
  order: orderOfChannel,
  scopes: [],
  permissions: ['MANAGE_CHANNELS', 'MANAGE_THREADS'],
  actsAs: 'account',
  input: DeleteChannel,
  output: DeleteChannelResult,
  request: ({ channel_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['channels', channel_id]),
    headers: giveReason(reason),
  }),
  response: (answer: DeleteChannelAnswer, input) => ({
    channel_id: requireSame(answer.id, input.channel_id),
  }),
  example: {
    input: { channel_id: '700000000000000015', reason: 'Not used any more' },
    output: { channel_id: '700000000000000015' },
  },
});
