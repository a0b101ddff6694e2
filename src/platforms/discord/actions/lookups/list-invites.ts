import { Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListInvites {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListInvitesItem {
  @Text('Its code, the last part of its address')
  code!: string;

  @Snowflake('Id of its channel', { optional: true })
  channel_id?: string;

  @Integer('How often it was used', { min: 0 })
  uses!: number;

  @Integer('How often it may be used; 0 for always', { min: 0 })
  max_uses!: number;

  @Text('When it ends', { optional: true })
  expires_at?: string;
}

interface DiscordListInvites {
  readonly code: string;
  readonly channel?: { readonly id: string };
  readonly uses?: number;
  readonly max_uses?: number;
  readonly expires_at: string | null;
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-invites */
export const listInvites = discordAction({
  type: 'list_invites',
  group: 'lookups',
  summary: 'List the invites of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild-invites',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: ListInvites,
  output: listOf(ListInvitesItem),
  request: ({ guild_id }) => ({ method: 'GET', path: buildPath(['guilds', guild_id, 'invites']) }),
  yes: 'list',
  response: (answer: readonly DiscordListInvites[]) => ({
    items: answer.map((item) => ({
      code: item.code,
      channel_id: item.channel?.id,
      uses: item.uses ?? 0,
      max_uses: item.max_uses ?? 0,
      expires_at: item.expires_at ?? undefined,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: {
      items: [{ code: 'demoinvite', channel_id: '700000000000000001', uses: 0, max_uses: 0 }],
    },
  },
});
