import { Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class GetInvite {
  @Text('Its code, the last part of its address', {
    max: 64,
    pattern: /^[\w-]+$/,
    patternMeans: 'a code of letters, digits, "-" and "_"',
    example: 'demoinvite',
  })
  code!: string;
}

class GetInviteResult {
  @Text('Its code')
  code!: string;

  @Snowflake('Id of its server', { optional: true })
  guild_id?: string;

  @Snowflake('Id of its channel', { optional: true })
  channel_id?: string;

  @Text('When it ends', { optional: true })
  expires_at?: string;
}

interface DiscordGetInvite {
  readonly code: string;
  readonly guild?: { readonly id: string };
  readonly channel?: { readonly id: string };
  readonly expires_at: string | null;
}

/** @see https://discord.com/developers/docs/resources/invite#get-invite */
export const getInvite = discordAction({
  type: 'get_invite',
  group: 'lookups',
  summary: 'Read an invite',
  docs: 'https://discord.com/developers/docs/resources/invite#get-invite',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: GetInvite,
  output: GetInviteResult,
  request: ({ code }) => ({ method: 'GET', path: buildPath(['invites', code]) }),
  response: (item: DiscordGetInvite) => ({
    code: item.code,
    guild_id: item.guild?.id,
    channel_id: item.channel?.id,
    expires_at: item.expires_at ?? undefined,
  }),
  example: {
    input: { code: 'demoinvite' },
    output: {
      code: 'demoinvite',
      guild_id: '800000000000000001',
      channel_id: '700000000000000001',
    },
  },
});
