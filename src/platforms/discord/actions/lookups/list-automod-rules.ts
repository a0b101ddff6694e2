import { Flag, Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListAutomodRules {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListAutomodRulesItem {
  @Snowflake('Id of the rule')
  id!: string;

  @Text('Its name')
  name!: string;

  @Integer('What it looks for: 1 words, 3 spam, 4 preset words, 5 mentions, 6 profiles', { min: 1 })
  trigger_type!: number;

  @Integer('What is looked at: 1 messages, 2 members', { min: 1 })
  event_type!: number;

  @Flag('It is on')
  enabled!: boolean;
}

interface DiscordListAutomodRules {
  readonly id: string;
  readonly name: string;
  readonly trigger_type: number;
  readonly event_type: number;
  readonly enabled: boolean;
}

/** @see https://discord.com/developers/docs/resources/auto-moderation#list-auto-moderation-rules-for-guild */
export const listAutomodRules = discordAction({
  type: 'list_automod_rules',
  group: 'lookups',
  summary: 'List the auto-moderation rules of a server',
  docs: 'https://discord.com/developers/docs/resources/auto-moderation#list-auto-moderation-rules-for-guild',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: ListAutomodRules,
  output: listOf(ListAutomodRulesItem),
  request: ({ guild_id }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'auto-moderation', 'rules']),
  }),
  yes: 'list',
  response: (answer: readonly DiscordListAutomodRules[]) => ({
    items: answer.map((item) => ({
      id: item.id,
      name: item.name,
      trigger_type: item.trigger_type,
      event_type: item.event_type,
      enabled: item.enabled,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: {
      items: [
        {
          id: '1300000000000000131',
          name: 'Bad words',
          trigger_type: 1,
          event_type: 1,
          enabled: true,
        },
      ],
    },
  },
});
