import { Flag, Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfChannel,
  Reason,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class SetVoiceStatus {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000013' })
  channel_id!: string;

  @Text('The status; an empty one takes it away', { example: 'Karaoke', min: 0, max: 500 })
  status!: string;

  @Reason()
  reason?: string;
}

class SetVoiceStatusDone {
  @Flag('The status is set')
  status_set!: boolean;
}

/** @see https://discord.com/developers/docs/resources/channel#set-voice-channel-status */
export const setVoiceStatus = discordAction({
  type: 'set_voice_status',
  group: 'channels',
  summary: 'Set the status of a voice channel',
  docs: 'https://discord.com/developers/docs/resources/channel#set-voice-channel-status',
  effect: 'update',
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['SET_VOICE_CHANNEL_STATUS', 'MANAGE_CHANNELS'],
  actsAs: 'account',
  input: SetVoiceStatus,
  output: SetVoiceStatusDone,
  request: ({ channel_id, guild_id: _guild, reason, ...body }) => ({
    method: 'PUT',
    path: buildPath(['channels', channel_id, 'voice-status']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  yes: 'no body',
  response: () => ({ status_set: true }),
  example: {
    input: { channel_id: '700000000000000013', status: 'Karaoke' },
    output: { status_set: true },
  },
});
