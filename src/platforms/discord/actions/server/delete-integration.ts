import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';

class DeleteIntegration {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the integration', { example: '1300000000000000171' })
  integration_id!: string;

  @Reason()
  reason?: string;
}

class DeleteIntegrationDone {
  @Flag('The integration is gone')
  integration_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#delete-guild-integration */
export const deleteIntegration = discordAction({
  type: 'delete_integration',
  group: 'server',
  summary: 'Delete an integration, with its webhooks and its bot',
  docs: 'https://discord.com/developers/docs/resources/guild#delete-guild-integration',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10005',
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: DeleteIntegration,
  output: DeleteIntegrationDone,
  request: ({ guild_id, integration_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'integrations', integration_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ integration_deleted: true }),
  example: {
    input: { guild_id: '800000000000000001', integration_id: '1300000000000000171' },
    output: { integration_deleted: true },
  },
});
