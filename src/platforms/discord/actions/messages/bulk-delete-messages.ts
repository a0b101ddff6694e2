import { Integer, List } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  isSnowflake,
  orderOfChannel,
  Reason,
} from '../../discord-action.js';
import { IDS } from '../../mentions.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

const TWO_WEEKS_MS = 14 * 86_400_000;
const DISCORD_EPOCH = 1_420_070_400_000;
/** What one request takes. */
const MOST_AT_ONCE = 100;
const FEWEST_AT_ONCE = 2;
const MOST = 1_000;

class BulkDeleteMessages {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000017' })
  channel_id!: string;

  @List(
    'Ids of the messages, none older than 14 days; beyond 100 they are deleted in several requests',
    {
      ...IDS,
      minItems: 1,
      maxItems: MOST,
      example: ['9000000000000000001', '9000000000000000002'],
    },
  )
  message_ids!: string[];

  @Reason()
  reason?: string;
}

class BulkDeletedMessages {
  @Integer('Messages that were deleted, or were gone already', { min: 0 })
  deleted!: number;
}

/** Whether a message is too old for deletion in bulk, by its id, which tells when it was sent. */
function isOld(id: string): boolean {
  return Number(BigInt(id) >> 22n) + DISCORD_EPOCH < Date.now() - TWO_WEEKS_MS;
}

/** @see https://discord.com/developers/docs/resources/message#bulk-delete-messages */
export const bulkDeleteMessages = discordAction({
  type: 'bulk_delete_messages',
  group: 'messages',
  summary: 'Delete many messages of the last 14 days',
  docs: 'https://discord.com/developers/docs/resources/message#bulk-delete-messages',
  effect: 'delete',
  // Messages that are gone already are no fault.
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['MANAGE_MESSAGES'],
  actsAs: 'account',
  input: BulkDeleteMessages,
  output: BulkDeletedMessages,
  check: ({ message_ids }) => {
    const wrong = message_ids.find((id) => !isSnowflake(id));
    if (wrong !== undefined) return [{ field: 'message_ids', message: 'must hold ids of Discord' }];
    const old = message_ids.filter(isOld);
    const message = `holds ${old.length} messages that are older than 14 days, which Discord does not delete in bulk; delete them one by one with delete_message: ${old.slice(0, 5).join(', ')}`;
    return old.length > 0 ? [{ field: 'message_ids', message }] : [];
  },
  run: async ({ channel_id, message_ids, reason }, _context, upstream) => {
    const place = ['channels', channel_id, 'messages'];
    const headers = giveReason(reason);
    for (let from = 0; from < message_ids.length; from += MOST_AT_ONCE) {
      const messages = message_ids.slice(from, from + MOST_AT_ONCE);
      const [only = ''] = messages;
      // One message cannot be deleted in bulk.
      await upstream.send(
        messages.length < FEWEST_AT_ONCE
          ? { method: 'DELETE', path: buildPath([...place, only]), headers, yes: 'no body' }
          : {
              method: 'POST',
              path: buildPath([...place, 'bulk-delete']),
              headers,
              body: { messages },
              yes: 'no body',
            },
      );
    }
    return { deleted: message_ids.length };
  },
  example: {
    input: {
      channel_id: '700000000000000017',
      message_ids: ['9000000000000000001', '9000000000000000002'],
    },
    output: { deleted: 2 },
  },
});
