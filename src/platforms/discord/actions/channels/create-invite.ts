import { Flag, Integer, List, Text } from '../../../../actions/fields.js';
import { Kind } from '../../../../actions/shapes.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { IDS } from '../../mentions.js';

class CreateInvite {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;

  @Integer('Seconds until it ends; 0 for never', { optional: true, min: 1, max: 604800 })
  max_age?: number;

  @Flag('Members leave again when they go offline without a role', { optional: true })
  temporary?: boolean;

  @Integer('How often it may be used; 0 for always', { optional: true, min: 0, max: 100 })
  max_uses?: number;

  @Flag('Make a new one, also where a similar one is there', { optional: true })
  unique?: boolean;

  @Snowflake('Id: whose stream it leads to', { optional: true })
  target_user_id?: string;

  @Snowflake('Id: the activity that it leads to', { optional: true })
  target_application_id?: string;

  @Kind('What a voice invite leads to', { stream: 1, embedded_application: 2 }, { optional: true })
  target_type?: number;

  @List('Ids of roles', { ...IDS, optional: true, maxItems: 250 })
  role_ids?: string[];

  @Reason()
  reason?: string;
}

class CreateInviteResult {
  @Text('Its code')
  code!: string;

  @Text('Its address')
  url!: string;
}

interface CreateInviteAnswer {
  readonly code: string;
}

/** @see https://discord.com/developers/docs/resources/channel#create-channel-invite */
export const createInvite = discordAction({
  type: 'create_invite',
  group: 'channels',
  summary: 'Create an invite to a channel',
  docs: 'https://discord.com/developers/docs/resources/channel#create-channel-invite',
  effect: 'create',
  scopes: [],
  permissions: ['CREATE_INSTANT_INVITE'],
  actsAs: 'account',
  input: CreateInvite,
  output: CreateInviteResult,
  request: ({ channel_id, guild_id: _guild, reason, ...body }) => ({
    method: 'POST',
    path: buildPath(['channels', channel_id, 'invites']),
    headers: giveReason(reason),
    body: { ...body },
  }),
  response: (answer: CreateInviteAnswer) => ({
    code: answer.code,
    url: `https://discord.gg/${answer.code}`,
  }),
  example: {
    input: { channel_id: '700000000000000024', max_age: 3600, max_uses: 5 },
    output: { code: 'abc', url: 'https://discord.gg/abc' },
  },
});
