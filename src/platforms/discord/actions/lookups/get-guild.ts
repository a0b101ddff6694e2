import { Integer, List, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class GetGuild {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class GetGuildResult {
  @Snowflake('Id of the server')
  id!: string;

  @Text('Its name')
  name!: string;

  @Snowflake('Id of its owner')
  owner_id!: string;

  @Text('What it is about', { optional: true, min: 0 })
  description?: string;

  @Integer('What members must have to write', { min: 0 })
  verification_level!: number;

  @Text('Language')
  preferred_locale!: string;

  @Snowflake('Channel of notices', { optional: true })
  system_channel_id?: string;

  @Snowflake('Channel of the rules', { optional: true })
  rules_channel_id?: string;

  @List('Features of the server')
  features!: string[];
}

interface DiscordGetGuild {
  readonly id: string;
  readonly name: string;
  readonly owner_id: string;
  readonly description: string | null;
  readonly verification_level: number;
  readonly preferred_locale: string;
  readonly system_channel_id: string | null;
  readonly rules_channel_id: string | null;
  readonly features: readonly string[];
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild */
export const getGuild = discordAction({
  type: 'get_guild',
  group: 'lookups',
  summary: 'Read a server',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: GetGuild,
  output: GetGuildResult,
  request: ({ guild_id }) => ({ method: 'GET', path: buildPath(['guilds', guild_id]) }),
  response: (item: DiscordGetGuild) => ({
    id: item.id,
    name: item.name,
    owner_id: item.owner_id,
    description: item.description ?? undefined,
    verification_level: item.verification_level,
    preferred_locale: item.preferred_locale,
    system_channel_id: item.system_channel_id ?? undefined,
    rules_channel_id: item.rules_channel_id ?? undefined,
    features: [...item.features],
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: {
      id: '800000000000000001',
      name: 'Demo server',
      owner_id: '200000000000000009',
      verification_level: 0,
      preferred_locale: 'en-US',
      features: [],
    },
  },
});
