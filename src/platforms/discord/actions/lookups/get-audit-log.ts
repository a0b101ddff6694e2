import { Integer, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { oneOf, Shape } from '../../../../actions/shapes.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { askBefore, findNext } from '../../discord-pages.js';

const LARGEST_PAGE = 100;

class GetAuditLog extends paged(LARGEST_PAGE) {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Only what this user did', { optional: true })
  user_id?: string;

  @Shape(
    'Only actions of this number of Discord',
    oneOf(
      1,
      10,
      11,
      12,
      13,
      14,
      15,
      20,
      21,
      22,
      23,
      24,
      25,
      26,
      27,
      28,
      30,
      31,
      32,
      40,
      41,
      42,
      50,
      51,
      52,
      60,
      61,
      62,
      72,
      73,
      74,
      75,
      80,
      81,
      82,
      83,
      84,
      85,
      90,
      91,
      92,
      100,
      101,
      102,
      110,
      111,
      112,
      121,
      130,
      131,
      132,
      140,
      141,
      142,
      143,
      144,
      145,
      146,
      150,
      151,
      163,
      164,
      165,
      166,
      167,
      171,
      172,
      180,
      190,
      191,
      192,
      193,
      200,
      201,
      202,
      211,
    ),
    { optional: true },
  )
  action_type?: number;

  @Snowflake('The next_page_token of the page before; left out for the first page', {
    optional: true,
  })
  override page_token?: string;
}

class GetAuditLogItem {
  @Snowflake('Id of the entry')
  id!: string;

  @Integer('What was done, as Discord numbers it', { min: 0 })
  action_type!: number;

  @Snowflake('Who did it', { optional: true })
  user_id?: string;

  @Text('What it was done to', { optional: true })
  target_id?: string;

  @Text('Why', { optional: true, min: 0 })
  reason?: string;
}

interface DiscordGetAuditLog {
  readonly id: string;
  readonly action_type: number;
  readonly user_id: string | null;
  readonly target_id: string | null;
  readonly reason?: string;
}

/** @see https://discord.com/developers/docs/resources/audit-log#get-guild-audit-log */
export const getAuditLog = discordAction({
  type: 'get_audit_log',
  group: 'lookups',
  summary: 'Read the audit log of a server, the newest entry first',
  docs: 'https://discord.com/developers/docs/resources/audit-log#get-guild-audit-log',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: ['VIEW_AUDIT_LOG'],
  actsAs: 'account',
  input: GetAuditLog,
  output: listOf(GetAuditLogItem),
  run: readPages<
    GetAuditLog,
    GetAuditLogItem,
    { readonly audit_log_entries: readonly DiscordGetAuditLog[] }
  >({
    largest: LARGEST_PAGE,
    request: ({ guild_id, user_id, action_type }, _context, page) => ({
      method: 'GET',
      path: buildPath(['guilds', guild_id, 'audit-logs']),
      query: { user_id, action_type, ...askBefore(page) },
    }),
    read: (answer, input) => ({
      items: answer.audit_log_entries.map((item) => ({
        id: item.id,
        action_type: item.action_type,
        user_id: item.user_id ?? undefined,
        target_id: item.target_id ?? undefined,
        reason: item.reason,
      })),
      next: findNext(
        input,
        LARGEST_PAGE,
        answer.audit_log_entries.map((item) => item.id),
      ),
    }),
  }),
  example: {
    input: { guild_id: '800000000000000001', page_size: 20, all: false },
    output: {
      items: [
        {
          id: '1300000000000000001',
          action_type: 22,
          user_id: '100000000000000001',
          target_id: '200000000000000001',
          reason: 'Spam',
        },
      ],
    },
  },
});
