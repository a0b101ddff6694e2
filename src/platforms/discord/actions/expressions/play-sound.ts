import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class PlaySound {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000013' })
  channel_id!: string;

  @Snowflake('Id of the sound', { example: '1300000000000000121' })
  sound_id!: string;

  @Snowflake('Id of the server that the sound is of', { optional: true })
  source_guild_id?: string;
}

class PlaySoundDone {
  @Flag('The sound is played')
  sound_played!: boolean;
}

/** @see https://discord.com/developers/docs/resources/soundboard#send-soundboard-sound */
export const playSound = discordAction({
  type: 'play_sound',
  group: 'expressions',
  summary: 'Play a sound in the voice channel that the bot is in',
  docs: 'https://discord.com/developers/docs/resources/soundboard#send-soundboard-sound',
  effect: 'create',
  scopes: [],
  permissions: ['SPEAK', 'USE_SOUNDBOARD', 'USE_EXTERNAL_SOUNDS'],
  actsAs: 'account',
  input: PlaySound,
  output: PlaySoundDone,
  request: ({ channel_id, guild_id: _guild, ...body }) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'send-soundboard-sound']),
    body: { ...body },
  }),
  yes: 'no body',
  response: () => ({ sound_played: true }),
  example: {
    input: { channel_id: '700000000000000013', sound_id: '1300000000000000121' },
    output: { sound_played: true },
  },
});
