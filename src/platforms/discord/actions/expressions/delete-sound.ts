import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';

class DeleteSound {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the sound', { example: '1300000000000000123' })
  sound_id!: string;

  @Reason()
  reason?: string;
}

class DeleteSoundDone {
  @Flag('The sound is gone')
  sound_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/soundboard#delete-guild-soundboard-sound */
export const deleteSound = discordAction({
  type: 'delete_sound',
  group: 'expressions',
  summary: 'Delete a sound of the soundboard',
  docs: 'https://discord.com/developers/docs/resources/soundboard#delete-guild-soundboard-sound',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10097',
  scopes: [],
  permissions: ['MANAGE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: DeleteSound,
  output: DeleteSoundDone,
  request: ({ guild_id, sound_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'soundboard-sounds', sound_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ sound_deleted: true }),
  example: {
    input: { guild_id: '800000000000000001', sound_id: '1300000000000000123' },
    output: { sound_deleted: true },
  },
});
