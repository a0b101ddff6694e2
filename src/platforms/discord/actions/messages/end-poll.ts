import { buildPath, discordAction, orderOfChannel, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

interface EndPollAnswer {
  readonly id: string;
}

class EndPoll {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000023' })
  message_id!: string;
}

class EndPollResult {
  @Snowflake('Id of the message with the poll')
  message_id!: string;
}

/** @see https://discord.com/developers/docs/resources/poll#end-poll */
export const endPoll = discordAction({
  type: 'end_poll',
  group: 'messages',
  summary: "End one of the bot's own polls now",
  docs: 'https://discord.com/developers/docs/resources/poll#end-poll',
  effect: 'update',
  order: orderOfChannel,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: EndPoll,
  output: EndPollResult,
  request: ({ channel_id, message_id }) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'polls', message_id, 'expire']),
  }),
  response: (answer: EndPollAnswer) => ({ message_id: answer.id }),
  example: {
    input: { channel_id: '700000000000000024', message_id: '1300000000000000023' },
    output: { message_id: '1300000000000000023' },
  },
});
