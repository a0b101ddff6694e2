import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';

class DeleteAppEmoji {
  @Snowflake('Id of the emoji', { example: '1300000000000000192' })
  emoji_id!: string;
}

class DeleteAppEmojiDone {
  @Flag('The emoji is gone')
  emoji_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/emoji#delete-application-emoji */
export const deleteAppEmoji = discordAction({
  type: 'delete_app_emoji',
  group: 'application',
  summary: 'Delete an emoji of the application',
  docs: 'https://discord.com/developers/docs/resources/emoji#delete-application-emoji',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10014',
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeleteAppEmoji,
  output: DeleteAppEmojiDone,
  run: async (input, _context, upstream) => {
    const { emoji_id } = input;
    const application = await findApplication(upstream);
    await upstream.send({
      yes: 'no body' as const,
      method: 'DELETE',
      path: buildPath(['applications', application, 'emojis', emoji_id]),
    });
    return { emoji_deleted: true };
  },
  example: { input: { emoji_id: '1300000000000000192' }, output: { emoji_deleted: true } },
});
