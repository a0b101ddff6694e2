import { requireChange } from '../../../../actions/changes.js';
import { Flag, List, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { list, object, Shape, text } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { ID } from '../../shapes/values.js';

interface SetWelcomeScreenAnswer {
  readonly welcome_channels: unknown;
}

class SetWelcomeScreen {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('What it is about', { optional: true, min: 0, max: 140 })
  description?: string;

  @Shape(
    'Channels that are shown',
    list(
      object({
        channel_id: ID,
        description: text(1, 50),
        '?emoji_id': ID,
        '?emoji_name': text(0, 152133),
      }),
      0,
      5,
    ),
    { optional: true },
  )
  welcome_channels?: JsonObject[];

  @Flag('It is on', { optional: true })
  enabled?: boolean;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['description', 'welcome_channels', 'enabled'],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class SetWelcomeScreenDone {
  @Flag('The welcome screen is set')
  welcome_screen_set!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-welcome-screen */
export const setWelcomeScreen = discordAction({
  type: 'set_welcome_screen',
  group: 'server',
  summary: 'Set the welcome screen',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-welcome-screen',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('settings'),
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: SetWelcomeScreen,
  output: SetWelcomeScreenDone,
  check: ({ guild_id: _guild0, reason: _reason1, ...changes }) => requireChange(changes),
  request: ({ guild_id, reset, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'welcome-screen']),
    headers: giveReason(reason),
    body: { ...body, ...takeAway(reset) },
  }),
  response: ({ welcome_channels }: SetWelcomeScreenAnswer) => {
    if (!Array.isArray(welcome_channels)) throw new TypeError('The answer is no welcome screen');
    return { welcome_screen_set: true };
  },
  example: {
    input: { guild_id: '800000000000000001', description: 'Welcome to the demo server' },
    output: { welcome_screen_set: true },
  },
});
