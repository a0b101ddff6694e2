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
import { IDS } from '../../mentions.js';

class UpdateEmoji {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the emoji', { example: '500000000000000002' })
  emoji_id!: string;

  @Text('Its name', { optional: true, min: 2, max: 32 })
  name?: string;

  @List('Ids of the roles that may use it', { ...IDS, optional: true, maxItems: 1_000 })
  roles?: string[];

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['roles'],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateEmojiResult {
  @Snowflake('Id of the emoji')
  emoji_id!: string;
}

interface UpdateEmojiAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/emoji#modify-guild-emoji */
export const updateEmoji = discordAction({
  type: 'update_emoji',
  group: 'expressions',
  summary: "Change a server's emoji",
  docs: 'https://discord.com/developers/docs/resources/emoji#modify-guild-emoji',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: UpdateEmoji,
  output: UpdateEmojiResult,
  check: ({ guild_id: _guild0, emoji_id: _emoji1, reason: _reason2, ...changes }) =>
    requireChange(changes),
  request: ({ guild_id, emoji_id, reset, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'emojis', emoji_id]),
    headers: giveReason(reason),
    body: { ...body, ...takeAway(reset) },
  }),
  response: (answer: UpdateEmojiAnswer, input) => ({
    emoji_id: requireSame(answer.id, input.emoji_id),
  }),
  example: {
    input: { guild_id: '800000000000000001', emoji_id: '500000000000000002', name: 'very_sad' },
    output: { emoji_id: '500000000000000002' },
  },
});
