import { requireChange } from '../../../../actions/changes.js';
import { Flag, List } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { DiscordChannel } from '../../names.js';

interface SetWidgetAnswer {
  readonly enabled: unknown;
}

class SetWidget {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordChannel('The channel', { optional: true })
  channel_id?: string;

  @Flag('It is on', { optional: true })
  enabled?: boolean;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['channel_id', 'enabled'],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class SetWidgetDone {
  @Flag('The widget is set')
  widget_set!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-widget */
export const setWidget = discordAction({
  type: 'set_widget',
  group: 'server',
  summary: 'Set the widget of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-widget',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('settings'),
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: SetWidget,
  output: SetWidgetDone,
  check: ({ guild_id: _guild0, reason: _reason1, ...changes }) => requireChange(changes),
  request: ({ guild_id, reset, reason, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'widget']),
    headers: giveReason(reason),
    body: { ...body, ...takeAway(reset) },
  }),
  response: ({ enabled }: SetWidgetAnswer) => {
    if (typeof enabled !== 'boolean') throw new TypeError('The answer is no widget');
    return { widget_set: true };
  },
  example: {
    input: { guild_id: '800000000000000001', enabled: true, channel_id: '700000000000000001' },
    output: { widget_set: true },
  },
});
