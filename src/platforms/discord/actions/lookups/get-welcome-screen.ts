import { List, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class GetWelcomeScreen {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class GetWelcomeScreenResult {
  @Text('What it says', { optional: true, min: 0 })
  description?: string;

  @List('Ids of the channels that it shows')
  channel_ids!: string[];
}

interface DiscordGetWelcomeScreen {
  readonly description: string | null;
  readonly welcome_channels: readonly { readonly channel_id: string }[];
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-welcome-screen */
export const getWelcomeScreen = discordAction({
  type: 'get_welcome_screen',
  group: 'lookups',
  summary: 'Read the welcome screen of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild-welcome-screen',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: GetWelcomeScreen,
  output: GetWelcomeScreenResult,
  request: ({ guild_id }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'welcome-screen']),
  }),
  response: (item: DiscordGetWelcomeScreen) => ({
    description: item.description ?? undefined,
    channel_ids: item.welcome_channels.map(({ channel_id }) => channel_id),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: { description: 'Welcome!', channel_ids: ['700000000000000001'] },
  },
});
