import { List, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { Picture, readPictures } from '../../pictures.js';
import { IDS } from '../../mentions.js';

class CreateEmoji {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its name', { example: 'hooray', min: 2, max: 32 })
  name!: string;

  @Picture('Its picture', { example: 'data:image/png;base64,iVBORw0KGgo=' })
  image!: string;

  @List('Ids of the roles that may use it', { ...IDS, optional: true, maxItems: 1_000 })
  roles?: string[];

  @Reason()
  reason?: string;
}

class CreateEmojiResult {
  @Snowflake('Id of the emoji')
  emoji_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateEmojiAnswer {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/emoji#create-guild-emoji */
export const createEmoji = discordAction({
  type: 'create_emoji',
  group: 'expressions',
  summary: 'Add an emoji to a server',
  docs: 'https://discord.com/developers/docs/resources/emoji#create-guild-emoji',
  effect: 'create',
  scopes: [],
  permissions: ['CREATE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: CreateEmoji,
  output: CreateEmojiResult,
  run: async (input, _context, upstream) => {
    const { guild_id, reason, ...body } = input;
    const pictures = await readPictures(body, ['image'], upstream);
    const answer = await upstream.send<CreateEmojiAnswer>({
      method: 'POST',
      path: buildPath(['guilds', guild_id, 'emojis']),
      headers: giveReason(reason),
      body: { ...body, ...pictures },
    });
    return { emoji_id: answer.id, name: answer.name };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      name: 'hooray',
      image: 'data:image/png;base64,iVBORw0KGgo=',
    },
    output: { emoji_id: '1300000000000000007', name: 'hooray' },
  },
});
