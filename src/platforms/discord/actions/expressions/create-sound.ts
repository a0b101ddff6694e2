import { Decimal, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';

class CreateSound {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its name', { example: 'fanfare', min: 2, max: 32 })
  name!: string;

  @Decimal('Volume, from 0 to 1', { optional: true, min: 0, max: 1 })
  volume?: number;

  @Snowflake("Id of one of the server's own emoji", { optional: true })
  emoji_id?: string;

  @Text('An emoji', { optional: true, max: 32 })
  emoji_name?: string;

  @Text('The sound: MP3 or Ogg as a data URI; 512 KiB by the documents', {
    max: 720_000,
    private: true,
    pattern: /^data:audio\/(mpeg|mp3|ogg);base64,[A-Za-z0-9+/]+={0,2}$/,
    patternMeans: 'a sound as data:audio/mpeg;base64,…',
  })
  sound!: string;

  @Reason()
  reason?: string;
}

class CreateSoundResult {
  @Snowflake('Id of the sound')
  sound_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateSoundAnswer {
  readonly sound_id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/soundboard#create-guild-soundboard-sound */
export const createSound = discordAction({
  type: 'create_sound',
  group: 'expressions',
  summary: 'Add a sound to the soundboard',
  docs: 'https://discord.com/developers/docs/resources/soundboard#create-guild-soundboard-sound',
  effect: 'create',
  scopes: [],
  permissions: ['CREATE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: CreateSound,
  output: CreateSoundResult,
  request: ({ guild_id, reason, ...body }) => ({
    method: 'POST',
    path: buildPath(['guilds', guild_id, 'soundboard-sounds']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: CreateSoundAnswer) => ({ sound_id: answer.sound_id, name: answer.name }),
  example: {
    input: {
      guild_id: '800000000000000001',
      name: 'fanfare',
      sound: 'data:audio/mpeg;base64,SUQz',
    },
    output: { sound_id: '1300000000000000008', name: 'fanfare' },
  },
});
