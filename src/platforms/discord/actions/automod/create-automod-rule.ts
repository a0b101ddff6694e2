import { Flag, List, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { anyOf, Kind, list, Shape } from '../../../../actions/shapes.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { IDS } from '../../mentions.js';
import {
  BLOCK_MESSAGE_ACTION,
  FLAG_TO_CHANNEL_ACTION,
  QUARANTINE_USER_ACTION,
  USER_COMMUNICATION_DISABLED_ACTION,
} from '../../shapes/rules.js';
import { findRuleFaults, RULE_TRIGGER } from '../../automod.js';

class CreateAutomodRule {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its name', { example: 'No links', max: 100 })
  name!: string;

  @Kind('What is looked at', { message_send: 1, member_update: 2 }, { example: 1 })
  event_type!: number;

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
    { example: 1 },
  )
  trigger_type!: number;

  @Shape('Details of what it looks for', RULE_TRIGGER, { optional: true })
  trigger_metadata?: JsonObject;

  @Reason()
  reason?: string;
}

class CreateAutomodRuleResult {
  @Snowflake('Id of the rule')
  rule_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateAutomodRuleAnswer {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/auto-moderation#create-auto-moderation-rule */
export const createAutomodRule = discordAction({
  type: 'create_automod_rule',
  group: 'automod',
  summary: 'Create a rule of the auto-moderation',
  docs: 'https://discord.com/developers/docs/resources/auto-moderation#create-auto-moderation-rule',
  effect: 'create',
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: CreateAutomodRule,
  output: CreateAutomodRuleResult,
  check: findRuleFaults,
  request: ({ guild_id, reason, ...body }) => ({
    method: 'POST',
    path: buildPath(['guilds', guild_id, 'auto-moderation', 'rules']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: CreateAutomodRuleAnswer) => ({ rule_id: answer.id, name: answer.name }),
  example: {
    input: {
      guild_id: '800000000000000001',
      name: 'No links',
      event_type: 1,
      trigger_type: 1,
      trigger_metadata: { keyword_filter: ['http*'] },
      actions: [{ type: 1 }],
      enabled: true,
    },
    output: { rule_id: '1300000000000000006', name: 'No links' },
  },
});
