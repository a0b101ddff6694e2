import { requireChange } from '../../../../actions/changes.js';
import { List, Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { Picture, readPictures } from '../../pictures.js';

interface UpdateOwnMemberAnswer {
  readonly user?: { readonly id?: string };
}

class UpdateOwnMember {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Nickname', { optional: true, min: 0, max: 32 })
  nick?: string;

  @Picture('Its picture', { optional: true })
  avatar?: string;

  @Text('About the bot', { optional: true, min: 0, max: 190 })
  bio?: string;

  @Picture('Banner', { optional: true })
  banner?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['nick', 'avatar', 'bio', 'banner'],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateOwnMemberResult {
  @Snowflake('Id of the bot')
  user_id!: string;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-current-member */
export const updateOwnMember = discordAction({
  type: 'update_own_member',
  group: 'server',
  summary: 'Change how the bot appears in one server',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-current-member',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('own'),
  scopes: [],
  permissions: ['CHANGE_NICKNAME'],
  actsAs: 'account',
  input: UpdateOwnMember,
  output: UpdateOwnMemberResult,
  check: ({ guild_id: _guild0, reason: _reason1, ...changes }) => requireChange(changes),
  run: async (input, _context, upstream) => {
    const { guild_id, reset, reason, ...body } = input;
    const pictures = await readPictures(body, ['avatar', 'banner'], upstream);
    const answer = await upstream.send<UpdateOwnMemberAnswer>({
      method: 'PATCH',
      path: `${buildPath(['guilds', guild_id, 'members'])}/@me`,
      headers: giveReason(reason),
      body: { ...body, ...takeAway(reset), ...pictures },
    });
    return { user_id: answer.user?.id ?? '' };
  },
  example: {
    input: { guild_id: '800000000000000001', nick: 'Demo' },
    output: { user_id: '100000000000000001' },
  },
});
