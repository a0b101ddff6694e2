import { requireChange } from '../../../../actions/changes.js';
import { List, Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  Reason,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';

class UpdateSticker {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the sticker', { example: '1300000000000000112' })
  sticker_id!: string;

  @Text('Its name', { optional: true, min: 2, max: 30 })
  name?: string;

  @Text('Words for finding it, comma-separated', { optional: true, max: 200 })
  tags?: string;

  @Text('What it is about', { optional: true, min: 0, max: 100 })
  description?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['description'],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateStickerResult {
  @Snowflake('Id of the sticker')
  sticker_id!: string;
}

interface UpdateStickerAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/sticker#modify-guild-sticker */
export const updateSticker = discordAction({
  type: 'update_sticker',
  group: 'expressions',
  summary: 'Change a sticker',
  docs: 'https://discord.com/developers/docs/resources/sticker#modify-guild-sticker',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: UpdateSticker,
  output: UpdateStickerResult,
  check: ({ guild_id: _guild0, sticker_id: _sticker1, reason: _reason2, ...changes }) =>
    requireChange(changes),
  request: ({ guild_id, sticker_id, reset, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'stickers', sticker_id]),
    headers: giveReason(reason),
    body: { ...body, ...takeAway(reset) },
  }),
  response: (answer: UpdateStickerAnswer, input) => ({
    sticker_id: requireSame(answer.id, input.sticker_id),
  }),
  example: {
    input: { guild_id: '800000000000000001', sticker_id: '1300000000000000112', name: 'giggle' },
    output: { sticker_id: '1300000000000000112' },
  },
});
