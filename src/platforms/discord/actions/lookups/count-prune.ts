import { Integer } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class CountPrune {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Integer('Members that were not seen for so many days', { min: 1, max: 30, default: 7 })
  days!: number;
}

class CountPruneResult {
  @Integer('Members', { min: 0 })
  members!: number;
}

interface DiscordCountPrune {
  readonly pruned: number | null;
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-prune-count */
export const countPrune = discordAction({
  type: 'count_prune',
  group: 'lookups',
  summary: 'Count the members that a prune would remove',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild-prune-count',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: ['MANAGE_GUILD', 'KICK_MEMBERS'],
  actsAs: 'account',
  input: CountPrune,
  output: CountPruneResult,
  request: ({ guild_id, days }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'prune']),
    query: { days },
  }),
  response: (item: DiscordCountPrune) => ({ members: item.pruned ?? 0 }),
  example: { input: { guild_id: '800000000000000001', days: 30 }, output: { members: 0 } },
});
