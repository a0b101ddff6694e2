import { Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListWebhooks {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListWebhooksItem {
  @Snowflake('Id of the webhook')
  id!: string;

  @Integer('Its kind: 1 with a secret, 2 a follower of a channel, 3 of an application', { min: 1 })
  type!: number;

  @Text('Its name', { optional: true, min: 0 })
  name?: string;

  @Snowflake('Id of its channel', { optional: true })
  channel_id?: string;

  @Snowflake('Id of the application that made it', { optional: true })
  application_id?: string;
}

interface DiscordListWebhooks {
  readonly id: string;
  readonly type: number;
  readonly name: string | null;
  readonly channel_id: string | null;
  readonly application_id: string | null;
}

/** @see https://discord.com/developers/docs/resources/webhook#get-guild-webhooks */
export const listWebhooks = discordAction({
  type: 'list_webhooks',
  group: 'lookups',
  summary: 'List the webhooks of a server, without their secrets',
  docs: 'https://discord.com/developers/docs/resources/webhook#get-guild-webhooks',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: ['MANAGE_WEBHOOKS'],
  actsAs: 'account',
  input: ListWebhooks,
  output: listOf(ListWebhooksItem),
  request: ({ guild_id }) => ({ method: 'GET', path: buildPath(['guilds', guild_id, 'webhooks']) }),
  yes: 'list',
  response: (answer: readonly DiscordListWebhooks[]) => ({
    items: answer.map((item) => ({
      id: item.id,
      type: item.type,
      name: item.name ?? undefined,
      channel_id: item.channel_id ?? undefined,
      application_id: item.application_id ?? undefined,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: {
      items: [
        {
          id: '1300000000000000002',
          type: 1,
          name: 'News',
          channel_id: '700000000000000001',
          application_id: '100000000000000001',
        },
      ],
    },
  },
});
