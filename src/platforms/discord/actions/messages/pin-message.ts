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

class PinMessage {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000016' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000020' })
  message_id!: string;

  @Reason()
  reason?: string;
}

class PinMessageDone {
  @Flag('The message is pinned')
  message_pinned!: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#pin-message */
export const pinMessage = discordAction({
  type: 'pin_message',
  group: 'messages',
  summary: 'Pin a message',
  docs: 'https://discord.com/developers/docs/resources/message#pin-message',
  effect: 'update',
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['PIN_MESSAGES'],
  actsAs: 'account',
  input: PinMessage,
  output: PinMessageDone,
  request: ({ channel_id, message_id, reason }) => ({
    method: 'PUT',
    path: buildPath(['channels', channel_id, 'messages', 'pins', message_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ message_pinned: true }),
  example: {
    input: { channel_id: '700000000000000016', message_id: '1300000000000000020' },
    output: { message_pinned: true },
  },
});
