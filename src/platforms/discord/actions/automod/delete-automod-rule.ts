import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';

class DeleteAutomodRule {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the rule', { example: '1300000000000000133' })
  rule_id!: string;

  @Reason()
  reason?: string;
}

class DeleteAutomodRuleDone {
  @Flag('The rule is gone')
  rule_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/auto-moderation#delete-auto-moderation-rule */
export const deleteAutomodRule = discordAction({
  type: 'delete_automod_rule',
  group: 'automod',
  summary: 'Delete a rule of the auto-moderation',
  docs: 'https://discord.com/developers/docs/resources/auto-moderation#delete-auto-moderation-rule',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10066',
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: DeleteAutomodRule,
  output: DeleteAutomodRuleDone,
  request: ({ guild_id, rule_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'auto-moderation', 'rules', rule_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ rule_deleted: true }),
  example: {
    input: { guild_id: '800000000000000001', rule_id: '1300000000000000133' },
    output: { rule_deleted: true },
  },
});
