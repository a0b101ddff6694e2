import { Flag, Integer, List } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class GetOnboarding {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class GetOnboardingResult {
  @Flag('It is on')
  enabled!: boolean;

  @Integer('What counts for the required number of channels: 0 the usual ones, 1 answers as well', {
    min: 0,
  })
  mode!: number;

  @List('Ids of channels that every new member sees')
  default_channel_ids!: string[];

  @List('Titles of its questions')
  prompts!: string[];
}

interface DiscordGetOnboarding {
  readonly enabled: boolean;
  readonly mode: number;
  readonly default_channel_ids: readonly string[];
  readonly prompts: readonly { readonly title: string }[];
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-onboarding */
export const getOnboarding = discordAction({
  type: 'get_onboarding',
  group: 'lookups',
  summary: 'Read the onboarding of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild-onboarding',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: GetOnboarding,
  output: GetOnboardingResult,
  request: ({ guild_id }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'onboarding']),
  }),
  response: (item: DiscordGetOnboarding) => ({
    enabled: item.enabled,
    mode: item.mode,
    default_channel_ids: [...item.default_channel_ids],
    prompts: item.prompts.map(({ title }) => title),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: { enabled: false, mode: 0, default_channel_ids: [], prompts: [] },
  },
});
