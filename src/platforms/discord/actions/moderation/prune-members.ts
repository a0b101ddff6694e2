import { Flag, Integer, List } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { IDS } from '../../mentions.js';

interface PruneMembersAnswer {
  readonly pruned: unknown;
}

class PruneMembers {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Integer('Members that were not seen for so many days', { optional: true, min: 1, max: 30 })
  days?: number;

  @Flag('Answer how many were removed; not advised for large servers', { optional: true })
  compute_prune_count?: boolean;

  @List('Ids of roles whose members are removed as well', { ...IDS, optional: true, maxItems: 100 })
  include_roles?: string[];

  @Reason()
  reason?: string;
}

class PruneMembersDone {
  @Flag('Members were removed')
  members_pruned!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#begin-guild-prune */
export const pruneMembers = discordAction({
  type: 'prune_members',
  group: 'moderation',
  summary: 'Remove members that were not seen for some days',
  docs: 'https://discord.com/developers/docs/resources/guild#begin-guild-prune',
  effect: 'delete',
  order: orderOfGuild('prune'),
  scopes: [],
  permissions: ['MANAGE_GUILD', 'KICK_MEMBERS'],
  actsAs: 'account',
  input: PruneMembers,
  output: PruneMembersDone,
  request: ({ guild_id, reason, ...body }) => ({
    method: 'POST',
    path: buildPath(['guilds', guild_id, 'prune']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: ({ pruned }: PruneMembersAnswer) => {
    if (pruned !== null && typeof pruned !== 'number')
      throw new TypeError('The answer does not tell how many');
    return { members_pruned: true };
  },
  example: {
    input: { guild_id: '800000000000000001', days: 30, compute_prune_count: false },
    output: { members_pruned: true },
  },
});
