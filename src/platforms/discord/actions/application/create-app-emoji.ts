import { Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';
import { Picture, readPictures } from '../../pictures.js';

class CreateAppEmoji {
  @Text('Its name', { example: 'logo', min: 2, max: 32 })
  name!: string;

  @Picture('Its picture', { example: 'data:image/png;base64,iVBORw0KGgo=' })
  image!: string;
}

class CreateAppEmojiResult {
  @Snowflake('Id of the emoji')
  emoji_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateAppEmojiAnswer {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/emoji#create-application-emoji */
export const createAppEmoji = discordAction({
  type: 'create_app_emoji',
  group: 'application',
  summary: 'Add an emoji to the application',
  docs: 'https://discord.com/developers/docs/resources/emoji#create-application-emoji',
  effect: 'create',
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: CreateAppEmoji,
  output: CreateAppEmojiResult,
  run: async (input, _context, upstream) => {
    const { ...body } = input;
    const application = await findApplication(upstream);
    const pictures = await readPictures(body, ['image'], upstream);
    const answer = await upstream.send<CreateAppEmojiAnswer>({
      method: 'POST',
      path: buildPath(['applications', application, 'emojis']),
      body: { ...body, ...pictures },
    });
    return { emoji_id: answer.id, name: answer.name };
  },
  example: {
    input: { name: 'logo', image: 'data:image/png;base64,iVBORw0KGgo=' },
    output: { emoji_id: '1300000000000000011', name: 'logo' },
  },
});
