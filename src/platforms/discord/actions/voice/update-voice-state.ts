import { requireChange } from '../../../../actions/changes.js';
import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, orderOfMember, Snowflake } from '../../discord-action.js';
import { DiscordChannel, DiscordUser } from '../../names.js';

class UpdateVoiceState {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordUser('The user', { example: '200000000000000025' })
  user_id!: string;

  @Flag('The user is in the audience', { optional: true })
  suppress?: boolean;

  @DiscordChannel('The channel', { optional: true })
  channel_id?: string;
}

class UpdateVoiceStateDone {
  @Flag('The member is moved')
  voice_state_updated!: boolean;
}

/** @see https://discord.com/developers/docs/resources/voice#modify-user-voice-state */
export const updateVoiceState = discordAction({
  type: 'update_voice_state',
  group: 'voice',
  summary: 'Let a member of a stage speak, or move it to the audience',
  docs: 'https://discord.com/developers/docs/resources/voice#modify-user-voice-state',
  effect: 'update',
  repeatable: true,
  order: orderOfMember,
  scopes: [],
  permissions: ['MUTE_MEMBERS'],
  actsAs: 'account',
  input: UpdateVoiceState,
  output: UpdateVoiceStateDone,
  check: ({ guild_id: _guild0, user_id: _user1, ...changes }) => requireChange(changes),
  request: ({ guild_id, user_id, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'voice-states', user_id]),
    body: { ...body },
  }),
  yes: 'no body',
  response: () => ({ voice_state_updated: true }),
  example: {
    input: {
      guild_id: '800000000000000001',
      user_id: '200000000000000025',
      channel_id: '700000000000000014',
      suppress: false,
    },
    output: { voice_state_updated: true },
  },
});
