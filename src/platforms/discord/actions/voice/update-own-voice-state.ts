import { requireChange } from '../../../../actions/changes.js';
import { Flag, List, Timestamp } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  orderOfGuild,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { DiscordChannel } from '../../names.js';

class UpdateOwnVoiceState {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Timestamp('When the bot asked to speak', { optional: true })
  request_to_speak_timestamp?: string;

  @Flag('The user is in the audience', { optional: true })
  suppress?: boolean;

  @DiscordChannel('The channel', { optional: true })
  channel_id?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['request_to_speak_timestamp', 'suppress', 'channel_id'],
  })
  reset?: string[];
}

class UpdateOwnVoiceStateDone {
  @Flag('The bot is moved')
  voice_state_updated!: boolean;
}

/** @see https://discord.com/developers/docs/resources/voice#modify-current-user-voice-state */
export const updateOwnVoiceState = discordAction({
  type: 'update_own_voice_state',
  group: 'voice',
  summary: 'Let the bot speak on a stage, ask to speak, or join the audience',
  docs: 'https://discord.com/developers/docs/resources/voice#modify-current-user-voice-state',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('voice'),
  scopes: [],
  permissions: ['MUTE_MEMBERS', 'REQUEST_TO_SPEAK'],
  actsAs: 'account',
  input: UpdateOwnVoiceState,
  output: UpdateOwnVoiceStateDone,
  check: ({ guild_id: _guild0, ...changes }) => requireChange(changes),
  request: ({ guild_id, reset, ...body }) => ({
    method: 'PATCH',
    path: `${buildPath(['guilds', guild_id, 'voice-states'])}/@me`,
    body: { ...body, ...takeAway(reset) },
  }),
  yes: 'no body',
  response: () => ({ voice_state_updated: true }),
  example: {
    input: { guild_id: '800000000000000001', channel_id: '700000000000000013', suppress: false },
    output: { voice_state_updated: true },
  },
});
