import type { Upstream } from '../../../../actions/action.js';
import { ActionFailure, type FieldViolation } from '../../../../actions/failures.js';
import { Flag, Integer, List, Parts, Text, Timestamp } from '../../../../actions/fields.js';
import { carryOutParts, requireEveryPart, type UndonePart } from '../../../../actions/parts.js';
import {
  buildPath,
  discordAction,
  giveReason,
  isSnowflake,
  orderOfChannel,
  Reason,
} from '../../discord-action.js';
import { IDS } from '../../mentions.js';
import { idOfMoment, isTooOld, readSentAt } from '../../message-age.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

/** What one request takes. */
const MOST_AT_ONCE = 100;
const FEWEST_AT_ONCE = 2;
const PAGE = 100;
const MOST = 1_000;
/** A message that is nearly too old may be too old when the request arrives. */
const MARGIN_MS = 60_000;
const UNKNOWN_MESSAGE = '10008';

class BulkDeleteMessages {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000017' })
  channel_id!: string;

  @List('Ids of the messages; beyond 100 they are deleted in several requests', {
    ...IDS,
    optional: true,
    minItems: 1,
    maxItems: MOST,
    example: ['9000000000000000001', '9000000000000000002'],
  })
  message_ids?: string[];

  @Timestamp('In place of ids: messages that were sent before this time', { optional: true })
  older_than?: string;

  @Timestamp('In place of ids: messages that were sent at this time or later', { optional: true })
  newer_than?: string;

  @Integer('The most messages to delete by their time, the newest first; 1000 if left out', {
    optional: true,
    min: 1,
    max: MOST,
  })
  limit?: number;

  @Flag(
    'Messages older than 14 days, which Discord does not delete in bulk, are deleted one by one',
    {
      optional: true,
    },
  )
  include_old?: boolean;

  @Reason()
  reason?: string;
}

class UndeletedMessages {
  @List('Ids of the messages', { maxItems: MOST })
  message_ids!: string[];

  @Text('Why, as Discord or the gateway says')
  error!: string;
}

class BulkDeletedMessages {
  @Integer('Messages that were deleted, or were gone already', { min: 0 })
  deleted!: number;

  @Flag('Messages of that time are left because they are older than 14 days; send include_old', {
    optional: true,
  })
  old_left?: boolean;

  @Flag('More messages of that time are left, beyond the limit', { optional: true })
  more_left?: boolean;

  @Parts('What surely had no effect', UndeletedMessages, { optional: true })
  failed?: UndeletedMessages[];

  @Parts('What may have happened: Discord gave no clear answer', UndeletedMessages, {
    optional: true,
  })
  in_doubt?: UndeletedMessages[];

  @List('Ids of messages that were not tried any more', { optional: true, maxItems: MOST })
  not_tried?: string[];
}

/** @see https://discord.com/developers/docs/resources/message#bulk-delete-messages */
export const bulkDeleteMessages = discordAction({
  type: 'bulk_delete_messages',
  group: 'messages',
  summary: 'Delete many messages, by their ids or by their time',
  docs: 'https://discord.com/developers/docs/resources/message#bulk-delete-messages',
  effect: 'delete',
  // Messages that are gone already are no fault.
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['MANAGE_MESSAGES', 'READ_MESSAGE_HISTORY'],
  actsAs: 'account',
  takesLong: true,
  input: BulkDeleteMessages,
  output: BulkDeletedMessages,
  check: findFaults,
  run: async (input, _context, upstream) => {
    const { channel_id, message_ids, reason } = input;
    const found: Found = message_ids ? { ids: message_ids } : await findMessages(input, upstream);
    const { ids, ...left } = found;
    const parts = chunk(ids, Date.now());
    const report = await carryOutParts(
      parts,
      upstream,
      (done) => ({ deleted: done.flat().length }),
      (part) => deleteMessages(channel_id, part, reason, upstream),
    );
    const result = { deleted: report.done.flat().length, ...left };
    requireEveryPart(report, {
      what: 'messages',
      size: (part) => part.length,
      name: namePart,
      partialResult: {
        ...result,
        failed: report.failed.map(tellUndeleted),
        in_doubt: report.inDoubt.map(tellUndeleted),
        not_tried: report.untried.flat(),
      },
    });
    return result;
  },
  example: {
    input: {
      channel_id: '700000000000000017',
      message_ids: ['9000000000000000001', '9000000000000000002'],
    },
    output: { deleted: 2 },
  },
});

function findFaults(input: BulkDeleteMessages): FieldViolation[] {
  const { message_ids, older_than, newer_than, limit, include_old = false } = input;
  const isByTime = older_than !== undefined || newer_than !== undefined;
  if (!message_ids) {
    if (!isByTime)
      return [
        { field: 'message_ids', message: 'is missing: send it, or older_than, or newer_than' },
      ];
    return older_than !== undefined &&
      newer_than !== undefined &&
      Date.parse(newer_than) >= Date.parse(older_than)
      ? [{ field: 'newer_than', message: 'must be before older_than' }]
      : [];
  }
  if (isByTime || limit !== undefined)
    return [
      {
        field: 'message_ids',
        message: 'must be left out where older_than, newer_than or limit is given',
      },
    ];
  if (!message_ids.every(isSnowflake))
    return [{ field: 'message_ids', message: 'must hold ids of Discord' }];
  const old = include_old ? [] : message_ids.filter((id) => isTooOld(id, Date.now()));
  const message = `holds ${old.length} messages that are older than 14 days, which Discord does not delete in bulk; leave them out, or send include_old to have them deleted one by one: ${old.slice(0, 5).join(', ')}`;
  return old.length > 0 ? [{ field: 'message_ids', message }] : [];
}

/** Messages of a time, and what of that time is left. */
interface Found {
  readonly ids: readonly string[];
  readonly old_left?: boolean;
  readonly more_left?: boolean;
}

/** @see https://discord.com/developers/docs/resources/message#get-channel-messages */
async function findMessages(input: BulkDeleteMessages, upstream: Upstream): Promise<Found> {
  const { channel_id, older_than, newer_than, limit = MOST, include_old = false } = input;
  const now = Date.now();
  const from = newer_than === undefined ? -Infinity : Date.parse(newer_than);
  const ids: string[] = [];
  let before = older_than === undefined ? undefined : idOfMoment(Date.parse(older_than));
  for (;;) {
    const page = await upstream.send<readonly { readonly id: string }[]>({
      method: 'GET',
      path: buildPath(['channels', channel_id, 'messages']),
      query: { limit: PAGE, before },
      yes: 'list',
      placeholder: [{ id: '<id of a message>' }, { id: '<id of another message>' }],
    });
    for (const { id } of page) {
      if ((readSentAt(id) ?? now) < from) return { ids, old_left: false, more_left: false };
      if (!include_old && isTooOld(id, now)) return { ids, old_left: true, more_left: false };
      if (ids.length === limit) return { ids, old_left: false, more_left: true };
      ids.push(id);
    }
    const last = page.at(-1)?.id;
    if (page.length < PAGE || last === undefined) return { ids, old_left: false, more_left: false };
    before = last;
  }
}

/** Requests of up to 100 messages each; those that are too old have one each. */
function chunk(ids: readonly string[], now: number): readonly (readonly string[])[] {
  const old = ids.filter((id) => isTooOld(id, now, MARGIN_MS));
  const young = ids.filter((id) => !isTooOld(id, now, MARGIN_MS));
  const chunks: (readonly string[])[] = [];
  for (let from = 0; from < young.length; from += MOST_AT_ONCE)
    chunks.push(young.slice(from, from + MOST_AT_ONCE));
  return [...chunks, ...old.map((id) => [id])];
}

async function deleteMessages(
  channelId: string,
  messages: readonly string[],
  reason: string | undefined,
  upstream: Upstream,
): Promise<void> {
  const place = ['channels', channelId, 'messages'];
  const headers = giveReason(reason);
  const [only = ''] = messages;
  if (messages.length >= FEWEST_AT_ONCE)
    return upstream.send({
      method: 'POST',
      path: buildPath([...place, 'bulk-delete']),
      headers,
      body: { messages },
      yes: 'no body',
    });
  try {
    await upstream.send({
      method: 'DELETE',
      path: buildPath([...place, only]),
      headers,
      yes: 'no body',
    });
  } catch (error) {
    const failure =
      error instanceof ActionFailure ? (error.details.refusedStep ?? error) : undefined;
    if (failure?.details.platformCode !== UNKNOWN_MESSAGE) throw error;
  }
}

function namePart(ids: readonly string[]): string {
  const [first = ''] = ids;
  return ids.length === 1 ? first : `${ids.length} messages from ${first}`;
}

function tellUndeleted({ part, failure }: UndonePart<readonly string[]>): UndeletedMessages {
  return { message_ids: [...part], error: failure.message };
}
