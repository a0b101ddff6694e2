import { requireChange } from '../../../../actions/changes.js';
import { Decimal, List, Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  Reason,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';

class UpdateSound {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the sound', { example: '1300000000000000122' })
  sound_id!: string;

  @Text('Its name', { optional: true, min: 2, max: 32 })
  name?: string;

  @Decimal('Volume, from 0 to 1', { optional: true, min: 0, max: 1 })
  volume?: number;

  @Snowflake("Id of one of the server's own emoji", { optional: true })
  emoji_id?: string;

  @Text('An emoji', { optional: true, max: 32 })
  emoji_name?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['volume', 'emoji_id', 'emoji_name'],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateSoundResult {
  @Snowflake('Id of the sound')
  sound_id!: string;
}

interface UpdateSoundAnswer {
  readonly sound_id: string;
}

/** @see https://discord.com/developers/docs/resources/soundboard#modify-guild-soundboard-sound */
export const updateSound = discordAction({
  type: 'update_sound',
  group: 'expressions',
  summary: 'Change a sound of the soundboard',
  docs: 'https://discord.com/developers/docs/resources/soundboard#modify-guild-soundboard-sound',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: UpdateSound,
  output: UpdateSoundResult,
  check: ({ guild_id: _guild0, sound_id: _sound1, reason: _reason2, ...changes }) =>
    requireChange(changes),
  request: ({ guild_id, sound_id, reset, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'soundboard-sounds', sound_id]),
    headers: giveReason(reason),
    body: { ...body, ...takeAway(reset) },
  }),
  response: (answer: UpdateSoundAnswer, input) => ({
    sound_id: requireSame(answer.sound_id, input.sound_id),
  }),
  example: {
    input: { guild_id: '800000000000000001', sound_id: '1300000000000000122', volume: 0.5 },
    output: { sound_id: '1300000000000000122' },
  },
});
