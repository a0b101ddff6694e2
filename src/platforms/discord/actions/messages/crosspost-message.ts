import { buildPath, discordAction, orderOfChannel, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

interface CrosspostMessageAnswer {
  readonly id: string;
}

class CrosspostMessage {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000011' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000022' })
  message_id!: string;
}

class CrosspostMessageResult {
  @Snowflake('Id of the message')
  message_id!: string;
}

/** @see https://discord.com/developers/docs/resources/message#crosspost-message */
export const crosspostMessage = discordAction({
  type: 'crosspost_message',
  group: 'messages',
  summary: 'Send a message of an announcement channel to the channels that follow it',
  docs: 'https://discord.com/developers/docs/resources/message#crosspost-message',
  effect: 'update',
  alreadyDone: ({ platformCode }) => platformCode === '40033',
  order: orderOfChannel,
  scopes: [],
  permissions: ['SEND_MESSAGES', 'MANAGE_MESSAGES'],
  actsAs: 'account',
  input: CrosspostMessage,
  output: CrosspostMessageResult,
  request: ({ channel_id, message_id }) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'messages', message_id, 'crosspost']),
  }),
  response: (answer: CrosspostMessageAnswer) => ({ message_id: answer.id }),
  example: {
    input: { channel_id: '700000000000000011', message_id: '1300000000000000022' },
    output: { message_id: '1300000000000000022' },
  },
});
