import { isRecord } from '../../../sandbox/exchange.js';
import { readComponents, showPoll } from './components.js';
import { type DiscordCall, DiscordRefusal, refuseField } from './discord-call.js';
import { thingsOf, type Wire } from './wire.js';

const MOST_FILE_BYTES = 10_485_760;
const ACTION_ROW = 1;
/** @see https://discord.com/developers/docs/resources/message#message-object-message-flags */
const IS_COMPONENTS_V2 = 1 << 15;

function readStickers(call: DiscordCall, ids: unknown): Wire[] {
  if (!Array.isArray(ids)) return [];
  if (ids.length > 3)
    throw refuseField(['sticker_ids'], 'BASE_TYPE_MAX_LENGTH', 'Must be 3 or fewer.');
  const known = [...call.world.guilds.values()].map((guild) => thingsOf(guild, 'stickers'));
  return ids.map((id: unknown) => {
    const sticker = known.map((stickers) => stickers.get(String(id))).find(Boolean);
    if (!sticker) throw new DiscordRefusal(400, 50_081, 'Invalid sticker');
    return { id: sticker['id'], name: sticker['name'], format_type: sticker['format_type'] };
  });
}

/** What a message is made of, checked against the published limits. */
export function readContent(call: DiscordCall, body: Wire, isEdit = false) {
  const content = body['content'] ?? '';
  if (typeof content !== 'string')
    throw refuseField(['content'], 'STRING_TYPE_CONVERT', 'Could not interpret as string.');
  requireLength(['content'], content, 2_000);
  const embeds = readEmbeds(body['embeds']);
  const files = call.readFiles() ?? [];
  if (files.length > 10)
    throw refuseField(['attachments'], 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  if (files.some(({ size }) => size > MOST_FILE_BYTES))
    throw new DiscordRefusal(413, 40_005, 'Request entity too large');
  const components = readComponents(body['components']);
  const flags = Number(body['flags'] ?? 0);
  const isV2 = (flags & IS_COMPONENTS_V2) !== 0;
  if (isV2 && (content !== '' || embeds.length > 0 || isRecord(body['poll'])))
    throw refuseField(
      ['content'],
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      'The "content" field cannot be used when using MessageFlags.IS_COMPONENTS_V2',
    );
  if (!isV2 && components.some(({ type }) => type !== ACTION_ROW))
    throw refuseField(
      ['components'],
      'UNION_TYPE_CHOICES',
      'Value of field "type" must be one of (1,).',
    );
  const stickers = readStickers(call, body['sticker_ids']);
  const extra: Wire = {
    ...(flags !== 0 && { flags }),
    ...(components.length > 0 && { components }),
    ...(stickers.length > 0 && { sticker_items: stickers }),
    ...(isRecord(body['poll']) && { poll: showPoll(body['poll'], call.world.now()) }),
    ...(body['tts'] === true && { tts: true }),
  };
  const isForward = isRecord(body['message_reference']) && body['message_reference']['type'] === 1;
  const hasMore = components.length + stickers.length > 0 || isRecord(body['poll']);
  if (
    content === '' &&
    embeds.length === 0 &&
    files.length === 0 &&
    !hasMore &&
    !isForward &&
    !isEdit
  )
    throw new DiscordRefusal(400, 50_006, 'Cannot send an empty message');
  const attachments = files.map(({ filename = '', size }, index) => ({
    id: String(index),
    filename,
    size,
  }));
  return {
    content,
    embeds,
    attachments,
    allowed_mentions: body['allowed_mentions'] ?? null,
    extra,
  };
}

const EMBED_TEXTS = [
  ['title', 256],
  ['description', 4_096],
] as const;

function readEmbeds(value: unknown): readonly Record<string, unknown>[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isRecord))
    throw refuseField(['embeds'], 'LIST_TYPE_CONVERT', 'Only iterables may be used.');
  if (value.length > 10)
    throw refuseField(['embeds'], 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  let total = 0;
  for (const [index, embed] of value.entries()) {
    const at = (...path: string[]): string[] => ['embeds', String(index), ...path];
    const count = (path: string[], text: unknown, max: number): void => {
      if (text === undefined || text === null) return;
      if (typeof text !== 'string')
        throw refuseField(at(...path), 'STRING_TYPE_CONVERT', 'Could not interpret as string.');
      requireLength(at(...path), text, max);
      total += [...text].length;
    };
    for (const [name, max] of EMBED_TEXTS) count([name], embed[name], max);
    if (embed['color'] !== undefined && !Number.isInteger(embed['color']))
      throw refuseField(at('color'), 'NUMBER_TYPE_COERCE', 'Value is not int.');
    if (isRecord(embed['footer'])) count(['footer', 'text'], embed['footer']['text'], 2_048);
    if (isRecord(embed['author'])) count(['author', 'name'], embed['author']['name'], 256);
    const fields = Array.isArray(embed['fields']) ? embed['fields'] : [];
    if (fields.length > 25)
      throw refuseField(at('fields'), 'BASE_TYPE_MAX_LENGTH', 'Must be 25 or fewer in length.');
    for (const [place, field] of fields.entries()) {
      if (!isRecord(field)) continue;
      count(['fields', String(place), 'name'], field['name'], 256);
      count(['fields', String(place), 'value'], field['value'], 1_024);
    }
  }
  if (total > 6_000)
    throw refuseField(['embeds'], 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum of 6000');
  return value;
}

/** What counts as a character is unpublished; simulated: code points. */
function requireLength(path: readonly string[], text: string, max: number): void {
  if ([...text].length > max)
    throw refuseField(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
}
