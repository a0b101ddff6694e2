import { List, Text } from '../../../../actions/fields.js';
import { discordAction, Snowflake, takeAway } from '../../discord-action.js';
import { Picture, readPictures } from '../../pictures.js';

class UpdateBot {
  @Text('Name', { example: 'demo_bot', min: 2, max: 32 })
  username!: string;

  @Picture('Its picture', { optional: true })
  avatar?: string;

  @Picture('Banner', { optional: true })
  banner?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['avatar', 'banner'],
  })
  reset?: string[];
}

class UpdateBotResult {
  @Snowflake('Id of the bot')
  user_id!: string;

  @Text('Its name')
  username!: string;
}

interface UpdateBotAnswer {
  readonly id: string;
  readonly username: string;
}

/** @see https://discord.com/developers/docs/resources/user#modify-current-user */
export const updateBot = discordAction({
  type: 'update_bot',
  group: 'application',
  summary: 'Change the name or the picture of the bot',
  docs: 'https://discord.com/developers/docs/resources/user#modify-current-user',
  effect: 'update',
  repeatable: true,
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: UpdateBot,
  output: UpdateBotResult,
  run: async (input, _context, upstream) => {
    const { reset, ...body } = input;
    const pictures = await readPictures(body, ['avatar', 'banner'], upstream);
    const answer = await upstream.send<UpdateBotAnswer>({
      method: 'PATCH',
      path: '/users/@me',
      body: { ...body, ...takeAway(reset), ...pictures },
    });
    return { user_id: answer.id, username: answer.username };
  },
  example: {
    input: { username: 'demo_bot' },
    output: { user_id: '100000000000000001', username: 'demo_bot' },
  },
});
