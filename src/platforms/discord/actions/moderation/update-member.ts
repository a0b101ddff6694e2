import { requireChange } from '../../../../actions/changes.js';
import { Flag, Integer, List, Text, Timestamp } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfMember,
  Reason,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { DiscordChannel, DiscordUser } from '../../names.js';
import { IDS } from '../../mentions.js';

interface UpdateMemberAnswer {
  readonly user: { readonly id: string };
}

class UpdateMember {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordUser('The user', { example: '200000000000000005' })
  user_id!: string;

  @Text('Nickname', { optional: true, min: 0, max: 32 })
  nick?: string;

  @List('Ids of all of its roles', { ...IDS, optional: true, maxItems: 350 })
  roles?: string[];

  @Flag('Mute in voice channels', { optional: true })
  mute?: boolean;

  @Flag('Deafen in voice channels', { optional: true })
  deaf?: boolean;

  @DiscordChannel('The voice channel to move to', { optional: true })
  channel_id?: string;

  @Timestamp('Until when the member is silenced', { optional: true })
  communication_disabled_until?: string;

  @Integer('Flags of Discord as a sum', { optional: true, min: 0, max: 2147483647 })
  flags?: number;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: [
      'nick',
      'roles',
      'mute',
      'deaf',
      'channel_id',
      'communication_disabled_until',
      'flags',
    ],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateMemberDone {
  @Flag('The member is changed')
  member_updated!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-member */
export const updateMember = discordAction({
  type: 'update_member',
  group: 'moderation',
  summary: 'Change a member: nickname, roles, voice channel, mute, deafen',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-member',
  effect: 'update',
  repeatable: true,
  order: orderOfMember,
  scopes: [],
  permissions: [
    'MANAGE_NICKNAMES',
    'MANAGE_ROLES',
    'MUTE_MEMBERS',
    'DEAFEN_MEMBERS',
    'MOVE_MEMBERS',
    'MODERATE_MEMBERS',
  ],
  actsAs: 'account',
  input: UpdateMember,
  output: UpdateMemberDone,
  check: ({ guild_id: _guild0, user_id: _user1, reason: _reason2, ...changes }) =>
    requireChange(changes),
  request: ({ guild_id, user_id, reset, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'members', user_id]),
    headers: giveReason(reason),
    body: { ...body, ...takeAway(reset) },
  }),
  yes: 'body or none',
  response: (answer: UpdateMemberAnswer | undefined) => ({
    member_updated: answer === undefined || answer.user.id !== '',
  }),
  example: {
    input: { guild_id: '800000000000000001', user_id: '200000000000000005', nick: 'Five' },
    output: { member_updated: true },
  },
});
