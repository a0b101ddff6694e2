import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';

class DeleteEmoji {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the emoji', { example: '500000000000000003' })
  emoji_id!: string;

  @Reason()
  reason?: string;
}

class DeleteEmojiDone {
  @Flag('The emoji is gone')
  emoji_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/emoji#delete-guild-emoji */
export const deleteEmoji = discordAction({
  type: 'delete_emoji',
  group: 'expressions',
  summary: "Delete a server's emoji",
  docs: 'https://discord.com/developers/docs/resources/emoji#delete-guild-emoji',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10014',
  scopes: [],
  permissions: ['MANAGE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: DeleteEmoji,
  output: DeleteEmojiDone,
  request: ({ guild_id, emoji_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'emojis', emoji_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ emoji_deleted: true }),
  example: {
    input: { guild_id: '800000000000000001', emoji_id: '500000000000000003' },
    output: { emoji_deleted: true },
  },
});
