import { Flag, List, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { anyOf, Kind, list, Shape } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  Reason,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { IDS } from '../../mentions.js';
import {
  BLOCK_MESSAGE_ACTION,
  FLAG_TO_CHANNEL_ACTION,
  QUARANTINE_USER_ACTION,
  USER_COMMUNICATION_DISABLED_ACTION,
} from '../../shapes/rules.js';
import { findRuleChangeFaults, RULE_TRIGGER } from '../../automod.js';

class UpdateAutomodRule {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the rule', { example: '1300000000000000132' })
  rule_id!: string;

  @Text('Its name', { optional: true, max: 100 })
  name?: string;

  @Kind('What is looked at', { message_send: 1, member_update: 2 }, { optional: true })
  event_type?: number;

  @Shape(
    'What is done then',
    list(
      anyOf(
        BLOCK_MESSAGE_ACTION,
        FLAG_TO_CHANNEL_ACTION,
        QUARANTINE_USER_ACTION,
        USER_COMMUNICATION_DISABLED_ACTION,
      ),
      1,
      5,
    ),
    { optional: true },
  )
  actions?: JsonObject[];

  @Flag('It is on', { optional: true })
  enabled?: boolean;

  @List('Ids of roles that it does not concern', { ...IDS, optional: true, maxItems: 20 })
  exempt_roles?: string[];

  @List('Ids of channels that it does not concern', { ...IDS, optional: true, maxItems: 50 })
  exempt_channels?: string[];

  @Kind(
    'What the rule looks for',
    { keyword: 1, spam: 3, keyword_preset: 4, mention_spam: 5, member_profile: 6 },
    { optional: true },
  )
  trigger_type?: number;

  @Shape('Details of what it looks for', RULE_TRIGGER, { optional: true })
  trigger_metadata?: JsonObject;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['actions', 'enabled', 'exempt_roles', 'exempt_channels'],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateAutomodRuleResult {
  @Snowflake('Id of the rule')
  rule_id!: string;
}

interface UpdateAutomodRuleAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/auto-moderation#modify-auto-moderation-rule */
export const updateAutomodRule = discordAction({
  type: 'update_automod_rule',
  group: 'automod',
  summary: 'Change a rule of the auto-moderation',
  docs: 'https://discord.com/developers/docs/resources/auto-moderation#modify-auto-moderation-rule',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: UpdateAutomodRule,
  output: UpdateAutomodRuleResult,
  check: findRuleChangeFaults,
  request: ({ guild_id, rule_id, reset, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'auto-moderation', 'rules', rule_id]),
    headers: giveReason(reason),
    body: { ...body, ...takeAway(reset) },
  }),
  response: (answer: UpdateAutomodRuleAnswer, input) => ({
    rule_id: requireSame(answer.id, input.rule_id),
  }),
  example: {
    input: { guild_id: '800000000000000001', rule_id: '1300000000000000132', enabled: false },
    output: { rule_id: '1300000000000000132' },
  },
});
