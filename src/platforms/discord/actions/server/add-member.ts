import { Flag, Integer, List, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, orderOfMember, Snowflake } from '../../discord-action.js';
import { IDS } from '../../mentions.js';
import { Token } from '../../../../actions/fields.js';

interface AddMemberAnswer {
  readonly user: { readonly id: string };
}

class AddMember {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the user', { example: '200000000000000024' })
  user_id!: string;

  @Text('Nickname', { optional: true, min: 0, max: 32 })
  nick?: string;

  @List('Ids of the roles to give', { ...IDS, optional: true, maxItems: 250 })
  roles?: string[];

  @Flag('Mute in voice channels', { optional: true })
  mute?: boolean;

  @Flag('Deafen in voice channels', { optional: true })
  deaf?: boolean;

  @Token("The user's OAuth token with the scope guilds.join", { max: 2_048 })
  access_token!: string;

  @Integer('Flags of Discord as a sum', { optional: true, min: 0, max: 2147483647 })
  flags?: number;
}

class AddMemberDone {
  @Flag('The user is a member')
  member_added!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#add-guild-member */
export const addMember = discordAction({
  type: 'add_member',
  group: 'server',
  summary: 'Add a user to a server, by an OAuth token of theirs',
  docs: 'https://discord.com/developers/docs/resources/guild#add-guild-member',
  effect: 'create',
  repeatable: true,
  order: orderOfMember,
  scopes: [],
  permissions: ['CREATE_INSTANT_INVITE'],
  actsAs: 'account',
  input: AddMember,
  output: AddMemberDone,
  request: ({ guild_id, user_id, ...body }) => ({
    method: 'PUT',
    path: buildPath(['guilds', guild_id, 'members', user_id]),
    body: { ...body },
  }),
  yes: 'body or none',
  response: (answer: AddMemberAnswer | undefined) => ({
    member_added: answer === undefined || answer.user.id !== '',
  }),
  example: {
    input: {
      guild_id: '800000000000000001',
      user_id: '200000000000000024',
      access_token: 'sandbox-token-of-200000000000000024',
    },
    output: { member_added: true },
  },
});
