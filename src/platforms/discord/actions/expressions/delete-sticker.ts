import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';

class DeleteSticker {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the sticker', { example: '1300000000000000113' })
  sticker_id!: string;

  @Reason()
  reason?: string;
}

class DeleteStickerDone {
  @Flag('The sticker is gone')
  sticker_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/sticker#delete-guild-sticker */
export const deleteSticker = discordAction({
  type: 'delete_sticker',
  group: 'expressions',
  summary: 'Delete a sticker',
  docs: 'https://discord.com/developers/docs/resources/sticker#delete-guild-sticker',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10060',
  scopes: [],
  permissions: ['MANAGE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: DeleteSticker,
  output: DeleteStickerDone,
  request: ({ guild_id, sticker_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'stickers', sticker_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ sticker_deleted: true }),
  example: {
    input: { guild_id: '800000000000000001', sticker_id: '1300000000000000113' },
    output: { sticker_deleted: true },
  },
});
