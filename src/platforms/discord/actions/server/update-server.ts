import { requireChange } from '../../../../actions/changes.js';
import { Choice, Flag, Integer, List, Text } from '../../../../actions/fields.js';
import { Kind } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { DiscordChannel } from '../../names.js';
import { Picture, readPictures } from '../../pictures.js';

class UpdateServer {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its name', { optional: true, min: 2, max: 100 })
  name?: string;

  @Text('What it is about', { optional: true, min: 0, max: 300 })
  description?: string;

  @Text('Voice region (deprecated)', { optional: true, min: 0, max: 100 })
  region?: string;

  @Picture('Its picture', { optional: true })
  icon?: string;

  @Kind(
    'What members must have to write',
    { none: 0, low: 1, medium: 2, high: 3, very_high: 4 },
    { optional: true },
  )
  verification_level?: number;

  @Kind('What members are notified of', { all_messages: 0, only_mentions: 1 }, { optional: true })
  default_message_notifications?: number;

  @Kind(
    'Whose media are scanned',
    { disabled: 0, members_without_roles: 1, all_members: 2 },
    { optional: true },
  )
  explicit_content_filter?: number;

  @Choice(
    'Language of the server, such as en-US',
    [
      'ar',
      'bg',
      'cs',
      'da',
      'de',
      'el',
      'en-GB',
      'en-US',
      'es-419',
      'es-ES',
      'fi',
      'fr',
      'he',
      'hi',
      'hr',
      'hu',
      'id',
      'it',
      'ja',
      'ko',
      'lt',
      'nl',
      'no',
      'pl',
      'pt-BR',
      'ro',
      'ru',
      'sv-SE',
      'th',
      'tr',
      'uk',
      'vi',
      'zh-CN',
      'zh-TW',
    ],
    { optional: true },
  )
  preferred_locale?: string;

  @Kind(
    'After how long the idle are moved',
    { minute: 60, five_minutes: 300, quarter: 900, half_hour: 1800, hour: 3600 },
    { optional: true },
  )
  afk_timeout?: number;

  @DiscordChannel('Voice channel of the idle', { optional: true })
  afk_channel_id?: string;

  @DiscordChannel('Channel of notices', { optional: true })
  system_channel_id?: string;

  @Picture('Picture of its invites', { optional: true })
  splash?: string;

  @Picture('Banner', { optional: true })
  banner?: string;

  @Integer('Which notices are left out, as a sum', { optional: true, min: 0, max: 2147483647 })
  system_channel_flags?: number;

  @List('Features to have', { optional: true, unique: true, maxItems: 100, maxLength: 100 })
  features?: string[];

  @Picture('Picture in the discovery', { optional: true })
  discovery_splash?: string;

  @Picture('Picture of the server guide', { optional: true })
  home_header?: string;

  @DiscordChannel('Channel of the rules', { optional: true })
  rules_channel_id?: string;

  @DiscordChannel('Channel of safety notices', { optional: true })
  safety_alerts_channel_id?: string;

  @DiscordChannel("Channel of Discord's notices to moderators", { optional: true })
  public_updates_channel_id?: string;

  @Flag('Show the boosts', { optional: true })
  premium_progress_bar_enabled?: boolean;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: [
      'description',
      'region',
      'icon',
      'verification_level',
      'default_message_notifications',
      'explicit_content_filter',
      'preferred_locale',
      'afk_timeout',
      'afk_channel_id',
      'system_channel_id',
      'splash',
      'banner',
      'system_channel_flags',
      'features',
      'discovery_splash',
      'home_header',
      'rules_channel_id',
      'safety_alerts_channel_id',
      'public_updates_channel_id',
      'premium_progress_bar_enabled',
    ],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateServerResult {
  @Snowflake('Id of the server')
  guild_id!: string;
}

interface UpdateServerAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild */
export const updateServer = discordAction({
  type: 'update_server',
  group: 'server',
  summary: 'Change the settings of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('settings'),
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: UpdateServer,
  output: UpdateServerResult,
  check: ({ guild_id: _guild0, reason: _reason1, ...changes }) => requireChange(changes),
  run: async (input, _context, upstream) => {
    const { guild_id, reset, reason, ...body } = input;
    const pictures = await readPictures(
      body,
      ['icon', 'splash', 'banner', 'discovery_splash', 'home_header'],
      upstream,
    );
    const answer = await upstream.send<UpdateServerAnswer>({
      method: 'PATCH',
      path: buildPath(['guilds', guild_id]),
      headers: giveReason(reason),
      body: { ...body, ...takeAway(reset), ...pictures },
    });
    return { guild_id: requireSame(answer.id, input.guild_id) };
  },
  example: {
    input: { guild_id: '800000000000000001', description: 'A place for demos' },
    output: { guild_id: '800000000000000001' },
  },
});
