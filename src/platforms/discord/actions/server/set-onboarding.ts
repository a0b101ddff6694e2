import { requireChange } from '../../../../actions/changes.js';
import { Flag, List } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { flag, Kind, list, object, oneOf, Shape, text } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { IDS } from '../../mentions.js';
import { ID } from '../../shapes/values.js';

class SetOnboarding {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Shape(
    'Questions to new members',
    list(
      object({
        title: text(1, 100),
        options: list(
          object({
            '?id': ID,
            title: text(1, 50),
            '?description': text(0, 100),
            '?emoji_id': ID,
            '?emoji_name': text(0, 100),
            '?emoji_animated': flag,
            '?role_ids': list(ID, 0, 50, true),
            '?channel_ids': list(ID, 0, 50, true),
          }),
          1,
          50,
        ),
        '?single_select': flag,
        '?required': flag,
        '?in_onboarding': flag,
        '?type': oneOf(0, 1),
        id: ID,
      }),
      0,
      15,
    ),
    { optional: true },
  )
  prompts?: JsonObject[];

  @Flag('It is on', { optional: true })
  enabled?: boolean;

  @List('Ids of channels that every new member sees', { ...IDS, optional: true, maxItems: 500 })
  default_channel_ids?: string[];

  @Kind(
    'What counts for the required number of channels',
    { default: 0, advanced: 1 },
    { optional: true },
  )
  mode?: number;

  @Reason()
  reason?: string;
}

class SetOnboardingResult {
  @Snowflake('Id of the server')
  guild_id!: string;

  @Flag('It is on')
  enabled!: boolean;
}

interface SetOnboardingAnswer {
  readonly guild_id: string;
  readonly enabled: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-onboarding */
export const setOnboarding = discordAction({
  type: 'set_onboarding',
  group: 'server',
  summary: 'Set what new members are asked',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-onboarding',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('settings'),
  scopes: [],
  permissions: ['MANAGE_GUILD', 'MANAGE_ROLES'],
  actsAs: 'account',
  input: SetOnboarding,
  output: SetOnboardingResult,
  check: ({ guild_id: _guild, reason: _reason, ...changes }) => requireChange(changes),
  request: ({ guild_id, reason, ...body }) => ({
    method: 'PUT',
    path: buildPath(['guilds', guild_id, 'onboarding']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: SetOnboardingAnswer) => ({
    guild_id: answer.guild_id,
    enabled: answer.enabled,
  }),
  example: {
    input: {
      guild_id: '800000000000000001',
      default_channel_ids: ['700000000000000001'],
      enabled: false,
    },
    output: { guild_id: '800000000000000001', enabled: false },
  },
});
