import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class FollowChannel {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000011' })
  channel_id!: string;

  @DiscordChannel('Id of the channel that gets the messages', { example: '700000000000000024' })
  webhook_channel_id!: string;

  @Reason()
  reason?: string;
}

class FollowChannelResult {
  @Snowflake('Id of the webhook that brings them')
  webhook_id!: string;
}

interface FollowChannelAnswer {
  readonly webhook_id: string;
}

/** @see https://discord.com/developers/docs/resources/channel#follow-announcement-channel */
export const followChannel = discordAction({
  type: 'follow_channel',
  group: 'channels',
  summary: 'Have the messages of an announcement channel sent to a channel',
  docs: 'https://discord.com/developers/docs/resources/channel#follow-announcement-channel',
  effect: 'create',
  scopes: [],
  permissions: ['MANAGE_WEBHOOKS'],
  actsAs: 'account',
  input: FollowChannel,
  output: FollowChannelResult,
  request: ({ channel_id, guild_id: _guild, reason, ...body }) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'followers']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: FollowChannelAnswer) => ({ webhook_id: answer.webhook_id }),
  example: {
    input: { channel_id: '700000000000000011', webhook_channel_id: '700000000000000024' },
    output: { webhook_id: '1300000000000000003' },
  },
});
