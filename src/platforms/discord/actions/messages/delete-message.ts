import { Flag } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfChannel,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

const UNKNOWN_MESSAGE = '10008';

class DeleteMessage {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000001' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000001' })
  message_id!: string;

  @Reason()
  reason?: string;
}

class DeletedMessage {
  @Flag('The message is gone')
  message_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#delete-message */
export const deleteMessage = discordAction({
  type: 'delete_message',
  group: 'messages',
  summary: 'Delete a message',
  docs: 'https://discord.com/developers/docs/resources/message#delete-message',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === UNKNOWN_MESSAGE,
  order: orderOfChannel,
  scopes: [],
  permissions: ['MANAGE_MESSAGES'],
  actsAs: 'account',
  input: DeleteMessage,
  output: DeletedMessage,
  request: ({ channel_id, message_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['channels', channel_id, 'messages', message_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ message_deleted: true }),
  example: {
    input: { channel_id: '700000000000000001', message_id: '1300000000000000001', reason: 'Spam' },
    output: { message_deleted: true },
  },
});
