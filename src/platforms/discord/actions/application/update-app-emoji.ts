import { requireChange } from '../../../../actions/changes.js';
import { Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  findApplication,
  requireSame,
  Snowflake,
} from '../../discord-action.js';

class UpdateAppEmoji {
  @Snowflake('Id of the emoji', { example: '1300000000000000191' })
  emoji_id!: string;

  @Text('Its name', { optional: true, min: 2, max: 32 })
  name?: string;
}

class UpdateAppEmojiResult {
  @Snowflake('Id of the emoji')
  emoji_id!: string;
}

interface UpdateAppEmojiAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/emoji#modify-application-emoji */
export const updateAppEmoji = discordAction({
  type: 'update_app_emoji',
  group: 'application',
  summary: 'Rename an emoji of the application',
  docs: 'https://discord.com/developers/docs/resources/emoji#modify-application-emoji',
  effect: 'update',
  repeatable: true,
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: UpdateAppEmoji,
  output: UpdateAppEmojiResult,
  check: ({ emoji_id: _emoji0, ...changes }) => requireChange(changes),
  run: async (input, _context, upstream) => {
    const { emoji_id, ...body } = input;
    const application = await findApplication(upstream);
    const answer = await upstream.send<UpdateAppEmojiAnswer>({
      method: 'PATCH',
      path: buildPath(['applications', application, 'emojis', emoji_id]),
      body: { ...body },
    });
    return { emoji_id: requireSame(answer.id, input.emoji_id) };
  },
  example: {
    input: { emoji_id: '1300000000000000191', name: 'new_logo' },
    output: { emoji_id: '1300000000000000191' },
  },
});
