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

class UnpinMessage {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000016' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000021' })
  message_id!: string;

  @Reason()
  reason?: string;
}

class UnpinMessageDone {
  @Flag('The message is not pinned any more')
  message_unpinned!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#unpin-message */
export const unpinMessage = discordAction({
  type: 'unpin_message',
  group: 'messages',
  summary: 'Unpin a message',
  docs: 'https://discord.com/developers/docs/resources/message#unpin-message',
  effect: 'update',
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['PIN_MESSAGES'],
  actsAs: 'account',
  input: UnpinMessage,
  output: UnpinMessageDone,
  request: ({ channel_id, message_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['channels', channel_id, 'messages', 'pins', message_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ message_unpinned: true }),
  example: {
    input: { channel_id: '700000000000000016', message_id: '1300000000000000021' },
    output: { message_unpinned: true },
  },
});
